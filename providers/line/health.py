"""Providers' health: what real traffic of every process and the periodic probe tell, kept in Redis.

One hash a provider, one field a source (a runner's id, or `probe`); a source that fell silent is
left out after ten minutes. Redis may lose it: the next traffic or probe writes it again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from providers.line.breaker import State
from providers.line.line import Line
from providers.registry import ProviderEntry

KEPT: Final = 600
PROBE: Final = "probe"
WORST_FIRST: Final = (State.OPEN, State.HALF_OPEN, State.CLOSED)
LIMITED: Final = frozenset({"rate_limited", "provider_quota"})


@dataclass(frozen=True, slots=True)
class Report:
    """One source's word on a provider."""

    breaker: State
    latency_ms: float | None
    last_error: str
    checked_at: datetime
    models: int | None = None


def key_of(slug: str) -> str:
    """The Redis key of a provider's health."""
    return f"provider-health:{slug}"


async def report(redis: Redis, slug: str, source: str, said: Report) -> None:
    """Keeps one source's word; raises redis.RedisError."""
    value = {
        "breaker": said.breaker.value,
        "latency_ms": said.latency_ms,
        "last_error": said.last_error,
        "checked_at": said.checked_at.isoformat(),
        "models": said.models,
    }
    pipeline = redis.pipeline(transaction=False)
    pipeline.hset(key_of(slug), source, orjson.dumps(value))
    pipeline.expire(key_of(slug), KEPT)
    await pipeline.execute()


async def report_health(redis: Redis, source: str, lines: Iterable[Line]) -> None:
    """Keeps what this process's traffic told since the last time."""
    now = time.monotonic()
    for line in lines:
        health = line.health
        if health.has_news and health.checked_at is not None:
            health.has_news = False
            said = Report(line.breaker.state(now), health.latency_ms, health.last_error, health.checked_at)
            await report(redis, line.provider.slug, source, said)


async def status_of(redis: Redis, provider: ProviderEntry) -> dict[str, Any]:
    """A provider's status as `GET /api/providers/status` tells it."""
    reports = await _reports(redis, provider.slug)
    breakers = {said.breaker for said in reports.values()} or {State.CLOSED}
    newest = max(reports.values(), key=lambda said: said.checked_at, default=None)
    probe = reports.get(PROBE)
    latencies = [said.latency_ms for said in reports.values() if said.latency_ms is not None]
    return {
        "provider": provider.slug,
        "name": provider.name,
        "status": _status(provider, newest, breakers),
        "latency_ms": round(sum(latencies) / len(latencies), 1) if latencies else None,
        "last_error": provider.unavailable_reason or (newest.last_error if newest else "") or None,
        "breaker": next(state.value for state in WORST_FIRST if state in breakers),
        "checked_at": newest.checked_at if newest else None,
        "models": probe.models if probe else None,
    }


def _status(provider: ProviderEntry, newest: Report | None, breakers: set[State]) -> str:
    if provider.unavailable_reason:
        return "down"
    if State.OPEN in breakers:
        return "down"
    if newest is None or not newest.last_error:
        return "healthy" if State.HALF_OPEN not in breakers else "degraded"
    if newest.last_error in LIMITED:
        return "degraded"
    return "degraded" if State.HALF_OPEN in breakers or newest.latency_ms is not None else "down"


async def _reports(redis: Redis, slug: str) -> dict[str, Report]:
    try:
        raw: Any = await redis.hgetall(key_of(slug))
    except RedisError:
        return {}
    reports = {}
    for source, value in raw.items():
        told = orjson.loads(value)
        checked_at = datetime.fromisoformat(told["checked_at"])
        if (datetime.now(UTC) - checked_at).total_seconds() < KEPT:
            reports[source.decode()] = Report(
                State(told["breaker"]), told["latency_ms"], told["last_error"], checked_at, told["models"]
            )
    return reports
