"""How the installation's queue, its providers' breakers and its engines stand, for `/metrics` and the monitoring."""

from __future__ import annotations

import time
from typing import Any, Final

import orjson
from django.db.models import Count
from django.db.models.functions import Now
from prometheus_client.core import Metric

from foundation.database.threads import in_database_thread
from foundation.metrics.labels import MOST_PROVIDERS
from foundation.metrics.standing import gauge, register
from playground.engine.host import engine
from playground.models import RunnerLease
from providers.line.breaker import State
from providers.line.health import standing_of

QUEUE: Final = "celery"
"""Celery's only queue: a list in Valkey, pushed at its left."""
UNACKNOWLEDGED: Final = "unacked"


async def queues() -> list[Metric]:
    """Messages that wait, that workers have taken, and how long the oldest waits."""
    pipeline = (await engine()).redis.pipeline(transaction=False)
    pipeline.llen(QUEUE)
    pipeline.hlen(UNACKNOWLEDGED)
    pipeline.lindex(QUEUE, -1)
    waiting, taken, oldest = await pipeline.execute()
    counts = {("waiting",): waiting, ("taken",): taken}
    return [
        gauge("queue_messages", "Rings for workers that wait, and that workers have taken.", counts, "state"),
        gauge("queue_oldest_age_seconds", "How long the oldest ring waits.", {(): _age_of(oldest)}),
    ]


def _age_of(message: Any) -> float:
    """Seconds since a message was published; 0 where there is none, or it does not say so."""
    if message is None:
        return 0.0
    published = orjson.loads(message).get("headers", {}).get("published_at")
    return max(0.0, time.time() - published) if isinstance(published, (int, float)) else 0.0


async def breakers() -> list[Metric]:
    """Of each provider, and how many of its models rest."""
    machine = await engine()
    # Without an answer nothing is known: all of them closed would be made up.
    await machine.redis.ping()
    statuses = (await standing_of(machine.redis, machine.registry.entries())).statuses[:MOST_PROVIDERS]
    states = {
        (status["provider"], state.value): float(status["breaker"] == state) for status in statuses for state in State
    }
    resting = {(status["provider"],): float(len(status["resting_models"])) for status in statuses}
    return [
        gauge("provider_breaker", "1 for the state of a provider's breaker.", states, "provider", "state"),
        gauge("provider_models_resting", "Models whose breakers are open.", resting, "provider"),
    ]


async def processes() -> list[Metric]:
    """Engines by role."""
    return [await in_database_thread(_alive)]


def _alive() -> Metric:
    rows = RunnerLease.objects.filter(expires_at__gt=Now()).values_list("role").annotate(number=Count("id"))
    alive = {(role,): 0 for role in ("web", "worker")} | {(role,): number for role, number in rows}
    return gauge("processes_alive", "Engines that have shown of late that they live.", alive, "role")


def declare() -> None:
    """To be called when the app is ready."""
    register("queues", queues)
    register("breakers", breakers)
    register("processes", processes)
