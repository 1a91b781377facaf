"""A test that is paused, resumed, cancelled, run again where it failed, and judged anew: nothing is paid twice."""

from __future__ import annotations

import asyncio
import uuid
from decimal import Decimal
from typing import Any

import psycopg
from django.db import transaction

from evaluation_app import lifecycle
from evaluation_app.models import Control, EvaluationCase, EvaluationSample, EvaluationTest, SampleState, TestStatus
from evaluation_app.running.settling import settle
from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.test_running import words
from tests.playground.conftest import Ledger
from tests.servers.embedded import EmbeddedServers
from tests.waiting import until

SLOW = "tokens-20-every-30ms"
WORKERS_PATIENCE = 6.0
"""`foundation.database.threads.PATIENCE`, which is longer in the process of the tests."""
WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'prompt_executions'::regclass"


async def begun(bench: Bench, model_id: str, *, runs: int = 30, **more: Any) -> str:
    """A test of three cases that has calls under way."""
    parameters = {"runs": runs, **more.pop("parameters", {})}
    made = await bench.begin(
        name="Steered",
        prompt="{{word}}",
        model_id=model_id,
        test_cases=words("a", "b", "c"),
        parameters=parameters,
        **more,
    )
    return str(made["id"])


async def some_done(bench: Bench, test_id: str, least: int = 1) -> dict[str, Any]:
    """The test, once some samples have ended."""

    async def there() -> dict[str, Any] | None:
        seen = await bench.seen(test_id)
        return seen if seen["progress"]["done"] >= least else None

    found: dict[str, Any] = await until(there)
    return found


async def test_a_pause_begins_nothing_more_and_keeps_what_is_under_way(bench: Bench, provider: str, ledger: Ledger):
    model = f"{SLOW}@{uuid.uuid4().hex[:8]}"
    test_id = await begun(bench, f"{provider}/{model}", runs=10, concurrency=4)
    await some_done(bench, test_id)
    await bench.steer(test_id, "pause")
    paused = await bench.ended(test_id, "paused")
    calls = len(await ledger.calls(model))
    assert paused["progress"]["done"] == calls < 30
    assert paused["cost"]["reserved"] == 0
    await bench.steer(test_id, "pause", status=409)
    await bench.steer(test_id, "resume")
    test = await bench.ended(test_id, "completed")
    assert test["progress"]["done"] == 30
    assert len(await ledger.calls(model)) == 30


async def test_a_pause_waits_for_answers_that_nobody_has_taken_up_yet(bench: Bench, provider: str):
    """Answers of a batch come without a runner: a test that was looked at just then rested without their scores."""
    test_id = await begun(bench, f"{provider}/echo", runs=1)
    await bench.ended(test_id)

    def rests(*, execution_id: uuid.UUID | None) -> tuple[bool, str]:
        with transaction.atomic():
            tests = EvaluationTest.objects.filter(id=test_id)
            tests.update(status=TestStatus.RUNNING, control=Control.PAUSE)
            left = EvaluationSample.objects.filter(id=some.id)
            left.update(state=SampleState.PENDING, execution_id=execution_id)
            seen = settle(uuid.UUID(test_id)), tests.get().status
            transaction.set_rollback(True)
        return seen

    some = await in_database_thread(lambda: EvaluationSample.objects.filter(test__id=test_id)[0])
    assert await in_database_thread(lambda: rests(execution_id=some.execution_id)) == (False, "running")
    # Money may be set aside for what was never begun: it waits for the test to be resumed.
    assert await in_database_thread(lambda: rests(execution_id=uuid.uuid4())) == (True, "paused")
    assert await in_database_thread(lambda: rests(execution_id=None)) == (True, "paused")


async def test_a_paused_test_rests_where_money_is_set_aside_for_what_never_began(
    bench: Bench, provider: str, ledger: Ledger
):
    """Its runner claimed that sample again and again, since it might have begun, and was refused each time."""
    model = f"{SLOW}@{uuid.uuid4().hex[:8]}"
    test_id = await begun(bench, f"{provider}/{model}", runs=10, concurrency=4)
    await some_done(bench, test_id)
    await bench.steer(test_id, "pause")
    await bench.ended(test_id, "paused")
    tests, samples = EvaluationTest.objects.filter(id=test_id), EvaluationSample.objects.filter(test__id=test_id)

    def is_taken_up() -> None:
        left = samples.filter(state=SampleState.PENDING)[0]
        samples.filter(id=left.id).update(execution_id=uuid.uuid4())
        tests.update(status=TestStatus.RUNNING)

    await in_database_thread(is_taken_up)
    await bench.ended(test_id, "paused")
    await bench.steer(test_id, "resume")
    ended = await bench.ended(test_id, "completed")
    assert (ended["progress"]["done"], ended["progress"]["errors"], ended["progress"]["skipped"]) == (30, 0, 0)
    assert len(await ledger.calls(model)) == 30


async def test_a_cancel_closes_the_connections_and_keeps_what_was_answered(bench: Bench, provider: str, ledger: Ledger):
    model = f"tokens-900-every-100ms@{uuid.uuid4().hex[:8]}"
    test_id = await begun(bench, f"{provider}/{model}", concurrency=4)

    async def are_open() -> bool:
        return len(await ledger.calls(model, is_open=True)) == 4

    await until(are_open)
    await bench.steer(test_id, "cancel")
    test = await bench.ended(test_id)
    assert (test["status"], test["stop_reason"], test["progress"]["skipped"]) == ("cancelled", "cancelled", 90)
    assert test["progress"]["done"] == 90
    assert test["cost"]["reserved"] == 0
    assert not await ledger.calls(model, is_open=True)
    assert len(await ledger.calls(model)) == 4
    await bench.steer(test_id, "cancel", status=409)


async def test_what_waits_to_be_asked_once_more_keeps_no_money_of_a_cancelled_test(bench: Bench, provider: str):
    """What was set aside for it stayed so, though nothing was under way any more."""
    test_id = await begun(bench, f"{provider}/echo", runs=1)
    await bench.ended(test_id)

    def reserved_at_its_end() -> tuple[bool, Decimal, Decimal]:
        tests, samples = EvaluationTest.objects.filter(id=test_id), EvaluationSample.objects.filter(test__id=test_id)
        with transaction.atomic():
            aside = Decimal("0.5")
            tests.update(status=TestStatus.RUNNING, control=Control.CANCEL, reserved_cost=aside, done=2)
            died = samples.filter(id=samples[0].id)
            died.update(state=SampleState.PENDING, execution_id=None, reserved_cost=aside)
            EvaluationCase.objects.filter(id=died.get().case_id).update(open_samples=1)
            seen = settle(uuid.UUID(test_id)), tests.get().reserved_cost, died.get().reserved_cost
            transaction.set_rollback(True)
        return seen

    assert await in_database_thread(reserved_at_its_end) == (True, Decimal(0), Decimal(0))


async def test_errors_are_no_wrong_answers_and_are_asked_again_alone(bench: Bench, provider: str, ledger: Ledger):
    """The model fails its first calls so often that no attempt is left, then answers."""
    model = f"fault-400@{uuid.uuid4().hex[:8]}"
    test_id = await begun(bench, f"{provider}/{model}", runs=2, error_policy="continue")
    test = await bench.ended(test_id)
    assert test["status"] == "completed"
    assert (test["progress"]["errors"], test["progress"]["done"]) == (6, 6)
    assert test["results"]["success_rate"] is None
    before = len(await ledger.calls(model))
    (sample, *_) = await bench.samples(test_id, outcome="errored")
    assert sample["error"]["code"] == "provider_refused"
    assert sample["passed"] is None
    await bench.steer(test_id, "rerun-errors")
    again = await bench.ended(test_id)
    assert (again["progress"]["errors"], again["progress"]["done"]) == (6, 6)
    assert len(await ledger.calls(model)) == 2 * before


async def test_a_test_that_gets_no_answer_ends_by_itself(bench: Bench, provider: str, ledger: Ledger):
    model = f"fault-500@{uuid.uuid4().hex[:8]}"
    test_id = await begun(bench, f"{provider}/{model}", runs=1_000)
    test = await bench.ended(test_id)
    assert (test["status"], test["stop_reason"]) == ("failed", "only_errors")
    assert test["progress"]["done"] == 3_000
    # Looked at twice a second, or less often where the machine is busy.
    assert test["progress"]["skipped"] > 1_000
    assert test["cost"] == {"spent": 0, "reserved": 0, "max_cost": None}


async def test_a_provider_that_is_away_for_a_moment_does_not_end_a_test_of_thousands(
    bench: Bench, provider: str, ledger: Ledger
):
    """Where its breaker opened, every sample that came after ended within seconds as one that got no answer."""
    model = f"fault-503-five-times-after-40@{uuid.uuid4().hex[:8]}"
    test_id = await begun(bench, f"{provider}/{model}", runs=40, concurrency=4)
    test = await bench.ended(test_id)
    assert (test["status"], test["progress"]["done"]) == ("completed", 120), test
    # One alone can have met three of the five, which are all its attempts.
    assert test["progress"]["errors"] <= 1
    assert len(await ledger.calls(model)) == 125 - test["progress"]["errors"]
    assert test["results"]["latency"]["p99"] < 10, "how long a breaker rested says nothing of the model"


async def test_judging_anew_asks_no_model(bench: Bench, author: Person, provider: str, ledger: Ledger):
    model = f"echo@{uuid.uuid4().hex[:8]}"
    test_id = await begun(bench, f"{provider}/{model}", runs=3)
    first = await bench.ended(test_id)
    before = {each["id"]: each for each in await bench.samples(test_id)}
    await bench.steer(test_id, "rescore")
    second = await bench.ended(test_id)
    assert second["results"] == first["results"]
    after = {each["id"]: each for each in await bench.samples(test_id)}
    assert {key: each["execution_id"] for key, each in after.items()} == {
        key: each["execution_id"] for key, each in before.items()
    }
    assert all(each["outcome"] == "passed" and len(each["scores"]) == 1 for each in after.values())
    assert len(await ledger.calls(model)) == 9
    assert second["cost"] == first["cost"]


async def test_a_database_that_is_late_once_costs_no_sample(
    bench: Bench, provider: str, embedded_servers: EmbeddedServers
):
    """An answer that could not be looked up in time was told as a fault of this service, to be asked again by hand."""
    test_id = await begun(bench, f"{provider}/echo", runs=3)
    first = await bench.ended(test_id)
    with psycopg.connect(embedded_servers.database_url) as blocker:
        blocker.execute("LOCK TABLE prompt_executions IN ACCESS EXCLUSIVE MODE")
        await bench.steer(test_id, "rescore")

        async def is_waited_for() -> bool:
            return blocker.execute(WAITING).fetchone() is not None

        await until(is_waited_for)
        await asyncio.sleep(WORKERS_PATIENCE + 1)
        blocker.rollback()
    second = await bench.ended(test_id)
    assert (second["status"], second["progress"], second["results"]) == (
        "completed", first["progress"], first["results"],
    )  # fmt: skip


async def test_what_a_test_asks_is_listed_nowhere_and_belongs_to_its_owner(
    bench: Bench, author: Person, stranger: Person, provider: str
):
    test_id = await begun(bench, f"{provider}/echo", runs=1)
    await bench.ended(test_id)
    for method, path in (
        ("GET", ""), ("GET", "/samples"), ("POST", "/pause"), ("POST", "/cancel"), ("POST", "/rescore"),
    ):  # fmt: skip
        assert (await stranger.call(method, f"/api/evaluation/{test_id}{path}")).status == 404
    assert (await stranger.call("GET", "/api/evaluation")).body["count"] == 0
    assert (await author.call("GET", "/api/evaluation")).body["count"] == 1
    test = await in_database_thread(EvaluationTest.objects.get, id=test_id)
    session = await author.call("GET", f"/api/sessions/{test.session_id}")
    assert session.status == 200
    assert (await author.call("DELETE", f"/api/sessions/{test.session_id}")).status in (403, 404)
    rows = await in_database_thread(lambda: list(PromptExecution.objects.filter(session_id=test.session_id)))
    assert {row.origin for row in rows} == {"evaluation"}
    assert session.body["execution_count"] == 0


async def test_f16_figures_of_an_earlier_round_end_no_later_one(bench: Bench, provider: str):
    """Two children settle one test: the slower one's end must not come in the midst of the next round."""
    made = await bench.begin(
        name="Twice", prompt="hello", model_id=f"{provider}/echo", test_cases=[{}], parameters={"runs": 1}
    )
    await bench.ended(made["id"])

    def late() -> bool:
        test = EvaluationTest.objects.get(id=made["id"])
        EvaluationTest.objects.filter(id=test.id).update(status="running", taken_up=test.taken_up + 1)
        return lifecycle.end(test.id, taken_up=test.taken_up, to=TestStatus.COMPLETED, results={})

    assert not await in_database_thread(late)
    await bench.ended(made["id"])
    await bench.steer(made["id"], "rescore")
    assert (await bench.ended(made["id"]))["status"] == "completed"
    assert await in_database_thread(lambda: EvaluationTest.objects.get(id=made["id"]).taken_up) == 2
