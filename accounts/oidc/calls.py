"""Calls to the provider: few, short, and to no address of our own networks but the host that the operator named.

Endpoints come from the discovery document. Those on the issuer's host may lie in a private network, as it may;
any other must be of the public internet. No redirects are followed: a code or a secret would travel along.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import orjson
from django.conf import settings

from accounts.oidc.errors import ProviderAway
from foundation.http.guarded import AddressRefused, GuardedResolver, check_url, guarded_socket

PATIENCE: Final = 5.0
"""Seconds for the whole of one call."""
LARGEST_ANSWER: Final = 256 * 1024


def check_endpoint(url: str) -> None:
    """Raises AddressRefused for an endpoint that we do not call."""
    check_url(url, allow_private=_is_issuers(url))
    check_scheme(url)


def check_scheme(url: str) -> None:
    """Raises AddressRefused for an endpoint in clear, unless the issuer's is (on this machine)."""
    if urlsplit(url).scheme != "https" and urlsplit(settings.ENV.oidc_issuer).scheme == "https":
        raise AddressRefused("an https URL is expected")


async def get_json(url: str) -> dict[str, Any]:
    """The JSON object at `url`; raises ProviderAway."""
    status, found = await _call("GET", url)
    if status != 200 or found is None:
        raise ProviderAway
    return found


async def post_form(
    url: str, form: Mapping[str, str], *, headers: Mapping[str, str]
) -> tuple[int, dict[str, Any] | None]:
    """Status and JSON object that a form is answered with; raises ProviderAway."""
    return await _call("POST", url, form=form, headers=headers)


async def _call(
    method: str, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, Any] | None]:
    try:
        check_endpoint(url)
        async with (
            aiohttp.ClientSession(
                connector=_connector(url),
                timeout=aiohttp.ClientTimeout(total=PATIENCE),
                headers={"Accept": "application/json", "User-Agent": "llm-playground"},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            ) as session,
            session.request(method, url, data=form, headers=headers, allow_redirects=False) as response,
        ):
            return response.status, _read(await _body(response))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        # Their own texts name URLs.
        raise ProviderAway from None


def _connector(url: str) -> aiohttp.TCPConnector:
    if _is_issuers(url):
        return aiohttp.TCPConnector()
    return aiohttp.TCPConnector(resolver=GuardedResolver(), socket_factory=guarded_socket)


def _is_issuers(url: str) -> bool:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return False
    return host is not None and host == urlsplit(settings.ENV.oidc_issuer).hostname


async def _body(response: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_chunked(16 * 1024):
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            raise ProviderAway
    return b"".join(parts)


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
