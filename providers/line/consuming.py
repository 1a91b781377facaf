"""What other services tell of a provider: shown beside our own reports, and heeded by its breaker.

Events may come late and out of order. One that is older than the last that was heeded says nothing, nor does one that
is older than reports are kept for: by then our own calls know better.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

from django.conf import settings

from events.intake.consumers import consumes
from events.intake.incoming import Incoming
from foundation.cache.client import client_of
from providers.errors import Code
from providers.line.breaker import REST
from providers.line.health import KEPT, Report, last_report, report
from providers.line.shared import Shared
from providers.models import Provider
from providers.registry import BUILT_IN

SOURCE: Final = "event_manager"
"""Of reports that came as events."""
DOWN: Final = frozenset({"down", "unhealthy", "offline", "unavailable", "critical", "failed"})
UP: Final = frozenset({"healthy", "up", "online", "available", "ok", "degraded", "recovering"})


def register() -> None:
    """To be called when the app is ready."""
    consumes("system.*", _heed)


def _heed(event: Incoming) -> None:
    """Down opens the breaker; anything better lets one call try. An event that names no provider of ours is nothing."""
    slug, status = event.text("provider").lower(), event.text("status").lower()
    if status not in DOWN | UP or not (slug in BUILT_IN or Provider.objects.filter(slug=slug).exists()):
        return
    now = datetime.now(UTC)
    happened_at = min(event.at or now, now)
    if (now - happened_at).total_seconds() < KEPT:
        asyncio.run(_tell(slug, is_down=status in DOWN, at=happened_at))


async def _tell(slug: str, *, is_down: bool, at: datetime) -> None:
    said = Report(None, Code.PROVIDER_UNREACHABLE.value if is_down else "", at)
    async with client_of(settings.REDIS_URL, seconds=5, seconds_to_connect=2) as redis:
        before = await last_report(redis, slug, SOURCE)
        if before is not None and before.checked_at > at:
            return
        await report(redis, slug, SOURCE, said)
        await Shared(redis).turn(slug, is_open=is_down, rest=REST)
