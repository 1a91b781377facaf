from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """What was run in a session: read, searched, exported, imported, copied, summed up."""

    name = "history"

    def ready(self) -> None:
        """Tells how long its rows are kept, and where a session's page is."""
        from audit.places import has_page
        from history.keeping import erasure, own_data, retention
        from history.pages import palette

        for each in (retention, erasure, own_data):
            each.declare()
        has_page("session", "session")
        palette.declare()
