"""Heads by a signed POST to AUDIT_HEAD_WEBHOOK (https://www.standardwebhooks.com)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import aiohttp
import orjson
from django.conf import settings

from audit.chain.heads import Head
from audit.publishing.errors import NotPublished

PATIENCE: Final = 10.0
"""Seconds for the whole call."""


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
    status = asyncio.run(_post(settings.ENV.audit_head_webhook, body, headers))
    if not 200 <= status < 300:
        raise NotPublished(f"the webhook answered with status {status}")


def signed(secret: bytes, *, name: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that show who sent this body, and when: HMAC-SHA256 of id, time and body."""
    told = hmac.digest(secret, f"{name}.{timestamp}.".encode() + body, "sha256")
    return {
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(told).decode()}",
    }


async def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer. No redirect is followed; the operator named the host: it may lie in their network."""
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=PATIENCE),
                headers={"Content-Type": "application/json", "User-Agent": "llm-playground"},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            ) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            return response.status
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NotPublished(f"the webhook gave no answer ({type(error).__name__})") from None
