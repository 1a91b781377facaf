from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, their roles, and the doors by which they come in."""

    name = "accounts"
