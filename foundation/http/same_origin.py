"""Sockets take no page of another site: browsers send cookies with a handshake from anywhere, and ask nobody.

A handshake with an Origin must come from the address that it goes to, or from CORS_ORIGINS. One
without (no browser) must show a bearer token, since then no cookie can have been borrowed.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host


class SameOrigin:
    """Refuses foreign handshakes with 403 before the application hears of them."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if is_allowed(headers):
            await self._application(scope, receive, send)
        else:
            # Closed before it was accepted: the server answers the handshake with 403.
            await send({"type": "websocket.close", "code": 4403})


def is_allowed(headers: dict[bytes, str]) -> bool:
    """Whether a handshake with these headers may go on."""
    host, origin = headers.get(b"host", ""), headers.get(b"origin")
    if not validate_host(urlsplit(f"//{host}").hostname or "", settings.ALLOWED_HOSTS):
        return False
    if origin is None:
        return headers.get(b"authorization", "").lower().startswith("bearer ")
    return urlsplit(origin).netloc == host or origin in settings.CORS_ALLOWED_ORIGINS
