from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, their roles, and the doors by which they come in."""

    name = "accounts"

    def ready(self) -> None:
        """Makes the OpenAPI document know the ways to sign in, and hears of people from elsewhere."""
        from accounts.api import openapi  # noqa: F401 - registers itself
        from accounts.bearer import consuming

        consuming.register()
