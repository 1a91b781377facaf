from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """What leaves the service about people, how long things are kept, and how a person is erased."""

    name = "privacy"

    def ready(self) -> None:
        """Tells how long the rows of the apps below are kept, has nobody removed whom a hold is on, and
        hears of people who have left.
        """
        from privacy import consuming, holds
        from privacy.below import erasure, own_data, retention
        from privacy.pages import palette

        holds.connect()
        consuming.register()
        for each in (retention, erasure, own_data):
            each.declare()
        palette.declare()
