"""The EventManager that the environment names."""

from __future__ import annotations

from django.conf import settings

from foundation.http.standard_webhooks import secret_of
from integrations.event_manager.client import EventManager


def configured() -> EventManager:
    """Its client, to be entered."""
    environment = settings.ENV
    token, secret = environment.event_manager_token, environment.event_signing_secret
    return EventManager(
        environment.event_manager_url or "",
        token=token.get_secret_value() if token else "",
        secret=secret_of(secret.get_secret_value()) if secret else b"",
    )
