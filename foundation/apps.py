from django.apps import AppConfig


class FoundationConfig(AppConfig):
    """What every app uses and that knows no app."""

    name = "foundation"
