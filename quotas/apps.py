from django.apps import AppConfig


class QuotasConfig(AppConfig):
    """How much somebody may: requests a minute, and what executions may use in a day or a month."""

    name = "quotas"

    def ready(self) -> None:
        """Has the engine's statements ask the ledger, hears of limits from elsewhere, and tells how long it is kept."""
        from quotas import consuming
        from quotas.keeping import erasure, retention
        from quotas.ledger import admission, events
        from quotas.pages import palette

        for telling in (admission, events, consuming):
            telling.register()
        for each in (retention, erasure):
            each.declare()
        palette.declare()
