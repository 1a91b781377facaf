"""Adds a batch of events to the stream, in order and all of them or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from events.stream.errors import StreamAway
from integrations.event_manager.client import Answer

FIELD: Final = "event"
"""Of an entry: the event as the EventManager gets it, in JSON."""
LENGTH: Final = 100_000
"""Entries that are kept, about: whoever reads too late misses the oldest."""
PATIENCE: Final = 5.0
"""Seconds for a connection, and for an answer; shorter than the relay's lease."""
TAKEN: Final = Answer(200)


def add(events: Sequence[Mapping[str, Any]], name: str) -> Answer:
    """Adds them; raises StreamAway. One that is told once more bears the id that it had."""
    stream = settings.ENV.event_stream
    try:
        with (
            Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as redis,
            redis.pipeline(transaction=True) as batch,
        ):
            for each in events:
                batch.xadd(stream, {FIELD: orjson.dumps(each)}, maxlen=LENGTH, approximate=True)
            batch.execute()
    except RedisError as error:
        # Its own texts may name addresses.
        raise StreamAway(f"The stream did not take them ({type(error).__name__}).") from None
    return TAKEN
