from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """How long things are kept, how a person is erased, and what they may take with them."""

    name = "privacy"
