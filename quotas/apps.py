from django.apps import AppConfig


class QuotasConfig(AppConfig):
    """How much somebody may: requests a minute, and what executions may use in a day or a month."""

    name = "quotas"

    def ready(self) -> None:
        """Has the engine's statements ask the ledger."""
        from quotas.ledger import admission

        admission.register()
