"""Providers' health: what real traffic of every process and the periodic probe tell, kept in Redis.

One hash a provider, one field a source (a runner's id, or `probe`); a source that fell silent is
left out after ten minutes. Redis may lose it: the next traffic or probe writes it again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from providers.line.breaker import FORGOTTEN_AFTER, State, state_since
from providers.line.line import Line
from providers.line.shared import Look, Shared
from providers.registry import ProviderEntry

KEPT: Final = 600
PROBE: Final = "probe"
LIMITED: Final = frozenset({"rate_limited", "provider_quota"})


@dataclass(frozen=True, slots=True)
class Report:
    """One source's word on a provider."""

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
        "latency_ms": said.latency_ms,
        "last_error": said.last_error,
        "checked_at": said.checked_at.isoformat(),
        "models": said.models,
    }
    pipeline = redis.pipeline(transaction=False)
    pipeline.hset(key_of(slug), source, orjson.dumps(value))
    pipeline.expire(key_of(slug), KEPT)
    await pipeline.execute()


async def last_report(redis: Redis, slug: str, source: str) -> Report | None:
    """One source's last word, None where nothing is kept; raises redis.RedisError."""
    raw: Any = await redis.hget(key_of(slug), source)
    return None if raw is None else _read(raw)


async def report_health(redis: Redis, source: str, lines: Iterable[Line]) -> None:
    """Keeps what this process's traffic told since the last time."""
    for line in lines:
        health = line.health
        if health.has_news and health.checked_at is not None:
            health.has_news = False
            said = Report(health.latency_ms, health.last_error, health.checked_at)
            await report(redis, line.provider.slug, source, said)


@dataclass(frozen=True, slots=True)
class Standing:
    """How providers stand at one moment."""

    statuses: list[dict[str, Any]]
    """As `GET /api/providers/status` tells them, in the order asked for."""
    troubled: frozenset[str]
    """Models, and providers by their slugs, of whose last calls one failed in a way that counts."""

    @property
    def resting(self) -> list[str]:
        """Models whose breakers are open."""
        return [name for status in self.statuses for name in status["resting_models"]]


async def standing_of(redis: Redis, providers: Iterable[ProviderEntry]) -> Standing:
    """Asked for in two steps, however many they are; while Redis is away nothing is known of anybody."""
    entries = list(providers)
    try:
        look = await Shared(redis).look(forgotten_after=FORGOTTEN_AFTER)
        pipeline = redis.pipeline(transaction=False)
        for entry in entries:
            pipeline.hgetall(key_of(entry.slug))
        said = await pipeline.execute(raise_on_error=False)
    except RedisError:
        look, said = Look(), [None] * len(entries)
    statuses = [_told(entry, _reports(raw), look) for entry, raw in zip(entries, said, strict=True)]
    return Standing(statuses, look.troubled)


def _told(provider: ProviderEntry, reports: Mapping[str, Report], look: Look) -> dict[str, Any]:
    breakers = _breakers(look, provider.slug)
    breaker = breakers.pop(provider.slug, State.CLOSED)
    newest = max(reports.values(), key=lambda said: said.checked_at, default=None)
    probe = reports.get(PROBE)
    latencies = [said.latency_ms for said in reports.values() if said.latency_ms is not None]
    return {
        "provider": provider.slug,
        "name": provider.name,
        "status": _status(provider, newest, breaker, breakers),
        "latency_ms": round(sum(latencies) / len(latencies), 1) if latencies else None,
        "last_error": provider.unavailable_reason or (newest.last_error if newest else "") or None,
        "breaker": breaker.value,
        "resting_models": sorted(name for name, state in breakers.items() if state is State.OPEN),
        "checked_at": newest.checked_at if newest else None,
        "models": probe.models if probe else None,
    }


def _status(provider: ProviderEntry, newest: Report | None, breaker: State, models: Mapping[str, State]) -> str:
    if provider.unavailable_reason or breaker is State.OPEN:
        return "down"
    if breaker is State.HALF_OPEN or models:
        return "degraded"
    if newest is None or not newest.last_error:
        return "healthy"
    return "degraded" if newest.last_error in LIMITED or newest.latency_ms is not None else "down"


def _breakers(look: Look, slug: str) -> dict[str, State]:
    """The provider's breaker, by its slug, and those of its models, where they are not closed."""
    now = time.monotonic()
    mine = {name: at for name, at in look.opened.items() if name.partition("/")[0] == slug}
    return {name: state_since(at, now) for name, at in mine.items()}


def _reports(raw: Any) -> dict[str, Report]:
    """By source; none where there is no hash."""
    if not isinstance(raw, dict):
        return {}
    read = {source.decode(): _read(value) for source, value in raw.items()}
    now = datetime.now(UTC)
    return {source: said for source, said in read.items() if said and (now - said.checked_at).total_seconds() < KEPT}


def _read(value: bytes) -> Report | None:
    """What one source said; None where another version, or nobody, wrote it so."""
    try:
        told = orjson.loads(value)
        checked_at = datetime.fromisoformat(told["checked_at"]).astimezone(UTC)
        latency, models = told["latency_ms"], told["models"]
        return Report(
            None if latency is None else float(latency),
            str(told["last_error"]),
            checked_at,
            None if models is None else int(models),
        )
    except (ValueError, TypeError, KeyError):
        return None
