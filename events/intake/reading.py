"""Takes events over from a Redis stream, as a consumer group: what another reader has lost hold of is read again.

Who may write into our Valkey is trusted as whoever bears our signature is. An entry is given back (XACK) once its
events are kept; one that was kept and not given back is read again, and its ids are known. All readers share one name,
so that nothing waits for a reader that died.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from events.intake.incoming import Incoming
from events.intake.receiving import incoming_of, receive
from foundation.json_values import parse
from foundation.problems import Problem

logger = logging.getLogger(__name__)

GROUP: Final = "llm-playground"
READER: Final = "llm-playground"
FIELD: Final = b"event"
"""Of an entry: an event, or an array of them, in JSON."""
AT_ONCE: Final = 100
"""Entries."""
MOST_ROUNDS: Final = 50
"""Of a turn; the next one comes within a second."""
PATIENCE: Final = 5.0
"""Seconds for a connection, and for an answer."""
KEPT_BEFORE, NEW = "0", ">"
"""Where reading begins: at what was read and not given back, or at what nobody has read."""

Entry = tuple[bytes, dict[bytes, bytes]]


def read(*, now: datetime) -> int:
    """Takes over what is there; how many events were new. While Valkey is away it is 0, and said in the log."""
    stream = settings.ENV.event_intake_stream
    try:
        with Redis.from_url(
            settings.REDIS_URL, protocol=2, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        ) as redis:
            _join(redis, stream)
            return sum(_read_from(redis, stream, begin, now) for begin in (KEPT_BEFORE, NEW))
    except RedisError as error:
        # Its own texts may name addresses.
        logger.warning("event_intake_stream_unreadable", extra={"reason": type(error).__name__})
        return 0


def _join(redis: Redis, stream: str) -> None:
    """From its beginning: what was added before our first start is meant for us too."""
    try:
        redis.xgroup_create(stream, GROUP, id="0", mkstream=True)
    except ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):  # it is there already
            raise


def _read_from(redis: Redis, stream: str, begin: str, now: datetime) -> int:
    kept = 0
    for _ in range(MOST_ROUNDS):
        if not (entries := _entries(redis, stream, begin)):
            break
        events = [event for entry in entries for event in _events_of(entry)]
        kept += receive(events, now=now) if events else 0
        redis.xack(stream, GROUP, *(id_ for id_, _ in entries))
    return kept


def _entries(redis: Redis, stream: str, begin: str) -> list[Entry]:
    found: Any = redis.xreadgroup(GROUP, READER, {stream: begin}, count=AT_ONCE)
    return found[0][1] if found else []


def _events_of(entry: Entry) -> list[Incoming]:
    """None where it holds no events: it can never be done, and is in nobody's way."""
    id_, fields = entry
    try:
        return incoming_of(parse((fields or {})[FIELD]))
    except (KeyError, Problem) as fault:
        reason = fault.code if isinstance(fault, Problem) else "no_event"
        logger.warning("event_intake_entry_refused", extra={"entry": id_.decode(), "reason": reason})
        return []
