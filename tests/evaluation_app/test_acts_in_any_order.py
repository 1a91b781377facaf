"""A test that is paused, resumed, cancelled, taken up again and robbed of its workers in any order: its books agree."""

from __future__ import annotations

import asyncio
import random
import signal
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from evaluation_app.models import EvaluationSample, EvaluationTest, SampleState
from foundation.database.threads import in_database_thread
from playground.models import PromptExecution, Status
from tests.evaluation_app.conftest import FINAL, Bench
from tests.evaluation_app.test_dying_workers import children_of
from tests.evaluation_app.test_running import words
from tests.evaluation_app.test_steering import some_done
from tests.playground.conftest import Ledger
from tests.playground.test_reservations import priced
from tests.servers.service import Service
from tests.waiting import until

STEERED = ("pause", "resume", "cancel", "rerun-errors", "rescore")
ACTS = (*STEERED, "kill", "pause", "resume", "resume")
SAMPLES = 60


async def judged(bench: Bench, provider: str) -> tuple[str, str]:
    """A test of two variants under a ceiling, whose answers a judge compares; and its model's name."""
    model, judge = f"tokens-10-every-50ms@{uuid.uuid4().hex[:8]}", f"judge@{uuid.uuid4().hex[:8]}"
    for name in (model, judge):
        await in_database_thread(priced, f"{provider}/{name}")
    variant = {"prompt": "{{word}}", "model_id": f"{provider}/{model}"}
    params = {"rubric": "quick", "model_id": f"{provider}/{judge}"}
    made = await bench.person.post(
        "/api/evaluation/compare",
        {
            "name": "Any order", "variants": [{"name": name, **variant} for name in "AB"],
            "test_cases": words("a", "b", "c"), "scorers": [{"scorer": "pairwise_judge", "params": params}],
            "parameters": {"runs": SAMPLES // 6, "max_tokens": 20, "max_cost": 2}, "concurrency": 6,
        },
    )  # fmt: skip
    assert made.status == 202, made.body
    return made.body["id"], model


async def at_its_end(bench: Bench, test_id: str) -> dict[str, Any]:
    """The test once it has ended, resumed wherever it rests."""

    async def has_ended() -> bool:
        if (await bench.seen(test_id))["status"] in FINAL:
            return True
        await bench.person.call("POST", f"/api/evaluation/{test_id}/resume")
        return False

    await until(has_ended)
    return await bench.ended(test_id)


def books_agree(test_id: str) -> None:
    """What the test, its samples, its cases and its executions tell of money is the same, to the last digit."""
    test = EvaluationTest.objects.get(id=test_id)
    paid = PromptExecution.objects.filter(session_id=test.session_id).aggregate(paid=Sum("estimated_cost"))["paid"]
    rows = EvaluationSample.objects.filter(test=test)
    samples = rows.aggregate(cost=Sum("cost"), judges=Sum("judge_cost"))
    assert (test.reserved_cost, rows.exclude(reserved_cost=0).count()) == (Decimal(0), 0)
    assert test.spent_cost == paid == samples["cost"] + samples["judges"]
    assert sum(total.cost for total in test.totals.all()) == paid


@pytest.mark.parametrize("seed", [0, 4])
async def test_f16_acts_in_any_order_lose_no_sample_and_pay_nothing_twice(
    bench: Bench, provider: str, ledger: Ledger, service: Service, seed: int
):
    test_id, model = await judged(bench, provider)
    await some_done(bench, test_id, least=1)
    chance = random.Random(seed)
    for _ in range(14):
        await asyncio.sleep(chance.uniform(0.02, 0.7))
        act = chance.choice(ACTS)
        if act in STEERED:
            steered = await bench.person.call("POST", f"/api/evaluation/{test_id}/{act}", {})
            assert steered.status in (202, 409), steered.body
        elif children := children_of(service):
            chance.choice(children).send_signal(signal.SIGKILL)
    test = await at_its_end(bench, test_id)
    await in_database_thread(books_agree, test_id)
    if test["progress"]["errors"] or test["progress"]["skipped"]:
        await bench.steer(test_id, "rerun-errors")
        await bench.ended(test_id)
    await bench.steer(test_id, "rescore")
    await bench.ended(test_id)
    await in_database_thread(books_agree, test_id)
    rows = EvaluationSample.objects.filter(test__id=test_id)
    assert await in_database_thread(rows.filter(state=SampleState.PASSED).count) == SAMPLES
    answers = PromptExecution.objects.filter(origin="evaluation", model_id=f"{provider}/{model}")
    assert await in_database_thread(answers.filter(status=Status.COMPLETED).count) == SAMPLES
    assert len(await ledger.calls(model)) <= await in_database_thread(answers.count)
