"""What a gate compares with: the label's present version, the baseline, or nothing yet."""

from __future__ import annotations

from evaluation_app.models import EvaluationTest, SuiteRun, SuiteTest
from evaluation_app.suites.running import look_at
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.gating import BAD, GATE, GOOD, WORDS, Gated, body
from tests.playground.conftest import Ledger
from tests.waiting import until


async def test_a_label_that_was_there_before_the_gate_is_run_to_compare_with(
    author: Person, provider: str, ledger: Ledger
):
    gated = await Gated.make(author, provider)
    assert (await gated.move(1)).status == 200
    await gated.with_suite(gate=GATE)
    worse = await gated.version(BAD)
    refused = await gated.moved(worse)
    assert refused.body["code"] == "gate_failed"
    assert refused.body["result"]["results"][0]["compared_with"].startswith("version 1")
    assert len(await ledger.calls(gated.model)) == 24
    # What was run to compare with counts for itself, too.
    assert (await author.call("DELETE", f"/api/templates/{gated.id}/labels/production")).status == 204
    assert (await gated.moved(1)).status == 200
    assert len(await ledger.calls(gated.model)) == 24


async def test_with_nothing_to_compare_with_half_must_pass(author: Person, provider: str):
    gated = await Gated.make(author, provider, prompt=BAD)
    await gated.with_suite(gate=GATE)
    refused = await gated.moved(1)
    assert refused.body["code"] == "gate_failed"
    assert "0 of 12 answers pass: at least 50 % must" in refused.body["detail"]


async def test_a_gate_compares_with_the_baseline_too(author: Person, provider: str, ledger: Ledger):
    gated = await Gated.make(author, provider)
    await gated.with_suite()
    run = await gated.run()
    test_id = run["test_ids"][0]
    made = await author.post(f"/api/evaluation/{test_id}/baseline", {"template_id": gated.id})
    assert made.status == 202, made.body
    changed = await author.call("PATCH", f"/api/suites/{gated.suite['id']}", {"gate": {**GATE, "margin": 0.1}})
    assert changed.status == 200, changed.body
    refused = await gated.moved(await gated.version(BAD))
    (line,) = refused.body["result"]["results"]
    assert (line["compared_with"], line["comparison"]["margin"], line["is_regression"]) == ("baseline", 0.1, True)
    assert len(await ledger.calls(gated.model)) == 24


async def test_who_sets_a_baseline_lets_nothing_worse_pass(author: Person, colleague: Person, provider: str):
    gated = await Gated.make(author, provider)
    await gated.share_with(colleague)
    await gated.with_suite(gate=GATE)
    assert (await gated.moved(1)).status == 200
    bad = await gated.version(BAD)
    theirs = Bench(colleague)
    made = await theirs.begin(**body(gated.id, gated.model_id), version=bad)
    await theirs.ended(made["id"], "completed")
    chosen = await colleague.post(f"/api/evaluation/{made['id']}/baseline", {"template_id": gated.id})
    assert chosen.status == 202
    assert (await gated.moved(bad, by=colleague)).body["code"] == "gate_failed"
    gone = await colleague.call("DELETE", f"/api/templates/{gated.id}/labels/production")
    assert gone.status == 204
    assert (await gated.moved(bad, by=colleague)).body["code"] == "gate_failed"


async def test_a_version_that_is_as_good_passes(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    await gated.with_suite(gate=GATE)
    assert (await gated.moved(1)).status == 200
    as_good = await gated.version(GOOD, system_prompt="Be brief.")
    held = await gated.move(as_good)
    run = await gated.ended(held.body["run_id"])
    assert run["status"] == "passed"
    assert run["sentence"].startswith("No regression against version 1 (“production”): no difference")
    assert (await gated.move(as_good)).status == 200
    assert await gated.labels() == {"production": as_good}


async def test_what_was_to_be_compared_with_and_could_not_be_judged_lets_nothing_pass(author: Person, provider: str):
    """Who cancelled the test of the present version had half of the cases to pass, and nothing to be worse than."""
    gated = await Gated.make(author, provider, model="tokens-5-every-200ms")
    assert (await gated.move(1)).status == 200
    cases = [
        {"input": {"word": word}, "expected_output": {"type": "contains", "keywords": ["quick"]}} for word in WORDS
    ]
    tests = [{**body(gated.id, gated.model_id, runs=4), "test_cases": cases, "concurrency": 2}]
    await gated.with_suite(gate=GATE, tests=tests)
    other = await gated.version(BAD)
    assert (await gated.move(other)).body["code"] == "gate_running"

    async def of_the_present() -> str | None:
        runs = SuiteTest.objects.filter(run__suite_id=gated.suite["id"], run__why="reference")
        return await in_database_thread(
            lambda: next((str(each) for each in runs.values_list("test_id", flat=True)), None)
        )

    compared_with = await until(of_the_present)
    bench = Bench(author)
    await bench.steer(compared_with, "cancel")
    refused = await gated.moved(other)
    assert (refused.status, refused.body["code"]) == (409, "gate_failed")
    assert refused.body["result"]["status"] == "not_judged"
    assert "version 1" in refused.body["detail"]
    assert await gated.labels() == {"production": 1}
    # Asked again, it is compared with after all.
    await bench.steer(compared_with, "rerun-errors")
    await bench.ended(compared_with, "completed")
    moved = await gated.moved(other)
    assert moved.status == 200, moved.body


async def test_what_is_compared_with_is_judged_anew_before_it_counts_as_not_judged(author: Person, provider: str):
    """Its test had come to its end after all, and nobody had looked at it yet: the move was refused for that moment."""
    gated = await Gated.make(author, provider)
    assert (await gated.move(1)).status == 200
    await gated.with_suite(gate=GATE)
    as_good = await gated.version(GOOD, system_prompt="Be brief.")
    held = await gated.move(as_good)
    await gated.ended(held.body["run_id"])

    def nobody_judged() -> int:
        return SuiteRun.objects.filter(suite_id=gated.suite["id"]).update(status="not_judged", verdict=None)

    assert await in_database_thread(nobody_judged) == 2
    assert (await gated.moved(as_good)).status == 200


async def test_a_present_version_whose_test_is_taken_up_again_is_waited_for(author: Person, provider: str):
    """It was judged, and cancelled in its second round: there was nothing to compare with any more."""
    gated = await Gated.make(author, provider)
    await gated.with_suite(gate={**GATE, "floor": 0})
    assert (await gated.moved(1)).status == 200
    rows = EvaluationTest.objects.filter(in_suite__run__suite_id=gated.suite["id"])
    present = await in_database_thread(rows.get)

    async def becomes(status: str) -> None:
        await in_database_thread(EvaluationTest.objects.filter(id=present.id).update, status=status)

    await becomes("paused")
    worse = await gated.version(BAD)
    held = await gated.move(worse)
    for test_id in held.body["result"]["test_ids"]:
        await Bench(author).ended(test_id, "completed")
    await in_database_thread(look_at, held.body["run_id"])
    assert (await gated.move(worse)).body["code"] == "gate_running"
    await becomes("cancelled")
    assert (await gated.moved(worse)).body["result"]["status"] == "not_judged"
    await becomes("completed")
    assert (await gated.moved(worse)).body["result"]["status"] == "failed"
    assert await gated.labels() == {"production": 1}
