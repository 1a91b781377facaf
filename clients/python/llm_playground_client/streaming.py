"""A run's events for ordinary code."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any, NamedTuple, Self

import httpx

from llm_playground_client.carrying import answer_of, arguments, away_or_raise
from llm_playground_client.errors import PlaygroundError, Unreachable
from llm_playground_client.events import Event, Frames
from llm_playground_client.execution import Execution
from llm_playground_client.flows import execution
from llm_playground_client.messages import Flow, accepted
from llm_playground_client.reading import Reading


class Stream:
    """Iterates over the events of one run. Leaving it before the last one cancels the run."""

    def __init__(
        self,
        http: httpx.Client,
        carried_out: Callable[[Flow[Any]], Any],
        body: Flow[dict[str, Any]],
        *,
        key: str | None,
    ) -> None:
        self._reading = Reading(key)
        # Knows nothing of this object: whoever leaves a loop over it drops both, and the run is cancelled at once.
        self._events = _read(_Line(http, carried_out), body, self._reading)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Event]:
        return self._events

    def close(self) -> None:
        """Ends the reading, and cancels the run where it has not ended."""
        self._events.close()

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

    http: httpx.Client
    carried_out: Callable[[Flow[Any]], Any]


def _read(line: _Line, body: Flow[dict[str, Any]], reading: Reading) -> Generator[Event, None, None]:
    reading.begin(line.carried_out(body))
    try:
        while not reading.is_over:
            lost: Unreachable | None = None
            try:
                yield from filter(reading.takes, _connection(line.http, reading))
            except Unreachable as error:
                lost = error
            if not reading.is_over:
                time.sleep(reading.pause(lost))
    except PlaygroundError:
        raise  # nobody left: the run is the service's
    except BaseException:
        _cancel(line, reading)
        raise


def _connection(http: httpx.Client, reading: Reading) -> Iterator[Event]:
    frames = Frames()
    try:
        with http.stream(**arguments(reading.request)) as response:
            if response.status_code != 200:
                response.read()
                accepted(answer_of(response))
            for chunk in response.iter_bytes():
                yield from frames.feed(chunk)
    except (httpx.HTTPError, RuntimeError) as error:
        raise away_or_raise(error, http.base_url) from None


def _cancel(line: _Line, reading: Reading) -> None:
    if reading.execution_id and not reading.is_over:
        with contextlib.suppress(PlaygroundError):
            line.carried_out(execution(reading.execution_id, cancels=True))
