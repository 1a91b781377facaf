from django.apps import AppConfig


class TemplatesConfig(AppConfig):
    """Template Manager: prompts that are kept, versioned, shared and handed to production."""

    name = "templates_app"
    verbose_name = "Templates"

    def ready(self) -> None:
        """Registers what an execution's end does to its rows, how long they are kept, and where their page is."""
        from audit.places import has_page
        from providers.retiring import uses
        from templates_app.keeping import erasure, own_data, retention
        from templates_app.pages import palette
        from templates_app.versions import counters, model_uses

        counters.register()
        uses.register(model_uses.find)
        for each in (retention, erasure, own_data):
            each.declare()
        has_page("template", "template")
        palette.declare()
