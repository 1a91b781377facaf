"""How running tests stand, for `/metrics` and the monitoring: samples that nobody has taken."""

from __future__ import annotations

from typing import Final

from django.db.models import Min
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
    number = EvaluationSample.objects.filter(test__in=under_way, state=SampleState.PENDING)[:MOST_COUNTED].count()
    oldest = under_way.aggregate(at=Min("started_at"))["at"] if number else None
    age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    return [
        gauge("evaluation_samples_waiting", "Samples of running tests that nobody has taken.", {(): number}),
        gauge("evaluation_oldest_age_seconds", "How long the oldest test with such runs.", {(): age}),
    ]


def declare() -> None:
    """To be called when the app is ready."""
    register("evaluation", waiting)
