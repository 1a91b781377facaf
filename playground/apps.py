from django.apps import AppConfig


class PlaygroundConfig(AppConfig):
    """Execution Engine: prompts run on models, streamed and kept."""

    name = "playground"
