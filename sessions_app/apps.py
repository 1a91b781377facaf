from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Session Handler: where executions are kept together."""

    name = "sessions_app"

    def ready(self) -> None:
        """Registers what an execution's end does to its rows."""
        from sessions_app import counters

        counters.register()
