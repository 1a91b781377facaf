"""`/health` in the spec's shape, and `/health/live`. States only: no address, no version of a dependency.

Asked by anybody and often, so it uses the engine's own connections and keeps its answer for a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Final

import psycopg
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

from foundation.rest.rendering import dumps
from playground.engine.host import engine
from providers.line.health import status_of

PATIENCE: Final = 3.0
KEPT_FOR: Final = 1.0

_known: tuple[float, dict[str, str]] = (0.0, {})
_asking = asyncio.Lock()


async def live(request: HttpRequest) -> HttpResponse:
    """The process answers: nothing more, so that a database's rest does not restart every web process."""
    return JsonResponse({"status": "alive"})


async def health(request: HttpRequest) -> HttpResponse:
    """200 when every dependency is healthy, else 503."""
    dependencies = await _dependencies()
    is_healthy = all(state == "healthy" for state in dependencies.values())
    body = {
        "status": "healthy" if is_healthy else "unhealthy",
        "timestamp": datetime.now(UTC),
        "version": settings.VERSION,
        "dependencies": dependencies,
    }
    return HttpResponse(dumps(body), content_type="application/json", status=200 if is_healthy else 503)


async def _dependencies() -> dict[str, str]:
    global _known
    async with _asking:
        if time.monotonic() > _known[0] + KEPT_FOR:
            names = ("database", "redis", "providers")
            states = await asyncio.gather(_state(_database()), _state(_redis()), _state(_providers()))
            _known = (time.monotonic(), dict(zip(names, states, strict=True)))
    return _known[1]


async def _state(check: Awaitable[bool]) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return "healthy" if await check else "unhealthy"
    except (psycopg.Error, DatabaseError, RedisError, OSError, TimeoutError):
        return "unhealthy"


async def _database() -> bool:
    return await (await engine()).store.answers()


async def _redis() -> bool:
    return bool(await (await engine()).redis.ping())


async def _providers() -> bool:
    """Whether some provider can be used, as far as traffic and probes tell."""
    machine = await engine()
    for provider in machine.registry.entries():
        if (await status_of(machine.redis, provider))["status"] in ("healthy", "degraded"):
            return True
    return False
