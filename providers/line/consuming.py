"""What other services tell of a provider: shown beside our own reports, and heeded by its breaker."""

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
from providers.line.health import Report, report
from providers.line.shared import Shared
from providers.models import Provider

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
    if not slug or status not in DOWN | UP or not Provider.objects.filter(slug=slug).exists():
        return
    asyncio.run(_tell(slug, is_down=status in DOWN))


async def _tell(slug: str, *, is_down: bool) -> None:
    said = Report(None, Code.PROVIDER_UNREACHABLE.value if is_down else "", datetime.now(UTC))
    async with client_of(settings.REDIS_URL, seconds=5, seconds_to_connect=2) as redis:
        await report(redis, slug, SOURCE, said)
        await Shared(redis).turn(slug, is_open=is_down, rest=REST)
