"""`/health` in the spec's shape, and `/health/live`. States only: no address, no version of a dependency."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psycopg
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.asyncio import Redis
from redis.exceptions import RedisError

from foundation.postgres import Connection
from foundation.rendering import dumps
from playground.catalogue.listing import provider_statuses

PATIENCE = 3.0


async def live(request: HttpRequest) -> HttpResponse:
    """The process answers: nothing more, so that a database's rest does not restart every web process."""
    return JsonResponse({"status": "alive"})


async def health(request: HttpRequest) -> HttpResponse:
    """200 when every dependency is healthy, else 503."""
    names = ("database", "redis", "providers")
    states = await asyncio.gather(_state(_database()), _state(_redis()), _state(_providers()))
    dependencies = dict(zip(names, states, strict=True))
    is_healthy = all(state == "healthy" for state in states)
    body = {
        "status": "healthy" if is_healthy else "unhealthy",
        "timestamp": datetime.now(UTC),
        "version": settings.VERSION,
        "dependencies": dependencies,
    }
    return HttpResponse(dumps(body), content_type="application/json", status=200 if is_healthy else 503)


async def _state(check: object) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return "healthy" if await check else "unhealthy"  # type: ignore[misc]
    except (psycopg.Error, DatabaseError, RedisError, OSError, TimeoutError):
        return "unhealthy"


async def _database() -> bool:
    connection = Connection()
    try:
        return bool(await connection.fetch("SELECT 1"))
    finally:
        await connection.close()


async def _redis() -> bool:
    async with Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1) as redis:
        return bool(await redis.ping())


async def _providers() -> bool:
    """Whether some configured provider can be used."""
    return any(row["status"] in ("healthy", "degraded") for row in await provider_statuses())
