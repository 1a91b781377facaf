"""How running tests stand, for `/metrics` and the monitoring: samples that nobody has taken."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, Min, OuterRef
from django.utils import timezone
from prometheus_client.core import Metric

from evaluation_app.models import EvaluationSample, EvaluationTest, SampleState
from foundation.database.threads import in_database_thread
from foundation.metrics.standing import gauge, register

MOST_COUNTED: Final = 100_000


async def waiting() -> list[Metric]:
    """How many wait, and for how long the oldest test with such runs."""
    return await in_database_thread(_samples)


def _samples() -> list[Metric]:
    under_way = EvaluationTest.objects.running()
    pending = EvaluationSample.objects.filter(state=SampleState.PENDING)
    number = pending.filter(test__in=under_way)[:MOST_COUNTED].count()
    waiting = under_way.filter(Exists(pending.filter(test=OuterRef("pk"))))
    oldest = waiting.aggregate(at=Min("started_at"))["at"] if number else None
    age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    return [
        gauge("evaluation_samples_waiting", "Samples of running tests that nobody has taken.", {(): number}),
        gauge("evaluation_oldest_age_seconds", "How long the oldest test with such runs.", {(): age}),
    ]


def declare() -> None:
    """To be called when the app is ready."""
    register("evaluation", waiting)
