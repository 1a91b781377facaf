"""A server that sends a piece now and then: the time counts for the whole answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from llm_playground_client import AsyncClient, Client, Unreachable

PIECES = 1_000


class Dripping(httpx.SyncByteStream, httpx.AsyncByteStream):
    """An answer in many pieces."""

    def __init__(self) -> None:
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        for self.sent in range(1, PIECES + 1):
            yield b" "

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


class Clock:
    """A second later each time it is looked at."""

    def __init__(self) -> None:
        self._seconds = itertools.count()

    def monotonic(self) -> float:
        """The time."""
        return float(next(self._seconds))


@pytest.fixture
def dripping(monkeypatch: pytest.MonkeyPatch) -> Dripping:
    """The answer, while the client looks at that clock."""
    monkeypatch.setattr("llm_playground_client.carrying.time", Clock())
    return Dripping()


def test_an_answer_that_drips_is_given_up(dripping: Dripping):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=dripping))
    with Client("http://playground", "t", transport=transport, timeout=30) as client, pytest.raises(Unreachable):
        client.templates()
    assert dripping.sent < PIECES


def test_an_answer_that_drips_is_given_up_by_the_asynchronous_client_too(dripping: Dripping):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=dripping))

    async def ask() -> None:
        async with AsyncClient("http://playground", "t", transport=transport, timeout=30) as client:
            with pytest.raises(Unreachable):
                await client.templates()

    asyncio.run(ask())
    assert dripping.sent < PIECES
