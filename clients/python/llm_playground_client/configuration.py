"""Where the service is and who asks: by arguments, else by PLAYGROUND_URL and PLAYGROUND_TOKEN."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from typing import Final

import httpx

from llm_playground_client.errors import Misconfigured

Token = str | Callable[[], str]
"""A token, or what gives the present one: access tokens live for minutes."""
CONNECT_SECONDS: Final = 5.0


def address(url: str | None) -> str:
    """The service's address without a slash at its end."""
    given = (url or os.environ.get("PLAYGROUND_URL") or "").strip().rstrip("/")
    if not given:
        raise Misconfigured("No address: set PLAYGROUND_URL, or give url=….")
    try:
        parsed = httpx.URL(given)
    except (httpx.InvalidURL, ValueError):
        raise Misconfigured("PLAYGROUND_URL is no address.") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise Misconfigured("PLAYGROUND_URL begins with http:// or https:// and names a host.")
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise Misconfigured("PLAYGROUND_URL is an address alone, without user, query or fragment.")
    return given


class Bearer(httpx.Auth):
    """Puts the token on each request; it is asked for anew each time, and never shown."""

    def __init__(self, token: Token | None) -> None:
        self._token = token if callable(token) else checked(token or os.environ.get("PLAYGROUND_TOKEN") or "")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = checked(self._token()) if callable(self._token) else self._token
        request.headers["Authorization"] = f"Bearer {token}"
        yield request


def checked(token: str) -> str:
    """The token, of characters that may stand in a header."""
    token = token.strip()
    if not token:
        raise Misconfigured("No token: set PLAYGROUND_TOKEN, or give token=….")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Misconfigured("The token holds a character that no token has.")
    return token
