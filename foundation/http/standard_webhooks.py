"""Calls whose sender and time can be told: Standard Webhooks (https://www.standardwebhooks.com), scheme v1."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Final

WINDOW: Final = 300
"""Seconds that a call may be old, or early."""
MARK: Final = "whsec_"


class NotSigned(Exception):
    """The call does not show who sent it; the sentence says why, and is safe to show."""


def secret_of(text: str) -> bytes:
    """The bytes of a secret: what stands behind `whsec_` is base64, anything else is taken as it is."""
    if not text.startswith(MARK):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(MARK), validate=True)
    except binascii.Error:
        return text.encode()


def signed(secret: bytes, *, name: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that show who sent this body, and when (seconds since 1970): HMAC-SHA256 of id, time and body."""
    return {
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_signature(secret, name, str(timestamp), body)}",
    }


def check(secret: bytes, headers: Mapping[str, str], body: bytes, *, now: float) -> None:
    """Raises NotSigned unless one of the signatures in `headers` is of this secret, body and time."""
    name, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not (name and timestamp and given):
        raise NotSigned("It is not signed.")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise NotSigned("Its time cannot be read.")
    if abs(now - int(timestamp)) > WINDOW:
        raise NotSigned("It is too old, or its clock is wrong.")
    expected = _signature(secret, name, timestamp, body).encode()
    shown = [each.removeprefix("v1,").encode() for each in given.split(" ") if each.startswith("v1,")]
    if not any(hmac.compare_digest(expected, each) for each in shown):
        raise NotSigned("Its signature does not hold.")


def _signature(secret: bytes, name: str, timestamp: str, body: bytes) -> str:
    told = hmac.digest(secret, f"{name}.{timestamp}.".encode() + body, "sha256")
    return base64.b64encode(told).decode()
