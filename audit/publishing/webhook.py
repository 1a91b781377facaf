"""Heads by a signed POST to AUDIT_HEAD_WEBHOOK (https://www.standardwebhooks.com)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import orjson
from django.conf import settings

from audit.chain.heads import Head
from audit.publishing.calls import post
from audit.publishing.errors import NotPublished
from foundation.http.standard_webhooks import signed

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
    status, _ = post(settings.ENV.audit_head_webhook, body, {"Content-Type": "application/json", **headers}, who=WHO)
    if not 200 <= status < 300:
        raise NotPublished(f"{WHO} answered with status {status}")
