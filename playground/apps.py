from django.apps import AppConfig


class PlaygroundConfig(AppConfig):
    """Execution Engine: prompts run on models, streamed and kept."""

    name = "playground"

    def ready(self) -> None:
        """Has files kept that versions of templates name."""
        from playground.attachments import uses

        uses.connect()
