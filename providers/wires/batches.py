"""Calls that are sent many at once and answered within a day, at a lower price: what both vendors' interfaces share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, NamedTuple

import orjson

from providers.base import ProviderEvent, ProviderRequest, Timeouts
from providers.errors import Code, ProviderFailure
from providers.wires.exchange import HTTPAdapter
from providers.wires.failures import malformed, too_large
from providers.wires.stream import read_whole

MOST_BYTES_OF_RESULTS: Final = 64 * 1024**3
"""Of a whole file, which is read line by line and never held."""
NEVER_TAKEN: Final = frozenset(
    {
        Code.RATE_LIMITED,
        Code.PROVIDER_QUOTA,
        Code.PROVIDER_AUTHENTICATION,
        Code.PROVIDER_REFUSED,
        Code.MODEL_NOT_FOUND,
        Code.CONTEXT_WINDOW_EXCEEDED,
        Code.TIMEOUT_CONNECT,
        Code.PROVIDER_UNAVAILABLE,
    }
)
"""Failures of a sending after which the provider surely has no batch; after any other one it is looked for."""


class Fate(StrEnum):
    """What became of one request of a batch."""

    ANSWERED = "answered"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Outcome(NamedTuple):
    """One request's: what was said, or why it was not."""

    custom_id: str
    fate: Fate
    events: list[ProviderEvent]
    failure: ProviderFailure | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a batch is."""

    is_over: bool
    answered: int
    failed: int
    results: tuple[str, ...] = ()
    """Addresses of what came of it."""
    refusal: ProviderFailure | None = None
    """Why the batch as a whole was not taken."""
    is_full: bool = False
    """It was not taken because others wait: later it may be."""


class Search(NamedTuple):
    """Whether the provider has a batch whose sending was not heard the end of."""

    found: str = ""
    """Its id."""
    is_open: bool = False
    """That cannot be told yet."""


def id_in(told: Mapping[str, Any]) -> str:
    """What the provider calls what it tells of; raises ProviderFailure where it names nothing."""
    id_ = told.get("id")
    if not isinstance(id_, str) or not id_ or len(id_) > 200:
        raise malformed("The answer names no id")
    return id_


class BatchAdapter(HTTPAdapter):
    """An adapter whose vendor has a batch interface; every call raises ProviderFailure."""

    most_requests: ClassVar[int]
    most_bytes: ClassVar[int]

    @abstractmethod
    def batch_line(self, custom_id: str, request: ProviderRequest) -> bytes:
        """One request of a batch as it is sent."""

    @abstractmethod
    async def send_batch(self, name: str, lines: Sequence[bytes], *, timeouts: Timeouts) -> str:
        """Sends a batch; the provider's id of it. `name` is ours."""

    @abstractmethod
    async def find_batch(
        self, name: str, *, count: int, since: datetime, is_ours: Callable[[str], bool], timeouts: Timeouts
    ) -> Search:
        """Looks for a batch of `count` requests that was sent after `since`, by our name or by its custom ids."""

    @abstractmethod
    async def batch_standing(self, batch_id: str, *, timeouts: Timeouts) -> Standing:
        """How far it is."""

    @abstractmethod
    def _address(self, batch_id: str) -> str: ...

    async def cancel_batch(self, batch_id: str, *, timeouts: Timeouts) -> None:
        """Has nothing more of it begun; one that has ended is left as it is."""
        try:
            await self._get(f"{self._address(batch_id)}/cancel", method="POST", body=b"{}", timeouts=timeouts)
        except ProviderFailure as failure:
            if failure.code is not Code.PROVIDER_REFUSED and failure.code is not Code.PROVIDER_ERROR:
                raise
            if not (await self.batch_standing(batch_id, timeouts=timeouts)).is_over:
                raise

    @abstractmethod
    def _outcome(self, line: dict[str, Any]) -> Outcome: ...

    async def batch_results(self, address: str, *, timeouts: Timeouts) -> AsyncGenerator[Outcome, None]:
        """What came of each request, in whatever order; raises STREAM_CUT where the file ends within a line."""
        async with aclosing(self._lines(address, timeouts=timeouts)) as lines:
            async for line in lines:
                try:
                    told = orjson.loads(line)
                except ValueError:
                    raise ProviderFailure(Code.STREAM_CUT, is_retryable=True) from None
                if not isinstance(told, dict) or not isinstance(told.get("custom_id"), str):
                    raise malformed("This is no line of a batch's results", line, secrets=self._secrets)
                yield self._outcome(told)

    async def _lines(self, address: str, *, timeouts: Timeouts) -> AsyncGenerator[bytes, None]:
        call = self._transport.call(
            "GET", address, headers=self._headers, timeouts=timeouts, body_bytes=MOST_BYTES_OF_RESULTS
        )
        async with call:
            await self._check(call)
            rest = b""
            while data := await call.read():
                *whole, rest = (rest + data).split(b"\n")
                for line in whole:
                    if line.strip():
                        yield line
                if len(rest) > self._limits.body_bytes:
                    raise too_large("A line of its results is longer than an answer may be.")
            if rest.strip():
                yield rest

    def _read(self, custom_id: str, body: Any) -> Outcome:
        """An answer in one piece, read as if it had come by itself."""
        answer = self._answer()
        reader = self._reader(answer)
        failure: ProviderFailure | None = None
        try:
            read_whole(orjson.dumps(body), self._decoder("application/json", is_streamed=False), reader, answer)
        except ProviderFailure as raised:
            failure = raised
            answer.let_go()
        events = answer.take()
        if answer.is_full:
            failure = too_large("It was stopped at the limit of characters.")
        if failure := failure or answer.failure:
            return Outcome(custom_id, Fate.FAILED, events, answer.placed(failure))
        return Outcome(custom_id, Fate.ANSWERED, [*events, *answer.close()])
