"""Workers that are killed, frozen, or told twice: each sample ends once, and nothing that was stored is paid again."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections import Counter
from decimal import Decimal
from typing import Any

import psutil
import pytest
from django.db.models import Sum

from config.celery import app
from evaluation_app.models import Claim, EvaluationSample, EvaluationTest
from foundation.database.threads import in_database_thread
from foundation.processes import kill_session
from playground.models import PromptExecution
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.test_running import words
from tests.evaluation_app.test_steering import some_done
from tests.playground.conftest import Ledger
from tests.playground.test_reservations import priced
from tests.servers.service import Service
from tests.waiting import until

CONCURRENCY = 8


@pytest.fixture
async def priced_model(provider: str) -> str:
    """A model of this test alone that takes half a second, and has a price."""
    model_id = f"{provider}/tokens-10-every-50ms@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, model_id)
    return model_id


async def begun(bench: Bench, model_id: str, *, runs: int = 20, **parameters: Any) -> str:
    """A test of three cases that has some answers and some calls under way."""
    made = await bench.begin(
        name="Deadly",
        prompt="{{word}}",
        model_id=model_id,
        test_cases=words("a", "b", "c", expected="quick"),
        parameters={"runs": runs, "max_tokens": 20, **parameters},
        concurrency=CONCURRENCY,
    )
    await some_done(bench, made["id"], least=5)
    return str(made["id"])


def children_of(service: Service) -> list[psutil.Process]:
    """The worker's pool."""
    return list(psutil.Process(service.background[0].pid).children())


def nothing_is_lost(test_id: str, samples: int) -> Decimal:
    """Each sample has ended once, nothing is set aside, and the bill is that of the executions: USD."""
    test = EvaluationTest.objects.get(id=test_id)
    rows = EvaluationSample.objects.filter(test=test)
    assert Counter(rows.values_list("state", flat=True)).keys() <= {"passed", "failed", "errored"}
    assert (rows.count(), test.done, test.samples) == (samples, samples, samples)
    assert test.reserved_cost == 0
    assert not rows.exclude(reserved_cost=0).exists()
    assert not Claim.objects.filter(test=test).exists()
    paid = PromptExecution.objects.filter(session_id=test.session_id).aggregate(paid=Sum("estimated_cost"))["paid"]
    assert test.spent_cost == paid > 0
    assert sum(total.cost for total in test.totals.all()) == paid
    return Decimal(paid)


async def test_f16_a_task_that_is_delivered_many_times_pays_once(bench: Bench, priced_model: str, ledger: Ledger):
    test_id = await begun(bench, priced_model)
    for _ in range(6):
        app.send_task("evaluation_app.tasks.run_test", kwargs={"test_id": test_id})
    test = await bench.ended(test_id)
    assert test["status"] == "completed"
    await in_database_thread(nothing_is_lost, test_id, 60)
    assert len(await ledger.calls(priced_model.partition("/")[2])) == 60
    app.send_task("evaluation_app.tasks.run_test", kwargs={"test_id": test_id})
    assert (await bench.seen(test_id))["results"] == test["results"]


async def test_f16_children_that_are_killed_leave_a_test_that_goes_on(
    bench: Bench, priced_model: str, ledger: Ledger, service: Service
):
    test_id = await begun(bench, priced_model)
    for child in children_of(service):
        child.send_signal(signal.SIGKILL)
    test = await bench.ended(test_id)
    assert test["status"] == "completed"
    assert test["progress"]["errors"] == 0
    await in_database_thread(nothing_is_lost, test_id, 60)
    assert 60 <= len(await ledger.calls(priced_model.partition("/")[2])) <= 60 + CONCURRENCY


async def test_f16_a_whole_worker_that_is_killed_leaves_a_test_that_another_takes_up(
    bench: Bench, priced_model: str, ledger: Ledger, service: Service
):
    test_id = await begun(bench, priced_model)
    worker = service.background[0]
    kill_session(worker.pid)
    await asyncio.to_thread(worker.wait)
    await asyncio.to_thread(service.revive)
    test = await bench.ended(test_id)
    assert test["status"] == "completed"
    await in_database_thread(nothing_is_lost, test_id, 60)
    assert len(await ledger.calls(priced_model.partition("/")[2])) <= 60 + CONCURRENCY


async def test_f16_a_worker_that_stops_gives_up_no_sample_whose_answer_comes_elsewhere(
    bench: Bench, priced_model: str, service: Service
):
    """What another process began is waited for; that this one hears of its end no more is no error of the sample."""
    test_id = await begun(bench, priced_model)
    await bench.steer(test_id, "pause")
    await bench.ended(test_id, "paused")
    rows = EvaluationSample.objects.filter(test__id=test_id)
    slow = f"{priced_model.partition('/')[0]}/tokens-900-every-100ms"
    async with bench.person.streaming(slow) as stream:
        execution_id = (await anext(aiter(stream))).data["execution_id"]
        waiting = await in_database_thread(rows.filter(state="pending").first)
        assert waiting is not None
        mine = rows.filter(id=waiting.id)
        await in_database_thread(lambda: mine.update(execution_id=execution_id))
        await bench.steer(test_id, "resume")

        async def is_the_last() -> bool:
            return bool((await bench.seen(test_id))["progress"]["done"] == 59)

        await until(is_the_last)
        worker = service.background[0]
        worker.terminate()
        await asyncio.to_thread(worker.wait)
        given_back = await in_database_thread(mine.get)
        await asyncio.to_thread(service.revive)
        assert (given_back.state, given_back.error_code, str(given_back.execution_id)) == ("pending", "", execution_id)
        assert (await bench.person.post(f"/api/executions/{execution_id}/cancel")).status < 300
    test = await bench.ended(test_id)
    assert (test["status"], test["progress"]["errors"]) == ("completed", 0)


async def test_a_test_that_lost_a_runner_gets_its_whole_concurrency_again(
    bench: Bench, provider: str, ledger: Ledger, service: Service
):
    """Two children share it. The other one of a killed child had gone on alone, with half of it, to the end."""
    model = f"tokens-900-every-100ms@{uuid.uuid4().hex[:8]}"
    made = await bench.begin(
        name="Halved", prompt="{{word}}", model_id=f"{provider}/{model}", test_cases=words("a", "b", "c"),
        parameters={"runs": 20}, concurrency=CONCURRENCY,
    )  # fmt: skip
    test_id = str(made["id"])

    async def are_open() -> bool:
        return len(await ledger.calls(model, is_open=True)) == CONCURRENCY

    await until(are_open)
    claims = Claim.objects.filter(test__id=test_id)
    first = await in_database_thread(lambda: set(claims.values_list("id", flat=True)))
    children_of(service)[0].kill()

    async def one_is_gone() -> bool:
        # Not that there are fewer: the next runner may be there in the same moment.
        return not first <= await in_database_thread(lambda: set(claims.values_list("id", flat=True)))

    await until(one_is_gone)
    await until(are_open)
    await bench.steer(test_id, "cancel")
    await bench.ended(test_id)


async def test_a_frozen_child_that_wakes_up_changes_nothing(
    bench: Bench, priced_model: str, ledger: Ledger, service: Service
):
    test_id = await begun(bench, priced_model)
    frozen = children_of(service)[0]
    frozen.suspend()
    try:
        test = await bench.ended(test_id)
        assert test["status"] == "completed"
    finally:
        frozen.resume()
    assert len(await ledger.calls(priced_model.partition("/")[2])) <= 60 + CONCURRENCY
    await in_database_thread(nothing_is_lost, test_id, 60)
    # What it held is somebody else's by now: a test of its own shows that it works on.
    made = await bench.begin(
        name="After", prompt="{{word}}", model_id=priced_model, test_cases=words("x", expected="quick"),
        parameters={"runs": 4, "max_tokens": 20},
    )  # fmt: skip
    assert (await bench.ended(made["id"]))["status"] == "completed"
    assert (await bench.seen(test_id))["results"] == test["results"]
    await in_database_thread(nothing_is_lost, test_id, 60)


async def test_t37_a_ceiling_is_never_passed_and_whole_blocks_are_figured(
    bench: Bench, priced_model: str, ledger: Ledger
):
    whole = await bench.begin(
        name="Capped", prompt="{{word}}", model_id=priced_model, test_cases=words("a", "b", "c", expected="quick"),
        parameters={"runs": 20, "max_tokens": 20, "max_cost": 0.004},
    )  # fmt: skip
    test = await bench.ended(whole["id"])
    assert (test["status"], test["stop_reason"]) == ("completed", "max_cost")
    assert 0 < test["cost"]["spent"] <= 0.004
    assert test["cost"]["reserved"] == 0
    assert test["progress"]["skipped"] > 0
    assert test["progress"]["done"] == 60
    answered = 60 - test["progress"]["skipped"]
    assert len(await ledger.calls(priced_model.partition("/")[2])) == answered
    # The next one did not fit: it is no stump of what was allowed.
    assert test["cost"]["spent"] + 0.0003 > 0.004


async def test_a_model_without_a_price_is_refused_under_a_ceiling(bench: Bench, provider: str):
    refused = await bench.person.call(
        "POST",
        "/api/evaluation/probabilistic",
        {
            "name": "No price", "prompt": "x", "model_id": f"{provider}/echo", "test_cases": [{}],
            "parameters": {"runs": 1, "max_cost": 1},
        },
    )  # fmt: skip
    assert refused.status == 400
    assert refused.body["errors"][0]["field"] == "parameters.max_cost"


async def test_a_ceiling_below_a_single_call_is_refused(bench: Bench, priced_model: str):
    """It was taken, kept as 0, and each sample skipped."""
    sent = {
        "name": "Too little", "prompt": "{{word}}", "model_id": priced_model, "test_cases": words("a", "b"),
        "parameters": {"runs": 1, "max_tokens": 20, "max_cost": 1e-12},
    }  # fmt: skip
    refused = await bench.person.post("/api/evaluation/probabilistic", sent)
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"], error["code"]) == (400, "parameters.max_cost", "too_small")
    assert "may cost up to 0.000" in error["message"]
