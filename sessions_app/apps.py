from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Session Handler: where executions are kept together."""

    name = "sessions_app"
