from typing import Any

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class FoundationConfig(AppConfig):
    """What every app uses and that knows no app."""

    name = "foundation"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        from foundation.presentation.field_names import name_plainly
        from foundation.presentation.form_errors import tell_plainly

        # Before any form or model is declared: they take sentences and names over when they are made.
        tell_plainly()
        name_plainly()

    def ready(self) -> None:
        """Tells of the machine that the service is on."""
        from foundation.metrics import of_host

        of_host.declare()


class StaticFiles(StaticFilesConfig):
    """Django's static files without the style sheet's source, which is built, not served."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "src"]
