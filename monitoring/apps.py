from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """What goes wrong in the service itself."""

    name = "monitoring"

    def ready(self) -> None:
        """Tells how long errors, samples and alerts are kept, and has alerts judged after each sample."""
        from monitoring.alerts.judging import judge_after
        from monitoring.keeping import retention
        from monitoring.pages import palette
        from monitoring.samples.taking import after_each

        retention.declare()
        after_each(judge_after)
        palette.declare()
