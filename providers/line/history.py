"""What breakers went through: taken from where every change of a state is noted (`shared.TRANSITIONS`) into a table.

A change is noted in the step that makes it, so that a call pays nothing for it; the workers take the notes every few
seconds. What was taken and not yet removed when a worker died is taken again, and written once. While Redis is away
each process goes by its own breakers, and nothing is noted; if Redis lost what it knew, its breakers are closed, and
that is written with the reason `lost`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from redis.asyncio import Redis

from foundation.cache.client import client_of
from foundation.database.threads import in_database_thread
from providers.line.breaker import FORGOTTEN_AFTER, State
from providers.line.shared import TRANSITIONS, Shared
from providers.models import BreakerTransition

AT_ONCE: Final = 500
SETTLED_AFTER: Final = timedelta(seconds=60)
"""What opened later than this may not have been seen in Redis yet."""
KEPT: Final = timedelta(days=90)
REASONS: Final = {
    "worked": "a call went well",
    "rested": "one call was let through to try",
    "forgotten": "no call was made for ten minutes",
    "reported_down": "another service said that it is down",
    "reported_up": "another service said that it is up",
    "lost": "Redis lost what it knew",
}
"""Of changes that no failure made; the others have the failure's code."""


def take_transitions() -> int:
    """Writes what has been noted; how many rows are new. Raises redis.RedisError while Redis is away."""
    return asyncio.run(_take())


async def _take() -> int:
    async with client_of(settings.REDIS_URL, seconds=5, seconds_to_connect=2) as redis:
        taken = await _drained(redis)
        opened = (await Shared(redis).look(forgotten_after=FORGOTTEN_AFTER)).opened
        taken += await _drained(redis)
    return taken + await in_database_thread(_close_lost, set(opened), now=datetime.now(UTC))


async def _drained(redis: Redis) -> int:
    taken = 0
    while entries := await _noted(redis):
        rows = [row for id_, fields in entries if (row := _row(id_.decode(), fields)) is not None]
        taken += await in_database_thread(_write, rows)
        await redis.xdel(TRANSITIONS, *(id_ for id_, _ in entries))
    return taken


async def _noted(redis: Redis) -> list[tuple[bytes, Mapping[bytes, bytes]]]:
    entries: Any = await redis.xrange(TRANSITIONS, count=AT_ONCE)
    return list(entries)


def _row(entry: str, fields: Mapping[bytes, bytes]) -> BreakerTransition | None:
    """None where another version, or nobody, wrote it so."""
    told = {name.decode(): value.decode(errors="replace").replace("\0", "") for name, value in fields.items()}
    try:
        name, at = told["name"], datetime.fromtimestamp(int(told["at"]) / 1000, UTC)
        states = State(told["from"]).value, State(told["to"]).value
    except (KeyError, ValueError, OverflowError):
        return None
    slug, _, model = name.partition("/")
    return BreakerTransition(
        provider=slug[:50],
        model_id=name[:255] if model else "",
        from_state=states[0],
        to_state=states[1],
        at=at,
        reason=told.get("reason", "")[:50],
        entry=f"{entry} {name}"[:60],
    )


def _write(rows: list[BreakerTransition]) -> int:
    before = set(
        BreakerTransition.objects.filter(entry__in=[row.entry for row in rows]).values_list("entry", flat=True)
    )
    BreakerTransition.objects.bulk_create(rows, ignore_conflicts=True)
    return len({row.entry for row in rows} - before)


def _close_lost(opened: set[str], *, now: datetime) -> int:
    """Closes what the table has as not closed and Redis knows nothing of."""
    last = BreakerTransition.objects.order_by("provider", "model_id", "-at", "-id").distinct("provider", "model_id")
    lost = [
        row
        for row in last
        if row.to_state != State.CLOSED and row.at < now - SETTLED_AFTER
        if (row.model_id or row.provider) not in opened
    ]
    return _write([
        BreakerTransition(
            provider=row.provider, model_id=row.model_id, from_state=row.to_state, to_state=State.CLOSED.value,
            at=now, reason="lost", entry=f"lost {row.id}",
        )
        for row in lost
    ])  # fmt: skip


def forget_old(*, now: datetime) -> int:
    """Removes transitions of long ago; how many. The last one of each breaker stays: it says how it stands."""
    old = BreakerTransition.objects.filter(at__lt=now - KEPT)
    last = BreakerTransition.objects.order_by("provider", "model_id", "-at", "-id").distinct("provider", "model_id")
    gone: dict[str, Any] = old.exclude(id__in=last.values("id")).delete()[1]
    return int(gone.get("providers.BreakerTransition", 0))
