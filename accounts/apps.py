from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, their roles, and the doors by which they come in."""

    name = "accounts"

    def ready(self) -> None:
        """Makes the OpenAPI document know the ways to sign in, and hears of people from elsewhere."""
        from accounts import people
        from accounts.api import openapi  # noqa: F401 - registers itself
        from accounts.bearer import consuming
        from accounts.pages import palette
        from events.webhooks import hearing

        consuming.register()
        hearing.judged_by(people.is_administrator, of_teams=people.manages_team_as_member)
        palette.declare()
