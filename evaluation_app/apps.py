from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Evaluation Engine: tests of prompts by repeated runs, their scores and what they show."""

    name = "evaluation_app"

    def ready(self) -> None:
        """Has a say when labels move, and hears of templates that change."""
        from evaluation_app.suites import gate, tending

        gate.register()
        tending.register()
