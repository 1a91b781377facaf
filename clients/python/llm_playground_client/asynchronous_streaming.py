"""A run's events for asynchronous code: `Stream`, awaited."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, Self

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
        self._http = http
        self._carried_out = carried_out
        self._body = body
        self._key = key
        self._reading: Reading | None = None
        self._events = self._read()

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
        return self._reading.execution_id if self._reading else ""

    @property
    def execution(self) -> Execution | None:
        """The whole run, once it has ended."""
        return self._reading.execution if self._reading else None

    async def _read(self) -> AsyncGenerator[Event, None]:
        self._reading = reading = Reading(await self._carried_out(self._body), key=self._key)
        try:
            while not reading.is_over:
                lost: Unreachable | None = None
                try:
                    async for event in self._connection(reading):
                        if reading.takes(event):
                            yield event
                except Unreachable as error:
                    lost = error
                if not reading.is_over:
                    await asyncio.sleep(reading.pause(lost))
        except PlaygroundError:
            raise  # nobody left: the run is the service's
        except BaseException:
            await self._cancel(reading)
            raise

    async def _connection(self, reading: Reading) -> AsyncIterator[Event]:
        frames = Frames()
        try:
            async with self._http.stream(**arguments(reading.request)) as response:
                if response.status_code != 200:
                    await response.aread()
                    accepted(answer_of(response))
                async for chunk in response.aiter_bytes():
                    for event in frames.feed(chunk):
                        yield event
        except (httpx.HTTPError, RuntimeError) as error:
            raise away_or_raise(error, self._http.base_url) from None

    async def _cancel(self, reading: Reading) -> None:
        if reading.execution_id and not reading.is_over:
            with contextlib.suppress(PlaygroundError):
                await self._carried_out(execution(reading.execution_id, cancels=True))
