from django.apps import AppConfig


class TemplatesConfig(AppConfig):
    """Template Manager: prompts that are kept, versioned, shared and handed to production."""

    name = "templates_app"
