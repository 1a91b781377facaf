from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Where prompts are sent: wires, models and prices, and how each provider is doing."""

    name = "providers"
    verbose_name = "Providers and models"

    def ready(self) -> None:
        """Tells how long its rows are kept, and hears from elsewhere how providers do."""
        from providers.keeping import retention
        from providers.line import consuming

        retention.declare()
        consuming.register()
