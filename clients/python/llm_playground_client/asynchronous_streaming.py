"""A run's events for asynchronous code: `Stream`, awaited."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple, Self

import httpx

from llm_playground_client.carrying import answer_of, arguments, away_or_raise
from llm_playground_client.errors import PlaygroundError, Unreachable
from llm_playground_client.events import Event, Frames
from llm_playground_client.execution import Execution
from llm_playground_client.flows import execution
from llm_playground_client.messages import Flow, accepted
from llm_playground_client.reading import Reading


class AsyncStream:
    """Iterates over the events of one run. Leaving it before the last one cancels the run."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        carried_out: Callable[[Flow[Any]], Awaitable[Any]],
        body: Flow[dict[str, Any]],
        *,
        key: str | None,
    ) -> None:
        self._reading = Reading(key)
        # Knows nothing of this object: whoever leaves a loop over it drops both, and the run is cancelled at once.
        self._events = _read(_Line(http, carried_out), body, self._reading)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self._events

    async def aclose(self) -> None:
        """Ends the reading, and cancels the run where it has not ended."""
        await self._events.aclose()

    @property
    def execution_id(self) -> str:
        """The run's id, once it has begun."""
        return self._reading.execution_id

    @property
    def execution(self) -> Execution | None:
        """The whole run, once it has ended."""
        return self._reading.execution


class _Line(NamedTuple):
    """How the service is reached."""

    http: httpx.AsyncClient
    carried_out: Callable[[Flow[Any]], Awaitable[Any]]


async def _read(line: _Line, body: Flow[dict[str, Any]], reading: Reading) -> AsyncGenerator[Event, None]:
    reading.begin(await line.carried_out(body))
    try:
        while not reading.is_over:
            lost: Unreachable | None = None
            try:
                async for event in _connection(line.http, reading):
                    if reading.takes(event):
                        yield event
            except Unreachable as error:
                lost = error
            if not reading.is_over:
                await asyncio.sleep(reading.pause(lost))
    except PlaygroundError:
        raise  # nobody left: the run is the service's
    except BaseException:
        await _cancel(line, reading)
        raise


async def _connection(http: httpx.AsyncClient, reading: Reading) -> AsyncIterator[Event]:
    frames = Frames()
    try:
        async with http.stream(**arguments(reading.request)) as response:
            if response.status_code != 200:
                await response.aread()
                accepted(answer_of(response))
            async for chunk in response.aiter_bytes():
                for event in frames.feed(chunk):
                    yield event
    except (httpx.HTTPError, RuntimeError) as error:
        raise away_or_raise(error, http.base_url) from None


async def _cancel(line: _Line, reading: Reading) -> None:
    if reading.execution_id and not reading.is_over:
        with contextlib.suppress(PlaygroundError):
            await line.carried_out(execution(reading.execution_id, cancels=True))
