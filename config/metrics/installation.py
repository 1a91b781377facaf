"""How the whole installation stands, for `/metrics`: asked of the database and of Valkey when somebody scrapes.

Each part has its own clock, and one that fails leaves the others: it is missing then, and counted as an error. What was
learned is kept for a second, so that many scrapers cost what one does.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import psycopg
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from redis.exceptions import RedisError

from evaluation_app.models import EvaluationSample, EvaluationTest, SampleState
from events.models import Delivery, State
from events.outbox.destinations import EVENT_MANAGER, EVENT_STREAM
from foundation.database.threads import in_database_thread
from foundation.metrics.families import SCRAPE_ERRORS
from foundation.metrics.labels import MOST_PROVIDERS
from playground.engine.host import engine
from playground.models import RunnerLease
from providers.line.breaker import State as BreakerState
from providers.line.health import standing_of

logger = logging.getLogger("playground.metrics")

KEPT_FOR: Final = 1.0
PATIENCE: Final = 3.0
QUEUE: Final = "celery"
"""Celery's only queue: a list in Valkey, pushed at its left."""
UNACKNOWLEDGED: Final = "unacked"
WEBHOOKS: Final = "webhooks"
"""All of people's together: a label of each would be one a person."""
MOST_COUNTED: Final = 100_000
EXPECTED: Final = (psycopg.Error, DatabaseError, RedisError, OSError, TimeoutError)

Part = Callable[[], Awaitable[list[Metric]]]


@dataclass(frozen=True, eq=False)
class Standing:
    """What was learned: a collector for one scrape."""

    families: Sequence[Metric]

    def collect(self) -> Sequence[Metric]:
        """As it was learned."""
        return self.families


_known: tuple[float, Standing] = (0.0, Standing(()))
_asking: Final = asyncio.Lock()


async def standing() -> Standing:
    """How it stands now, or stood within the last second."""
    global _known
    async with _asking:
        if time.monotonic() > _known[0] + KEPT_FOR:
            parts = await asyncio.gather(*(_told(name, part) for name, part in PARTS.items()))
            _known = (time.monotonic(), Standing([family for part in parts for family in part]))
    return _known[1]


async def _told(name: str, part: Part) -> list[Metric]:
    try:
        async with asyncio.timeout(PATIENCE):
            return await part()
    except EXPECTED as error:
        logger.warning("metrics_part_missing", extra={"part": name, "reason": type(error).__name__})
    except Exception:
        logger.exception("metrics_part_broke", extra={"part": name})
    SCRAPE_ERRORS.labels(name).inc()
    return []


def _gauge(name: str, what: str, values: Mapping[Any, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(f"playground_{name}", what, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


async def _build() -> list[Metric]:
    return [_gauge("build_info", "The version that runs.", {(settings.VERSION,): 1}, "version")]


async def _storage() -> list[Metric]:
    disk = shutil.disk_usage(settings.DATA_DIR)
    return [
        _gauge("disk_free_bytes", "Room in the file system of the data folder.", {(): disk.free}),
        _gauge("disk_size_bytes", "Its size.", {(): disk.total}),
    ]


async def _queues() -> list[Metric]:
    pipeline = (await engine()).redis.pipeline(transaction=False)
    pipeline.llen(QUEUE)
    pipeline.hlen(UNACKNOWLEDGED)
    pipeline.lindex(QUEUE, -1)
    waiting, taken, oldest = await pipeline.execute()
    counts = {("waiting",): waiting, ("taken",): taken}
    return [
        _gauge("queue_messages", "Rings for workers that wait, and that workers have taken.", counts, "state"),
        _gauge("queue_oldest_age_seconds", "How long the oldest ring waits.", {(): _age_of(oldest)}),
    ]


def _age_of(message: Any) -> float:
    """Seconds since a message was published; 0 where there is none, or it does not say so."""
    if message is None:
        return 0.0
    published = orjson.loads(message).get("headers", {}).get("published_at")
    return max(0.0, time.time() - published) if isinstance(published, (int, float)) else 0.0


async def _breakers() -> list[Metric]:
    machine = await engine()
    statuses = (await standing_of(machine.redis, machine.registry.entries())).statuses[:MOST_PROVIDERS]
    states = {
        (status["provider"], state.value): float(status["breaker"] == state)
        for status in statuses
        for state in BreakerState
    }
    resting = {(status["provider"],): float(len(status["resting_models"])) for status in statuses}
    return [
        _gauge("provider_breaker", "1 for the state of a provider's breaker.", states, "provider", "state"),
        _gauge("provider_models_resting", "Models whose breakers are open.", resting, "provider"),
    ]


async def _processes() -> list[Metric]:
    return [await in_database_thread(_alive)]


def _alive() -> Metric:
    rows = RunnerLease.objects.filter(expires_at__gt=Now()).values_list("role").annotate(number=Count("id"))
    alive = {(role,): 0 for role in ("web", "worker")} | {(role,): number for role, number in rows}
    return _gauge("processes_alive", "Engines that have shown of late that they live.", alive, "role")


async def _outbox() -> list[Metric]:
    return await in_database_thread(_undelivered)


def _undelivered() -> list[Metric]:
    counts = {(name,): 0.0 for name in (EVENT_MANAGER, EVENT_STREAM, WEBHOOKS)}
    ages = dict(counts)
    rows = Delivery.objects.filter(state=State.DUE).values_list("destination_id")
    now = timezone.now()
    for destination, number, oldest in rows.annotate(number=Count("id"), oldest=Min("event__created_at")):
        key = (destination if (destination,) in counts else WEBHOOKS,)
        counts[key] += number
        ages[key] = max(ages[key], (now - oldest).total_seconds())
    parked = {(): float(Delivery.objects.filter(state=State.PARKED)[:MOST_COUNTED].count())}
    return [
        _gauge("outbox_undelivered", "Events that a destination is still to be told.", counts, "destination"),
        _gauge("outbox_oldest_age_seconds", "How old the oldest of them is.", ages, "destination"),
        _gauge("outbox_parked", "Deliveries that were given up, for somebody to look at.", parked),
    ]


async def _evaluation() -> list[Metric]:
    return await in_database_thread(_samples)


def _samples() -> list[Metric]:
    under_way = EvaluationTest.objects.running()
    waiting = EvaluationSample.objects.filter(test__in=under_way, state=SampleState.PENDING)[:MOST_COUNTED].count()
    oldest = under_way.aggregate(at=Min("started_at"))["at"] if waiting else None
    age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    return [
        _gauge("evaluation_samples_waiting", "Samples of running tests that nobody has taken.", {(): waiting}),
        _gauge("evaluation_oldest_age_seconds", "How long the oldest test with such runs.", {(): age}),
    ]


PARTS: Final[dict[str, Part]] = {
    "build": _build,
    "storage": _storage,
    "queues": _queues,
    "breakers": _breakers,
    "processes": _processes,
    "outbox": _outbox,
    "evaluation": _evaluation,
}
for _part in PARTS:
    # Told from the start on: an increase is seen of what was there before.
    SCRAPE_ERRORS.labels(_part)
