from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What runs have cost, laid beside what others say of it."""

    name = "analytics"
