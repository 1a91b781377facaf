from django.apps import AppConfig


class TemplatesConfig(AppConfig):
    """Template Manager: prompts that are kept, versioned, shared and handed to production."""

    name = "templates_app"

    def ready(self) -> None:
        """Registers what an execution's end does to its rows, how long they are kept, and where a template's page is."""
        from audit.places import has_page
        from templates_app.keeping import retention
        from templates_app.versions import counters

        counters.register()
        retention.declare()
        has_page("template", "template")
