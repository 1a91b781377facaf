"""Tests at `speed: economy`: sent in a provider's batches, waited for by nobody, each sample paid once."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from config.celery import app
from evaluation_app.economy import enlisting
from evaluation_app.economy.enlisting import enlist
from evaluation_app.economy.lease import Lease
from evaluation_app.economy.prepared import Preparing
from evaluation_app.models import EvaluationSample, EvaluationTest, ProviderBatch
from evaluation_app.running.material import Material
from evaluation_app.running.store import Claimed
from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.doors.conftest import BrowserOf, browser_of
from tests.evaluation_app.economy import WIRES, Economy, economy, looked_at_now
from tests.evaluation_app.test_dying_workers import children_of, nothing_is_lost
from tests.evaluation_app.test_running import words
from tests.servers.service import Service
from tests.waiting import until

__all__ = ["browser_of", "economy"]


@pytest.mark.parametrize("wire", WIRES)
async def test_a_whole_test_is_answered_in_batches_at_half_the_price(economy: Economy, wire: str):
    model_id = await economy.model(wire, "batch-after-500ms")
    test_id = await economy.begin(model_id)
    test = await economy.bench.ended(test_id)
    assert (test["status"], test["progress"]["errors"], test["policy"]["speed"]) == ("completed", 0, "economy"), test
    samples = await economy.bench.samples(test_id)
    assert {(each["outcome"], each["latency"]) for each in samples} == {("passed", None)}
    assert {each["output"] for each in samples} == {"Say a", "Say b", "Say c"}
    assert [call["wire"] for call in await economy.calls(model_id)] == [f"{wire} batch"] * 12
    assert await economy.batches(model_id) == 1
    await in_database_thread(nothing_is_lost, test_id, 12)
    execution = await economy.bench.person.call("GET", f"/api/executions/{samples[0]['execution_id']}")
    assert execution.body["metadata"]["service_tier"] == "batch"
    usage = execution.body["usage"]
    whole = (usage["prompt_tokens"] * 1 + usage["completion_tokens"] * 10) / 1_000_000
    assert usage["estimated_cost"] == pytest.approx(whole / 2)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_refused_request_of_a_batch_is_that_sample_s_error_alone(economy: Economy, wire: str):
    test_id = await economy.begin(await economy.model(wire, "batch-partly"))
    test = await economy.bench.ended(test_id)
    assert (test["status"], test["progress"]["errors"], test["progress"]["done"]) == ("completed", 1, 12), test
    (sample,) = await economy.bench.samples(test_id, outcome="errored")
    assert sample["error"]["code"] == "provider_refused"
    assert "temperature" in sample["error"]["message"]


@pytest.mark.parametrize("wire", WIRES)
async def test_what_expired_is_asked_once_more_and_no_more(economy: Economy, wire: str):
    model_id = await economy.model(wire, "batch-expired")
    test_id = await economy.begin(model_id)
    test = await economy.bench.ended(test_id)
    assert (test["progress"]["done"], test["progress"]["errors"]) == (12, 3), test
    assert await economy.batches(model_id) == 2
    assert len(await economy.calls(model_id)) == 18
    assert test["cost"]["reserved"] == 0


@pytest.mark.parametrize("wire", WIRES)
async def test_results_that_are_cut_off_are_read_again(economy: Economy, wire: str):
    model_id = await economy.model(wire, "batch-cut")
    test_id = await economy.begin(model_id)
    assert (await economy.bench.ended(test_id))["progress"]["errors"] == 0
    await in_database_thread(nothing_is_lost, test_id, 12)
    assert await economy.batches(model_id) == 1


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    "behaviour", ["batch-lost", "batch-after-1000ms-lost", "batch-never", "batch-500", "batch-429"]
)
async def test_a_batch_whose_sending_was_not_heard_the_end_of_is_looked_for_before_it_is_sent_anew(
    economy: Economy, wire: str, behaviour: str
):
    model_id = await economy.model(wire, behaviour)
    test_id = await economy.begin(model_id)
    test = await economy.bench.ended(test_id)
    assert (test["status"], test["progress"]["errors"]) == ("completed", 0), test
    assert await economy.batches(model_id) == 1
    assert len(await economy.calls(model_id)) == 12
    await in_database_thread(nothing_is_lost, test_id, 12)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_worker_that_dies_between_sending_and_storing_pays_nothing_twice(
    economy: Economy, wire: str, service: Service
):
    model_id = await economy.model(wire, "batch-after-2000ms")
    test_id = await economy.begin(model_id)
    await economy.sent(model_id)
    for child in children_of(service):
        child.kill()

    def unheard() -> None:
        batches = ProviderBatch.objects.filter(test__id=test_id)
        assert batches.update(state="sending", provider_batch_id="") == 1

    await in_database_thread(unheard)
    await in_database_thread(looked_at_now, test_id)
    test = await economy.bench.ended(test_id)
    assert (test["status"], test["progress"]["errors"]) == ("completed", 0), test
    assert await economy.batches(model_id) == 1
    await in_database_thread(nothing_is_lost, test_id, 12)


async def test_looks_that_are_delivered_many_times_store_and_pay_once(economy: Economy):
    model_id = await economy.model("openai", "batch-after-1500ms")
    test_id = await economy.begin(model_id, runs=30)
    await economy.sent(model_id)
    batch = await in_database_thread(ProviderBatch.objects.get, test=test_id)

    async def ended() -> bool:
        for _ in range(3):
            app.send_task("evaluation_app.tasks.look_at_batch", kwargs={"batch_id": str(batch.id)})
        await in_database_thread(looked_at_now, test_id)
        return bool((await economy.bench.seen(test_id))["status"] == "completed")

    await until(ended)
    await in_database_thread(nothing_is_lost, test_id, 90)
    assert (await economy.batches(model_id), len(await economy.calls(model_id))) == (1, 90)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_cancel_keeps_what_was_answered_and_skips_the_rest(economy: Economy, wire: str):
    model_id = await economy.model(wire, "batch-forever")
    test_id = await economy.begin(model_id)
    await economy.sent(model_id)
    await economy.bench.steer(test_id, "cancel")
    test = await economy.bench.ended(test_id)
    assert (test["status"], test["progress"]["done"], test["progress"]["skipped"]) == ("cancelled", 12, 8), test
    assert test["cost"]["reserved"] == 0
    assert test["cost"]["spent"] > 0
    rows = await in_database_thread(lambda: PromptExecution.objects.filter(session__name="Cheap").count())
    assert rows == 4


async def test_a_ceiling_holds_at_the_batch_price(economy: Economy):
    model_id = await economy.model("openai")
    test_id = await economy.begin(model_id, runs=20, max_cost=0.0004, max_tokens=4)
    test = await economy.bench.ended(test_id)
    assert (test["status"], test["stop_reason"]) == ("completed", "max_cost"), test
    assert 0 < test["cost"]["spent"] <= 0.0004
    assert test["cost"]["reserved"] == 0
    assert len(await economy.calls(model_id)) == 60 - test["progress"]["skipped"]


async def test_what_waits_for_money_is_not_prepared_at_every_ring(economy: Economy, monkeypatch: pytest.MonkeyPatch):
    model_id = await economy.model("openai", "batch-forever")
    test_id = await economy.begin(model_id, runs=20, max_cost=0.0004)
    await economy.sent(model_id)
    material = await Material.of(uuid.UUID(test_id))
    assert material is not None
    prepared: list[uuid.UUID] = []
    line_of = Preparing.line_of

    async def counted(self: Preparing, sample: Claimed) -> bytes:
        prepared.append(sample.id)
        return await line_of(self, sample)

    monkeypatch.setattr(Preparing, "line_of", counted)

    async def has_looked() -> bool:
        # A worker may be at it just now.
        await enlist(material)
        return bool(prepared)

    await until(has_looked)
    assert len(prepared) == 1
    test = await economy.bench.seen(test_id)
    assert (test["status"], test["stop_reason"]) == ("running", None), test


async def test_a_test_is_put_into_batches_by_one_at_a_time(economy: Economy, monkeypatch: pytest.MonkeyPatch):
    model_id = await economy.model("openai", "batch-forever")
    test_id = uuid.UUID(await economy.begin(model_id, runs=20, max_cost=0.0004))
    await economy.sent(model_id)
    held = await until(lambda: in_database_thread(Lease.taken, test_id))
    assert await in_database_thread(Lease.taken, test_id) is None
    material = await Material.of(test_id)
    assert material is not None
    with monkeypatch.context() as patched:
        patched.setattr(enlisting, "next_samples", None)  # who asks for samples fails
        await enlist(material)
    await in_database_thread(held.renew)
    test = EvaluationTest.objects.filter(id=test_id)
    past = timezone.now() - timedelta(seconds=1)
    await in_database_thread(lambda: test.update(enlisting_until=past))
    after = await until(lambda: in_database_thread(Lease.taken, test_id))
    await in_database_thread(held.let_go)
    assert await in_database_thread(Lease.taken, test_id) is None
    await in_database_thread(after.let_go)
    await until(lambda: in_database_thread(Lease.taken, test_id))


async def test_a_model_without_batches_is_refused_before_anything_is_paid(economy: Economy, provider: str):
    with_batches = await economy.model("openai")
    body = {
        "name": "Mixed",
        "variants": [
            {"name": "first", "prompt": "Say {{word}}", "model_id": with_batches},
            {"name": "second", "prompt": "Say {{word}}", "model_id": f"{provider}/echo"},
        ],
        "test_cases": words("a"),
        "parameters": {"runs": 1},
        "speed": "economy",
    }
    answer = await economy.bench.person.call("POST", "/api/evaluation/compare", body)
    assert answer.status == 400
    (error,) = answer.body["errors"]
    assert (error["field"], error["code"]) == ("variants.1.model_id", "no_batch_interface")
    assert "second" in error["message"]
    assert not await in_database_thread(EvaluationTest.objects.filter(name="Mixed").exists)
    assert not await in_database_thread(EvaluationSample.objects.filter(test__name="Mixed").exists)


async def test_a_scorer_of_times_is_refused_at_economy_before_anything_is_paid(economy: Economy):
    in_time = {"scorer": "latency", "params": {"max_seconds": 2}}
    body = {
        "name": "Timed",
        "prompt": "Say {{word}}",
        "model_id": await economy.model("openai"),
        "test_cases": [
            {"input": {"word": "a"}, "expected_output": {"type": "latency", "max_seconds": 2}},
            {"input": {"word": "b"}, "scorers": [in_time]},
        ],
        "scorers": [{"scorer": "length", "params": {"max_words": 9}}, in_time],
        "parameters": {"runs": 1},
    }
    answer = await economy.bench.person.call("POST", "/api/evaluation/probabilistic", {**body, "speed": "economy"})
    assert answer.status == 400
    places = {each["field"]: each["message"] for each in answer.body["errors"]}
    assert places.keys() == {"test_cases.0.expected_output.type", "test_cases.1.scorers.0.scorer", "scorers.1.scorer"}
    assert set(places.values()) == {"latency gives no score at economy: how long a batch took tells nothing."}
    assert not await in_database_thread(EvaluationTest.objects.filter(name="Timed").exists)
    assert (await economy.bench.person.call("POST", "/api/evaluation/probabilistic", body)).status == 202


async def test_a_plan_tells_what_it_costs_at_economy(economy: Economy, provider: str):
    body = {
        "name": "Planned",
        "prompt": "Say {{word}}",
        "model_id": await economy.model("anthropic"),
        "test_cases": words("a", "b"),
        "parameters": {"runs": 5, "max_tokens": 20},
    }
    answer = await economy.bench.person.call("POST", "/api/evaluation/plan", body)
    forecast = answer.body["forecast"]
    assert forecast["economy"]["hours"] == 24
    for name, cost in forecast["cost"].items():
        assert forecast["economy"]["cost"][name] == pytest.approx(cost / 2)
    answer = await economy.bench.person.call("POST", "/api/evaluation/plan", {**body, "model_id": f"{provider}/echo"})
    assert answer.body["forecast"]["economy"]["cost"] is None
    assert "no batch interface" in answer.body["forecast"]["economy"]["reason"]


async def test_the_page_says_what_it_waits_for(economy: Economy, browser_of: BrowserOf):
    model_id = await economy.model("openai", "batch-forever")
    test_id = await economy.begin(model_id)
    await economy.sent(model_id)
    browser = await in_database_thread(browser_of, economy.bench.person)

    async def told() -> bool:
        page = (await browser.get(f"/evaluations/{test_id}")).text
        return "batch, sent" in page and "0 of 12 answered" in page

    await until(told)
    assert "batch, sent" in (await browser.get("/evaluations")).text
    await economy.bench.steer(test_id, "cancel")
    await economy.bench.ended(test_id)


async def test_a_pause_sends_nothing_more_and_stores_what_was_sent(economy: Economy, browser_of: BrowserOf):
    model_id = await economy.model("openai", "batch-after-6000ms")
    test_id = await economy.begin(model_id)
    await economy.sent(model_id)
    await economy.bench.steer(test_id, "pause")
    browser = await in_database_thread(browser_of, economy.bench.person)
    assert "It pauses: nothing more is asked" in (await browser.get(f"/evaluations/{test_id}")).text
    test = await economy.bench.ended(test_id)
    assert (test["status"], test["progress"]["errors"]) == ("completed", 0), test
    assert await economy.batches(model_id) == 1
    await in_database_thread(nothing_is_lost, test_id, 12)
