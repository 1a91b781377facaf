"""Heads by a signed POST to AUDIT_HEAD_WEBHOOK (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import orjson
from django.conf import settings

from audit.chain.heads import Head
from audit.publishing.calls import post
from audit.publishing.errors import NotPublished

WHO: Final = "the webhook"


def send(heads: Sequence[Head]) -> None:
    """One call for all: `{"heads": […]}`. The same heads come with the same `webhook-id` again."""
    secret = settings.ENV.audit_head_secret
    body = orjson.dumps({"heads": [asdict(head) for head in heads]})
    identity = orjson.dumps([[head.organisation, head.number, head.hash] for head in heads])
    headers = signed(
        secret.get_secret_value().encode() if secret else b"",
        name=hashlib.sha256(identity).hexdigest()[:32],
        timestamp=int(time.time()),
        body=body,
    )
    status, _ = post(settings.ENV.audit_head_webhook, body, headers, who=WHO)
    if not 200 <= status < 300:
        raise NotPublished(f"{WHO} answered with status {status}")


def signed(secret: bytes, *, name: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that show who sent this body, and when: HMAC-SHA256 of id, time and body."""
    told = hmac.digest(secret, f"{name}.{timestamp}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(told).decode()}",
    }
