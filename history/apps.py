from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """What was run in a session: read, searched, exported, imported, copied, summed up."""

    name = "history"
