"""One signed call of a webhook: guarded, ten seconds at most, no redirects; its answer is not kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import orjson
from django.conf import settings

from events.models import Webhook
from events.webhooks.errors import WebhookAway
from foundation.http.guarded import AddressRefused, GuardedResolver, check_url, guarded_socket
from foundation.http.standard_webhooks import secret_of, signed
from integrations.event_manager.client import Answer, retry_after

PATIENCE: Final = 10.0
"""Seconds for a whole call."""
SIGNATURE: Final = "webhook-signature"


def is_trusted(url: str) -> bool:
    """Whether the operator has named the address's host: it may lie in a private network."""
    try:
        return urlsplit(url).netloc.lower() in settings.ENV.webhook_hosts
    except ValueError:
        return False


NO_ANSWER: Final[Sequence[tuple[type[Exception], str]]] = (
    (aiohttp.ClientConnectorDNSError, "no machine of its name is known"),
    (aiohttp.ClientSSLError, "its certificate is not accepted"),
    (aiohttp.ClientConnectorError, "nothing takes calls at its address"),
    (TimeoutError, "none came in time"),
    (aiohttp.ServerDisconnectedError, "it hung up"),
)
"""Why there was none, by what was raised."""


def call(webhook: Webhook, events: Sequence[Mapping[str, Any]], name: str, *, content_type: str) -> Answer:
    """Sends the one event under this id; raises WebhookAway."""
    url = webhook.url
    try:
        check_url(url, allow_private=is_trusted(url))
    except AddressRefused as error:
        raise WebhookAway(f"The address is refused: {error}.") from None
    body = orjson.dumps(events[0])
    headers = {"Content-Type": content_type, **signatures(webhook, name, body, now=time.time())}
    try:
        return asyncio.run(_post(url, body, headers))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        # Their own texts name addresses.
        raise WebhookAway(f"It gave no answer: {_why(error)}.") from None


def _why(error: Exception) -> str:
    """In words, the nearest of these; the most special stands first."""
    return next((words for kind, words in NO_ANSWER if isinstance(error, kind)), "the connection failed")


def signatures(webhook: Webhook, name: str, body: bytes, *, now: float) -> dict[str, str]:
    """The headers of Standard Webhooks; for a day after a rotation they hold both secrets' signatures."""
    headers = signed(secret_of(webhook.secret), name=name, timestamp=int(now), body=body)
    until = webhook.old_secret_until
    if webhook.old_secret and until is not None and now < until.timestamp():
        old = signed(secret_of(webhook.old_secret), name=name, timestamp=int(now), body=body)
        headers[SIGNATURE] += f" {old[SIGNATURE]}"
    return headers


async def _post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    connector = (
        aiohttp.TCPConnector()
        if is_trusted(url)
        else aiohttp.TCPConnector(resolver=GuardedResolver(), socket_factory=guarded_socket)
    )
    async with (
        aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "llm-playground"},
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            trust_env=False,
        ) as session,
        session.post(url, data=body, headers=headers, allow_redirects=False) as response,
    ):
        return Answer(response.status, retry_after=retry_after(response.headers))
