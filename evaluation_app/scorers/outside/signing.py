"""How what is sent to somebody's address is signed: as Standard Webhooks does (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from uuid import UUID


def secret_of(user_id: UUID) -> bytes:
    """A person's own secret: 32 bytes, made of the installation's `SECRET_KEY`."""
    from django.utils.crypto import salted_hmac

    return salted_hmac("evaluation_app.webhook", str(user_id), algorithm="sha256").digest()


def written(secret: bytes) -> str:
    """The secret as libraries of Standard Webhooks take it."""
    return "whsec_" + base64.b64encode(secret).decode()


def signed(secret: bytes, *, name: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The headers that prove who sent this body, and when (seconds since 1970)."""
    digest = hmac.new(secret, f"{name}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": name, "webhook-timestamp": str(timestamp), "webhook-signature": signature}
