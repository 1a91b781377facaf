"""At economy, with more than words: judges, files, and questions that are gone when their answers come."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from evaluation_app.models import EvaluationCase, EvaluationSample, EvaluationTest
from foundation.database.threads import in_database_thread
from playground.models import Attachment, PromptExecution
from tests.evaluation_app.economy import WIRES, Economy, economy, looked_at_now
from tests.evaluation_app.test_dying_workers import nothing_is_lost
from tests.playground.conftest import Ledger
from tests.playground.media import png
from tests.playground.test_reservations import priced
from tests.playground.uploads import uploaded
from tests.waiting import until

__all__ = ["economy"]


def spoiled(test_id: str) -> None:
    """As if the variables of the prompt had changed since: the first case does not fit any more."""
    case = EvaluationCase.objects.filter(test__id=test_id).order_by("position")[0]
    case.input = {"other": "x"}
    case.save(update_fields=["input"])


def judged(judge: str) -> dict[str, Any]:
    """Of a test's body: a judge alone decides, and wants “yes” in what says what it is asked to."""
    params = {"rubric": "yes is what a good answer holds.", "model_id": judge}
    cases = [{"input": {"word": word}} for word in ("yes", "no", "maybe")]
    return {"prompt": "{{word}}", "scorers": [{"scorer": "llm_judge", "params": params}], "test_cases": cases}


def executions(test_id: str) -> list[PromptExecution]:
    """Of the test's samples, in their order."""
    samples = EvaluationSample.objects.filter(test__id=test_id).order_by("block", "run", "id")
    return [PromptExecution.objects.get(id=id_) for id_ in samples.values_list("execution_id", flat=True) if id_]


def paid_for(test_id: str) -> Decimal:
    """USD of all executions of the test, those of judges too."""
    session_id = EvaluationTest.objects.get(id=test_id).session_id
    rows = PromptExecution.objects.filter(session_id=session_id)
    return Decimal(rows.aggregate(paid=Sum("estimated_cost"))["paid"])


@pytest.mark.parametrize("wire", WIRES)
async def test_an_answer_whose_question_is_gone_is_kept_scored_and_billed(economy: Economy, wire: str):
    model_id = await economy.model(wire, "batch-after-2000ms")
    test_id = await economy.begin(model_id)
    await economy.sent(model_id)
    await in_database_thread(spoiled, test_id)
    test = await economy.bench.ended(test_id)
    assert (test["status"], test["progress"]["errors"], test["progress"]["done"]) == ("completed", 0, 12), test
    await in_database_thread(nothing_is_lost, test_id, 12)
    rows = await in_database_thread(executions, test_id)
    assert all(row.estimated_cost for row in rows)
    assert {row.answer["response"] for row in rows} == {"Say a", "Say b", "Say c"}
    unfilled = [row for row in rows if row.metadata.get("is_unfilled")]
    assert [row.request for row in unfilled] == [{"prompt": "Say {{word}}", "variables": {"other": "x"}}] * 4
    assert len(rows) == 12


async def test_messages_whose_question_is_gone_are_told_as_they_were_written(economy: Economy):
    model_id = await economy.model("openai", "batch-after-2000ms")
    messages = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Say {{word}}"}]
    test_id = await economy.begin(model_id, more={"messages": messages, "prompt": None})
    await economy.sent(model_id)
    await in_database_thread(spoiled, test_id)
    test = await economy.bench.ended(test_id)
    assert (test["status"], test["progress"]["errors"], test["progress"]["done"]) == ("completed", 0, 12), test
    rows = await in_database_thread(executions, test_id)
    assert [row.request["messages"] for row in rows if row.metadata.get("is_unfilled")] == [messages] * 4


async def test_an_answer_whose_picture_was_deleted_meanwhile_is_kept(economy: Economy):
    model_id = await economy.model("openai", "batch-after-2000ms")
    picture = await uploaded(economy.bench.person, png(note=uuid.uuid4().bytes))
    test_id = await economy.begin(model_id, more={"attachments": [{"type": "image", "artifact_id": picture}]})
    await economy.sent(model_id)
    (first, *_) = await economy.calls(model_id)
    assert first["wire"] == "openai batch"
    await in_database_thread(lambda: Attachment.objects.filter(id=picture).delete())
    test = await economy.bench.ended(test_id)
    assert (test["status"], test["progress"]["errors"], test["progress"]["done"]) == ("completed", 0, 12), test
    await in_database_thread(nothing_is_lost, test_id, 12)


async def test_a_sample_that_can_be_asked_no_more_leaves_its_batch_alone(economy: Economy):
    """Between its way into the batch and the sending, which the provider put off."""
    model_id = await economy.model("openai", "batch-429")
    test_id = await economy.begin(model_id)
    await in_database_thread(spoiled, test_id)

    async def ended() -> dict[str, Any] | None:
        await in_database_thread(looked_at_now, test_id)
        test = await economy.bench.seen(test_id)
        return test if test["status"] == "completed" else None

    test = await until(ended)
    assert (test["progress"]["errors"], test["progress"]["done"], test["cost"]["reserved"]) == (4, 12, 0), test
    errors = await economy.bench.samples(test_id, outcome="errored")
    assert {"word" in each["error"]["message"] for each in errors} == {True}, errors
    assert len(await economy.calls(model_id)) == 8
    await in_database_thread(nothing_is_lost, test_id, 12)


@pytest.mark.parametrize("wire", WIRES)
async def test_judges_ask_at_once_about_answers_that_came_in_a_batch(
    economy: Economy, ledger: Ledger, provider: str, wire: str
):
    judge = f"judge@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, f"{provider}/{judge}")
    model_id = await economy.model(wire, "batch-after-500ms")
    test_id = await economy.begin(model_id, max_cost=5, more=judged(f"{provider}/{judge}"))
    test = await economy.bench.ended(test_id)
    assert (test["status"], test["progress"]["errors"]) == ("completed", 0), test
    assert [case["passed"] for case in test["results"]["cases"]] == [4, 0, 0]
    samples = await economy.bench.samples(test_id)
    repeated = [each for each in samples if uuid.UUID(each["id"]).int % 10 == 0]
    assert len(await ledger.calls(judge)) == 12 + 2 * len(repeated)
    assert await economy.batches(model_id) == 1
    paid = await in_database_thread(paid_for, test_id)
    assert (Decimal(str(test["cost"]["spent"])), test["cost"]["reserved"]) == (paid, 0)
