from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class FoundationConfig(AppConfig):
    """What every app uses and that knows no app."""

    name = "foundation"

    def ready(self) -> None:
        """Tells of the machine that the service is on, and forms what they say."""
        from foundation.metrics import of_host
        from foundation.presentation.form_errors import tell_plainly

        of_host.declare()
        tell_plainly()


class StaticFiles(StaticFilesConfig):
    """Django's static files without the style sheet's source, which is built, not served."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "src"]
