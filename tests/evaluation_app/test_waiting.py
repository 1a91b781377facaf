"""Samples of running tests that nobody has taken, as `/metrics` and the monitoring tell them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from evaluation_app.models import EvaluationCase, EvaluationSample, EvaluationVariant
from evaluation_app.running.waiting import waiting
from foundation.database.threads import in_database_thread
from tests.cast import new_user
from tests.privacy.rows import a_test


def a_running_test(states: list[str], *, minutes: int, status: str = "running") -> None:
    """It began so long ago; a sample a state."""
    began = timezone.now() - timedelta(minutes=minutes)
    test = a_test(new_user(), days=0, status=status, started_at=began, samples=len(states))
    variant = EvaluationVariant.objects.create(test=test, position=0, name="v", model_id="m", body={"prompt": "x"})
    case = EvaluationCase.objects.create(
        test=test, position=0, block=0, key="k", open_samples=1, name="c", input={}, expected={}, scorers=[]
    )
    for run, state in enumerate(states, 1):
        EvaluationSample.objects.create(test=test, variant=variant, case=case, run=run, block=0, state=state)


async def told() -> tuple[float, float]:
    """How many wait, and how long the oldest such test runs."""
    number, age = await waiting()
    return number.samples[0].value, age.samples[0].value


@pytest.mark.django_db(transaction=True)
async def test_samples_of_running_tests_wait_until_they_are_taken():
    assert await told() == (0, 0)
    await in_database_thread(a_running_test, ["pending", "pending", "passed"], minutes=5)
    # Nothing of these waits: all is taken, or the test does not run.
    await in_database_thread(a_running_test, ["passed", "failed"], minutes=60)
    await in_database_thread(a_running_test, ["pending"], minutes=90, status="paused")
    number, age = await told()
    assert number == 2
    assert age == pytest.approx(300, abs=60)
