from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Session Handler: where executions are kept together."""

    name = "sessions_app"
    verbose_name = "Sessions"

    def ready(self) -> None:
        """Registers what an execution's end does to its rows, hears of projects, and tells how long they are kept."""
        from sessions_app import consuming, counters
        from sessions_app.keeping import erasure, own_data, retention

        counters.register()
        consuming.register()
        for each in (retention, erasure, own_data):
            each.declare()
