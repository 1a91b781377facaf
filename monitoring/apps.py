from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """What goes wrong in the service itself."""

    name = "monitoring"

    def ready(self) -> None:
        """Tells how long errors are kept."""
        from monitoring.keeping import retention

        retention.declare()
