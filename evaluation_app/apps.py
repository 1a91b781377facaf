from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Evaluation Engine: tests of prompts by repeated runs, their scores and what they show."""

    name = "evaluation_app"
