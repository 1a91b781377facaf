from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What runs have cost: laid beside what others say of it, and beside what was usual."""

    name = "analytics"

    def ready(self) -> None:
        """Tells how long its figures are kept, and what of them goes with a person."""
        from analytics.keeping import erasure, own_data, retention
        from analytics.pages import palette

        for each in (retention, erasure, own_data):
            each.declare()
        palette.declare()
