"""`/health` in the spec's shape, and `/health/live`. States only: no address, no version of a dependency.

Asked by anybody and often, so it uses the engine's own connections and keeps its answer for a second.
"""

from __future__ import annotations

import asyncio
import math
import shutil
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import psycopg
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from audit.chain.checking import broken
from audit.stamps.checking import fault_of_stamps
from events.standing import services as destinations
from foundation.database.threads import in_database_thread
from foundation.problems import only
from foundation.rest.rendering import dumps
from foundation.sealing.files import bucket
from integrations.client.standing import state_of
from integrations.knowledge_service import client as knowledge_service
from integrations.llm_service import client as llm_service
from integrations.project_service import client as project_service
from playground.engine.host import engine
from providers.line.health import standing_of

PATIENCE: Final = 3.0
KEPT_FOR: Final = 1.0
STORE_KEPT_FOR: Final = 15.0
PULSE_PATIENCE: Final = 10.0
LEAST_FREE: Final = 128 * 2**20
"""Bytes; below that PostgreSQL may not be able to write its next segments."""

Check = Callable[[], Awaitable[bool]]

_known: tuple[float, dict[str, str], str, str, dict[str, str]] = (0.0, {}, "", "", {})
_store: tuple[float, str] = (-math.inf, "")
_asking = asyncio.Lock()


@only("GET", "HEAD")
async def live(request: HttpRequest) -> HttpResponseBase:
    """The process answers: nothing more, so that a database's rest does not restart every web process."""
    return JsonResponse({"status": "alive"})


@only("GET", "HEAD")
async def health(request: HttpRequest) -> HttpResponseBase:
    """200 when every dependency is healthy, else 503.

    Workers, the audit log and the services around are told beside: without a worker people's runs go on, no restart
    mends a log, and what a service around would give, or is to be told, is missing alone.
    """
    dependencies, workers, audit, services = await _known_states()
    is_healthy = all(state == "healthy" for state in dependencies.values())
    body = {
        "status": "healthy" if is_healthy else "unhealthy",
        "timestamp": datetime.now(UTC),
        "version": settings.VERSION,
        "dependencies": dependencies,
        "workers": workers,
        "audit": audit,
        "services": services,
    }
    return HttpResponse(dumps(body), content_type="application/json", status=200 if is_healthy else 503)


async def _known_states() -> tuple[dict[str, str], str, str, dict[str, str]]:
    """The state of each dependency, of the workers together, of the audit log, and of each service around."""
    global _known
    async with _asking:
        if time.monotonic() > _known[0] + KEPT_FOR:
            *states, workers, audit = await asyncio.gather(*map(_state, [*CHECKS.values(), _workers, _audit]))
            around = {**await in_database_thread(_services), "object_store": await _object_store()}
            services = {**around, **await _destinations()}
            _known = (time.monotonic(), dict(zip(CHECKS, states, strict=True)), workers, audit, services)
    return _known[1], _known[2], _known[3], _known[4]


async def _object_store() -> str:
    """Whether it takes our files; without one they lie in the data folder. Asked once in STORE_KEPT_FOR seconds."""
    global _store
    if not settings.ENV.minio_endpoint:
        return "not_configured"
    if time.monotonic() > _store[0] + STORE_KEPT_FOR:
        try:
            async with asyncio.timeout(PATIENCE):
                state = "healthy" if await asyncio.to_thread(bucket.answers) else "unhealthy"
        except TimeoutError:
            state = "unhealthy"
        _store = (time.monotonic(), state)
    return _store[1]


def _services() -> dict[str, str]:
    """How each service around answered whoever asked it last; one that is not set up is no fault."""
    services = {
        "project_service": (project_service.NAME, settings.ENV.project_service_url),
        "knowledge_service": (knowledge_service.NAME, settings.ENV.knowledge_service_url),
        "llm_service": (llm_service.NAME, settings.ENV.llm_service_url),
    }
    return {key: state_of(name) if url else "not_configured" for key, (name, url) in services.items()}


async def _destinations() -> dict[str, str]:
    """Where events go, as the database tells; none while it does not answer."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await in_database_thread(destinations)
    except (DatabaseError, TimeoutError):
        return {}


async def _workers() -> bool:
    """Whether one is alive, by its lease."""
    return await (await engine()).store.live_workers() > 0


async def _audit() -> bool:
    """Whether the last check of its chains, and of their time stamps, found nothing."""
    return not await in_database_thread(lambda: broken() or fault_of_stamps())


async def _state(check: Check) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return "healthy" if await check() else "unhealthy"
    except (psycopg.Error, DatabaseError, RedisError, OSError, TimeoutError):
        return "unhealthy"


async def _database() -> bool:
    return await (await engine()).store.answers()


async def _redis() -> bool:
    return bool(await (await engine()).redis.ping())


async def _engine() -> bool:
    """Whether all that this process must do again and again was done of late."""
    return not (await engine()).pulse.missed(PULSE_PATIENCE)


async def _storage() -> bool:
    """Whether the data folder has room: a full disk stops writing long before it stops answering."""
    return shutil.disk_usage(settings.DATA_DIR).free >= LEAST_FREE


async def _providers() -> bool:
    """Whether some provider can be used, as far as traffic and probes tell."""
    machine = await engine()
    standing = await standing_of(machine.redis, machine.registry.entries())
    return any(status["status"] in ("healthy", "degraded") for status in standing.statuses)


CHECKS: Final[dict[str, Check]] = {
    "database": _database,
    "redis": _redis,
    "providers": _providers,
    "engine": _engine,
    "storage": _storage,
}
