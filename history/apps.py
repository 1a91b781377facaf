from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """What was run in a session: read, searched, exported, imported, copied, summed up."""

    name = "history"

    def ready(self) -> None:
        """Registers where a session's page is."""
        from audit.places import has_page

        has_page("session", "session")
