"""The log of an execution's events: a Redis stream whose entry ids are the events' own numbers.

Entries are sealed for their execution and number. A log lives while its run does and for one hour
after, so that a reader who comes back gets every event once, in order, from any web process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from foundation.sealing.encryption import keyring
from playground.stream.events import Event

KEPT_AFTER_A_STREAM: Final = 3600
KEPT_AFTER_A_PLAIN_RUN: Final = 60
"""Seconds; a plain run's few events can be told from its row, so its log need not fill the memory."""
KEPT_WHILE_RUNNING: Final = 2 * 3600
"""Seconds; a run's own deadline is shorter."""


def key_of(execution_id: UUID) -> str:
    """The Redis key of an execution's log."""
    return f"execution:{execution_id}:log"


KEYS: Final = "execution:*:log"
"""The pattern of keys of all logs."""


def execution_of(key: bytes) -> UUID:
    """Whose log stands under the key."""
    return UUID(key.decode().split(":")[1])


def opened(key: str, entry: bytes) -> bytes:
    """A field of an entry, opened: `entry` is number, name and value with a NUL between; raises CannotDecrypt."""
    number, _, rest = entry.partition(b"\0")
    return keyring().open(rest.partition(b"\0")[2], place=_place(execution_of(key.encode()), _number(number)))


def _place(execution_id: UUID, sequence: int) -> str:
    return f"execution-log/{execution_id}/{sequence}"


@dataclass(frozen=True, slots=True)
class Append:
    """Events to add to one log; `outcome` is what the reaper needs when the run's process dies before storing it."""

    execution_id: UUID
    events: Sequence[Event]
    outcome: bytes | None = None
    tally: bytes | None = None
    """What the provider has counted so far, for the same case: then `outcome` is not known yet."""
    kept_for: int = KEPT_AFTER_A_STREAM
    """Seconds that the log is kept after its terminal event; with 0 that event takes it away."""


class StreamLog:
    """Appends to many logs in one round trip, reads one in pages. Every call may raise redis.RedisError."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def append(self, appends: Sequence[Append]) -> None:
        """Returns when all events stand in Redis; ones that stood there already are left as they are."""
        pipeline = self._redis.pipeline(transaction=False)
        for append in appends:
            self._add(pipeline, append)
        for answer in await pipeline.execute(raise_on_error=False):
            if isinstance(answer, Exception) and not _is_repeated(answer):
                raise answer

    def _add(self, pipeline: Any, append: Append) -> None:
        key, last = key_of(append.execution_id), append.events[-1]
        if last.is_terminal and append.kept_for == 0:
            pipeline.unlink(key)
            return
        for event in append.events:
            fields = {"k": event.kind, "d": _seal(append.execution_id, event.sequence, event.data)}
            if append.outcome is not None and event is last:
                fields["o"] = _seal(append.execution_id, event.sequence, append.outcome)
            if append.tally is not None and event is last:
                fields["u"] = _seal(append.execution_id, event.sequence, append.tally)
            pipeline.xadd(key, fields, id=f"{event.sequence}-0")
        if last.is_terminal:
            pipeline.expire(key, append.kept_for)
        elif append.events[0].sequence == 1:
            pipeline.expire(key, KEPT_WHILE_RUNNING)

    async def read(self, execution_id: UUID, *, after: int = 0, count: int = 200) -> list[Event]:
        """Up to `count` events numbered above `after`; empty when there are none, or the log is gone."""
        rows: Any = await self._redis.xrange(key_of(execution_id), min=f"({after}-0", count=count)
        return [_decoded(execution_id, entry, fields) for entry, fields in rows]

    async def read_new(self, cursors: dict[UUID, int], *, wait_ms: int) -> dict[UUID, list[Event]]:
        """New events of several logs, each from above its cursor; waits up to `wait_ms` for the first."""
        streams: dict[Any, Any] = {key_of(identifier): f"{after}-0" for identifier, after in cursors.items()}
        by_key = {key_of(identifier).encode(): identifier for identifier in cursors}
        answer: Any = await self._redis.xread(streams, count=200, block=wait_ms)
        return {
            by_key[key]: [_decoded(by_key[key], entry, fields) for entry, fields in rows] for key, rows in answer or []
        }

    async def outcome(self, execution_id: UUID) -> bytes | None:
        """What was noted of the run's end before it was stored; None when it had not come so far."""
        rows: Any = await self._redis.xrevrange(key_of(execution_id), count=2)
        for entry, fields in rows:
            if sealed := fields.get(b"o"):
                return keyring().open(sealed, place=_place(execution_id, _number(entry)))
        return None

    async def tally(self, execution_id: UUID) -> bytes | None:
        """What the provider had counted last; None where it had said nothing."""
        last = "+"
        while rows := await self._newest(execution_id, last):
            for entry, fields in rows:
                if sealed := fields.get(b"u"):
                    return keyring().open(sealed, place=_place(execution_id, _number(entry)))
            last = f"({rows[-1][0].decode()}"
        return None

    async def _newest(self, execution_id: UUID, last: str) -> Any:
        return await self._redis.xrevrange(key_of(execution_id), max=last, count=500)


def _seal(execution_id: UUID, sequence: int, data: bytes) -> bytes:
    return keyring().seal(data, place=_place(execution_id, sequence))


def _decoded(execution_id: UUID, entry: bytes, fields: dict[bytes, bytes]) -> Event:
    sequence = _number(entry)
    data = keyring().open(fields[b"d"], place=_place(execution_id, sequence))
    return Event(sequence, fields[b"k"].decode(), data)


def _number(entry: bytes) -> int:
    return int(entry.partition(b"-")[0])


def _is_repeated(error: Exception) -> bool:
    return isinstance(error, ResponseError) and "equal or smaller" in str(error)
