"""One read (GET) of a service's JSON.

The address is the operator's and lies in a private network as a rule, so it is not put through the guard of addresses
that users type. No redirects, no proxies from the environment: the caller's token goes where it was meant to and
nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import aiohttp
import orjson

from foundation.traces.context import passed_on
from integrations.client.credentials import headers_for
from integrations.client.errors import NotThere, ServiceAway, ServiceBroken, ServiceRefused
from integrations.client.standing import Standing, standing_of

PATIENCE: Final = 3.0
"""Seconds for everything, retries included."""
LARGEST_ANSWER: Final = 4 * 2**20
TRIES: Final = 2
PAUSE: Final = 0.2
PASSING: Final = frozenset({502, 503, 504})
"""Statuses of a gateway whose service is just coming back: worth a second try, since a read changes nothing."""


class Reader:
    """Reads as one caller from one service; every method raises ServiceFailed."""

    def __init__(self, service: str, base_url: str, *, user_id: UUID, authorization: str = "") -> None:
        self._service = service
        self._base_url = base_url
        self._user_id = user_id
        self._authorization = authorization

    async def get(
        self, path: str, params: Mapping[str, str | int | float] | None = None, *, patience: float = PATIENCE
    ) -> Any:
        """The JSON value at `path` (which begins with a slash)."""
        standing = standing_of(self._service, self._base_url)
        standing.check()
        headers = headers_for(self._base_url, user_id=self._user_id, authorization=self._authorization)
        headers |= {"Accept": "application/json", "Accept-Encoding": "identity", **passed_on()}
        try:
            async with asyncio.timeout(patience), aiohttp.ClientSession(headers=headers) as session:
                status, body = await self._tried(session, path, params or {})
        except (aiohttp.ClientError, TimeoutError, OSError):
            await standing.failed()
            raise ServiceAway(self._service) from None
        return await self._read(standing, status, body)

    async def _tried(
        self, session: aiohttp.ClientSession, path: str, params: Mapping[str, str | int | float]
    ) -> tuple[int, bytes | None]:
        for left in reversed(range(TRIES)):
            try:
                status, body = await self._once(session, path, params)
            except (aiohttp.ClientError, OSError) as error:
                if not left or isinstance(error, TimeoutError):
                    raise
            else:
                if not left or status not in PASSING:
                    break
            await asyncio.sleep(PAUSE)
        return status, body

    async def _once(
        self, session: aiohttp.ClientSession, path: str, params: Mapping[str, str | int | float]
    ) -> tuple[int, bytes | None]:
        """The status, and the body where it was a good one of a size that can be held."""
        async with session.get(f"{self._base_url}{path}", params=params, allow_redirects=False) as response:
            if response.status != 200:
                return response.status, None
            parts, size = [], 0
            async for part in response.content.iter_chunked(64 * 1024):
                parts.append(part)
                size += len(part)
                if size > LARGEST_ANSWER:
                    return response.status, None
            return response.status, b"".join(parts)

    async def _read(self, standing: Standing, status: int, body: bytes | None) -> Any:
        if status >= 500:
            await standing.failed()
            raise ServiceBroken(self._service, status)
        await standing.answered()
        if status in (401, 403):
            raise ServiceRefused(self._service)
        if status == 404:
            raise NotThere(self._service)
        if status != 200 or body is None:
            raise ServiceBroken(self._service, status)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise self.unreadable() from None

    def unreadable(self) -> ServiceBroken:
        """What is raised where JSON came and has not the shape of the contract."""
        return ServiceBroken(self._service, 200)


def segment(text: str) -> str:
    """A text as one segment of a path, whatever it holds."""
    return quote(text, safe="")
