"""The way out to providers: one pool of connections, four clocks, caps on what comes back."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import SocketFactoryType
from aiohttp.abc import AbstractResolver

from foundation.traces.context import passed_on
from providers.base import Timeouts
from providers.errors import Code, ProviderFailure
from providers.http.clock import Clock
from providers.http.inflate import GZIP, Inflate, inflate_for
from providers.wires.failures import malformed, too_large

DNS_TTL = 60
KEEPALIVE = 30.0
ERROR_BYTES = 16 * 1024
GRACE = 0.05
"""Seconds that the end of a body may take to follow the answer's end; then its connection is not worth keeping."""


class Transport:
    """Connections to providers, pooled. Close it before its event loop ends; in another loop it begins anew.

    Redirects are not followed (a key would travel along), cookies not kept, proxies of the environment not
    used, compression not asked for. `unix_socket`: everything goes there, whatever host the URL names.
    `resolver`: decides which addresses a name may lead to; `socket_factory`: which are connected to.
    """

    def __init__(
        self,
        *,
        unix_socket: Path | None = None,
        resolver: AbstractResolver | None = None,
        socket_factory: SocketFactoryType | None = None,
    ) -> None:
        self._unix_socket = unix_socket
        self._resolver = resolver
        self._socket_factory = socket_factory
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeouts: Timeouts,
        body_bytes: int,
    ) -> Call:
        """A call, sent by `async with`; at most `body_bytes` of its (unpacked) answer are read."""
        return Call(self._open_session(), method, url, headers, body, timeouts, body_bytes)

    async def close(self) -> None:
        """Closes every connection; the transport may be used again."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _open_session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._loop is not loop:
            self._loop = loop
            connector: aiohttp.BaseConnector
            if self._unix_socket is not None:
                connector = aiohttp.UnixConnector(str(self._unix_socket), limit=0, keepalive_timeout=KEEPALIVE)
            else:
                connector = aiohttp.TCPConnector(
                    limit=0,
                    keepalive_timeout=KEEPALIVE,
                    ttl_dns_cache=DNS_TTL,
                    resolver=self._resolver,
                    socket_factory=self._socket_factory,
                )
            self._session = aiohttp.ClientSession(
                connector=connector,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept-Encoding": "identity", "User-Agent": "llm-playground"},
                trust_env=False,
            )
        return self._session


class Call:
    """One request and its answer; leaving the block closes the connection unless the body was read to its end."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeouts: Timeouts,
        body_bytes: int,
    ) -> None:
        self._session = session
        self._method, self._url, self._headers, self._body = method, url, headers, body
        self._timeouts = timeouts
        self._bytes_left = body_bytes
        self._has_begun = False

    async def __aenter__(self) -> Self:
        started = asyncio.get_running_loop().time()
        self._response = await self._send()
        self.status = self._response.status
        self.headers = self._response.headers
        self.content_type = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self._content = self._response.content
        self.clock = Clock(self._timeouts, started=started, expire=self._expire)
        try:
            self._inflate = inflate_for(self.headers.get("Content-Encoding", ""))
        except ProviderFailure:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clock.stop()
        self._response.close()  # A connection whose body was read to its end is back in the pool by now.

    async def _send(self) -> aiohttp.ClientResponse:
        """The answer's head. The first byte's clock runs from here on and includes connecting."""
        clocks = self._timeouts
        patience = min(clocks.first_byte, clocks.total)
        limits = aiohttp.ClientTimeout(total=None, connect=min(clocks.connect, patience))
        try:
            async with asyncio.timeout(patience):
                try:
                    return await self._request(limits)
                except aiohttp.ClientOSError as error:
                    if not _was_never_sent(error):
                        raise
                return await self._request(limits)
        except aiohttp.ServerTimeoutError:
            raise ProviderFailure(Code.TIMEOUT_CONNECT, is_retryable=True) from None
        except TimeoutError:
            is_total = clocks.total <= clocks.first_byte
            # It has the request, and may bill it: to send it again is nobody's decision but the user's.
            raise ProviderFailure(Code.TIMEOUT_TOTAL if is_total else Code.TIMEOUT_FIRST_BYTE) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # Their own texts name URLs, and URLs may carry credentials.
            raise _unreachable(error) from None

    async def _request(self, limits: aiohttp.ClientTimeout) -> aiohttp.ClientResponse:
        headers = {**self._headers, **passed_on()}
        return await self._session.request(
            self._method, self._url, data=self._body, headers=headers, allow_redirects=False, timeout=limits
        )

    async def read(self) -> bytes:
        """What has come since the last reading, unpacked; b"" at the body's regular end.

        Raises STREAM_CUT, one of the TIMEOUT codes, OUTPUT_TOO_LARGE.
        """
        inflate = self._inflate
        if not self._has_begun:
            data = await self._read_first()
        else:
            data = await self._read_raw() if inflate is None else await self._read_packed(inflate)
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            raise too_large("Its bytes are more than a run may bring.")
        return data

    async def _read_first(self) -> bytes:
        """The first piece, which tells whether the body is compressed without saying so."""
        self._has_begun = True
        if self._inflate is not None:
            return await self._read_packed(self._inflate)
        data = await self._read_raw()
        if not data.startswith(GZIP[:1]):
            return data
        self._inflate = Inflate()
        return self._inflate.feed(data) or await self._read_packed(self._inflate)

    async def _read_raw(self) -> bytes:
        self.clock.wait()
        try:
            data = await self._content.readany()
        except (aiohttp.ClientError, OSError):
            raise ProviderFailure(Code.STREAM_CUT, is_retryable=True) from None
        self.clock.got()
        return data

    async def _read_packed(self, inflate: Inflate) -> bytes:
        while True:
            if inflate.has_more:
                await asyncio.sleep(0)  # Unpacking waits for nobody: others get their turn here.
                data = b""
            elif not (data := await self._read_raw()):
                return b""
            if piece := inflate.feed(data):
                return piece

    async def read_all(self) -> bytes:
        """The whole body."""
        parts = []
        while data := await self.read():
            parts.append(data)
        return b"".join(parts)

    async def read_beginning(self, limit: int = ERROR_BYTES) -> bytes:
        """Up to `limit` bytes, or what came before something went wrong: for error answers."""
        self.clock.hurry(3.0)
        said = b""
        try:
            while len(said) < limit and (data := await self.read()):
                said += data
        except ProviderFailure:
            pass
        return said[:limit]

    async def finish(self) -> bytes:
        """After the answer's own end: takes the end of the body too, so that the connection can be used again.

        What came with it is given, as far as it came at once.
        """
        said = b""
        try:
            async with asyncio.timeout(GRACE):
                while len(said) < ERROR_BYTES and not self._content.at_eof() and (data := await self.read()):
                    said += data
        except (TimeoutError, ProviderFailure):
            pass
        return said

    def _expire(self, failure: ProviderFailure) -> None:
        self._content.set_exception(failure)
        self._response.close()


def _was_never_sent(error: aiohttp.ClientOSError) -> bool:
    """A pooled connection that the server was just closing: the request was not written, so it may be sent again."""
    closing = aiohttp.ClientConnectionResetError
    return isinstance(error, closing) or isinstance(error.__cause__, closing)


def _unreachable(error: Exception) -> ProviderFailure:
    """Why there is no answer at all, in our words."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return ProviderFailure(Code.PROVIDER_UNREACHABLE, "Its TLS certificate is not valid.")
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return ProviderFailure(Code.PROVIDER_UNREACHABLE, "TLS could not be set up with it.")
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return ProviderFailure(Code.PROVIDER_UNREACHABLE, "Its base URL is not an http(s) URL.")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return ProviderFailure(Code.PROVIDER_UNREACHABLE, "Its host name is not known.", is_retryable=True)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ServerDisconnectedError | OSError):
        is_refused = isinstance(error, aiohttp.ClientConnectorError)
        why = "It does not take connections." if is_refused else "It closed the connection without an answer."
        return ProviderFailure(Code.PROVIDER_UNREACHABLE, why, is_retryable=True)
    if isinstance(error, aiohttp.ClientResponseError):
        return malformed("What came back is not HTTP")
    return ProviderFailure(Code.PROVIDER_UNREACHABLE, is_retryable=True)
