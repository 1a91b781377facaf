"""With what is signed what is sent to somebody's address (`foundation.http.standard_webhooks`)."""

from __future__ import annotations

import base64
from uuid import UUID


def secret_of(user_id: UUID) -> bytes:
    """A person's own secret: 32 bytes, made of the installation's `SECRET_KEY`."""
    from django.utils.crypto import salted_hmac

    return salted_hmac("evaluation_app.webhook", str(user_id), algorithm="sha256").digest()


def written(secret: bytes) -> str:
    """The secret as libraries of Standard Webhooks take it."""
    return "whsec_" + base64.b64encode(secret).decode()
