"""The way to a server's address: our guarded calls under the SDK's HTTP client, bounded, without redirects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import aiohttp
import httpx2

from foundation.traces.context import passed_on
from foundation.words import number
from playground.tools.http import session_of

MOST_READ: Final = 4 * 2**20
"""Bytes of one answer."""
CONNECTING: Final = 10.0
HOP_BY_HOP: Final = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})
"""What says how an answer came; it is handed on unpacked."""


class Refused(httpx2.TransportError):
    """An answer that is not read; the message is safe to show."""


class Guarded(httpx2.AsyncBaseTransport):
    """Sends what the SDK's client sends; the first fault of all its calls stays in `fault`."""

    def __init__(self, *, is_guarded: bool) -> None:
        self._session = session_of(is_guarded=is_guarded)
        self.fault = ""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, whose body is read as it is asked for."""
        sent = await request.aread()
        headers = [(name.decode(), value.decode("latin-1")) for name, value in request.headers.raw]
        headers += passed_on().items()
        try:
            response = await self._session.request(
                request.method,
                str(request.url),
                headers=[each for each in headers if each[0].lower() not in ("host", "accept-encoding")],
                data=sent or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, connect=CONNECTING),
            )
        except (aiohttp.ClientError, OSError) as error:
            # Their own texts name addresses.
            self.fault = self.fault or f"It cannot be reached ({type(error).__name__})."
            raise httpx2.ConnectError(self.fault) from None
        if 300 <= response.status < 400:
            response.close()
            raise self._refused(f"It answered {response.status}: redirects are not followed.")
        if response.status in (401, 403):
            self.fault = self.fault or f"It answered {response.status}: it does not take our credentials."
        kept = [(name, value) for name, value in response.headers.items() if name.lower() not in HOP_BY_HOP]
        return httpx2.Response(response.status, headers=kept, stream=_Body(self, response), request=request)

    def _refused(self, message: str) -> Refused:
        self.fault = self.fault or message
        return Refused(message)

    async def aclose(self) -> None:
        """Ends every connection."""
        await self._session.close()


class _Body(httpx2.AsyncByteStream):
    def __init__(self, transport: Guarded, response: aiohttp.ClientResponse) -> None:
        self._transport, self._response = transport, response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for part in self._response.content.iter_any():
                size += len(part)
                if size > MOST_READ:
                    raise self._transport._refused(f"It answered with more than {number(MOST_READ)} bytes.")
                yield part
        except aiohttp.ClientError as error:
            raise self._transport._refused(f"Its answer broke off ({type(error).__name__}).") from None

    async def aclose(self) -> None:
        # Closed, not given back: what is left of an answer is not read.
        self._response.close()
