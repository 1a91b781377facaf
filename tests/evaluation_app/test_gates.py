"""The gate of a label: it refuses what got worse, at every door and to everybody, unless a second person signs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from accounts.models import Role
from evaluation_app.models import EvaluationTest, GateOverride, SuiteRun, SuiteTest
from evaluation_app.suites.running import look_at
from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.doors.conftest import BrowserOf, browser_of
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.gating import BAD, GATE, Gated, body
from tests.playground.conftest import Ledger
from tests.servers.service import Service
from tests.waiting import until

__all__ = ["browser_of"]


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator."""
    return Person(service.url, new_user(name="Admin", roles=[Role.ADMIN]))


async def test_a_label_moves_once_its_gate_has_passed_and_what_is_worse_is_refused(
    author: Person, provider: str, ledger: Ledger
):
    gated = await Gated.make(author, provider)
    suite = await gated.with_suite(gate=GATE)
    assert suite["gate"] == {"label": "production", "margin": 0, "estimand": None, "floor": None}
    held = await gated.move(1)
    assert (held.status, held.body["code"], await gated.labels()) == (409, "gate_running", {})
    assert (held.body["result"]["status"], held.body["result"]["why"]) == ("running", "label")
    run = await gated.ended(held.body["run_id"])
    assert (run["status"], run["results"][0]["passed"], run["results"][0]["scored"]) == ("passed", 12, 12), run
    assert (await gated.move(1)).status == 200
    worse = await gated.version(BAD)
    refused = await gated.moved(worse)
    assert (refused.status, refused.body["code"]) == (409, "gate_failed"), refused.body
    assert await gated.labels() == {"production": 1}
    (line,) = refused.body["result"]["results"]
    assert (line["is_regression"], line["comparison"]["difference"], line["passed"]) == (True, -1, 0)
    assert line["comparison"]["estimand"] == "these cases, other runs"
    assert line["comparison"]["interval"]["high"] < 0
    assert "Worse than version 1" in refused.body["detail"]
    paid = len(await ledger.calls(gated.model))
    assert paid == 24
    assert (await gated.move(worse)).body["run_id"] == refused.body["run_id"]
    assert (await gated.move(worse, label="staging")).status == 200
    assert len(await ledger.calls(gated.model)) == paid


async def test_a_result_of_the_same_content_is_not_paid_again(author: Person, provider: str, ledger: Ledger):
    gated = await Gated.make(author, provider)
    await gated.with_suite(gate=GATE)
    assert (await gated.moved(1)).status == 200
    await gated.version(BAD)
    restored = await author.post(f"/api/templates/{gated.id}/restore", {"version": 1})
    assert restored.body["version"] == 3
    assert (await gated.move(3)).status == 200
    assert len(await ledger.calls(gated.model)) == 12
    back = await author.post(f"/api/templates/{gated.id}/labels/production/rollback")
    assert back.status == 200, back.body
    assert await gated.labels() == {"production": 1}
    assert len(await ledger.calls(gated.model)) == 12


@pytest.mark.parametrize("door", ["put", "rollback", "rollback with a key", "page", "page rollback", "admin's put"])
async def test_every_door_that_moves_a_label_asks_the_gate(
    author: Person, admin: Person, provider: str, browser_of: BrowserOf, door: str
):
    gated = await Gated.make(author, provider, is_public=True)
    bad = await gated.version(BAD)
    for number in (bad, 1):
        assert (await gated.move(number)).status == 200
    await gated.with_suite(gate=GATE)
    assert (await gated.moved(bad)).body["code"] == "gate_failed"
    template = f"/api/templates/{gated.id}"
    if door in ("put", "admin's put"):
        refused = await gated.move(bad, by=admin if door.startswith("admin") else None)
        assert (refused.status, refused.body["code"]) == (409, "gate_failed")
    elif door.startswith("rollback"):
        headers = {"Idempotency-Key": "k1"} if door.endswith("key") else {}
        refused = await author.call("POST", f"{template}/labels/production/rollback", headers=headers)
        assert (refused.status, refused.body["code"]) == (409, "gate_failed")
    else:
        browser = await in_database_thread(browser_of, author)
        rest = "/rollback" if door.endswith("rollback") else ""
        sent = {"label": "production", "version": str(bad)}
        page = await browser.post(f"/templates/{gated.id}/labels{rest}", form=sent)
        assert page.status == 409
        assert "refuses this version" in page.text
    assert await gated.labels() == {"production": 1}


async def test_a_rollback_with_a_key_begins_the_gate_that_outlasts_its_refusal(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    bad = await gated.version(BAD)
    for number in (bad, 1):
        assert (await gated.move(number)).status == 200
    await gated.with_suite(gate=GATE)
    address = f"/api/templates/{gated.id}/labels/production/rollback"
    held = await author.call("POST", address, headers={"Idempotency-Key": "once"})
    assert held.body["code"] == "gate_running", held.body
    assert (await gated.ended(held.body["run_id"]))["status"] == "failed"


async def test_a_copy_and_an_import_bring_no_label_past_a_gate(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    await gated.with_suite(gate=GATE)
    assert (await gated.moved(1)).status == 200
    bad = await gated.version(BAD)
    document = (await author.get(f"/api/templates/{gated.id}/export?format=json")).body
    (entry,) = document["templates"]
    entry["labels"] = {"production": bad}
    imported = await author.post("/api/templates/import", document)
    assert imported.status in (200, 201), imported.body
    assert await gated.labels() == {"production": 1}


async def test_two_who_move_at_once_pay_one_run(author: Person, colleague: Person, provider: str, ledger: Ledger):
    gated = await Gated.make(author, provider)
    await gated.share_with(colleague)
    await gated.with_suite(gate=GATE)
    held = await asyncio.gather(*(gated.move(1, by=person) for person in (author, colleague) * 3))
    assert {answer.body["code"] for answer in held} == {"gate_running"}
    assert len({answer.body["run_id"] for answer in held}) == 1
    assert (await gated.moved(1)).status == 200
    assert len(await ledger.calls(gated.model)) == 12


async def test_a_second_person_lets_one_move_pass_and_the_history_keeps_it(
    author: Person, colleague: Person, stranger: Person, provider: str
):
    gated = await Gated.make(author, provider)
    await gated.share_with(colleague)
    await gated.with_suite(gate=GATE)
    assert (await gated.moved(1)).status == 200
    bad = await gated.version(BAD)
    refused = await gated.moved(bad)
    address, word = refused.body["override_url"], {"reason": "The customer waits."}
    assert (await author.post(address, word)).status == 403
    assert (await stranger.post(address, word)).status == 404
    assert (await colleague.post(address, {})).status == 400
    assert (await gated.move(bad)).body["code"] == "gate_failed"
    signed = await colleague.post(address, word)
    assert signed.status == 201, signed.body
    assert (await gated.move(bad, by=colleague)).body["code"] == "gate_failed"
    moved = await gated.move(bad)
    assert moved.status == 200, moved.body
    assert moved.body["approved_by"]["name"] == str(colleague.user)
    assert "The customer waits." in moved.body["note"]
    assert "Worse than version 1" in moved.body["note"]
    history = (await author.get(f"/api/templates/{gated.id}/labels/production/history")).body["results"]
    assert (history[0]["approved_by"], history[0]["note"]) == (moved.body["approved_by"], moved.body["note"])
    # One word is for one move.
    assert (await gated.move(1)).status == 200
    assert (await gated.move(bad)).body["code"] == "gate_failed"
    gates = (await author.get(f"/api/evaluation/gates?template_id={gated.id}")).body
    assert [each["used_by"]["name"] for each in gates["overrides"]] == [str(author.user)]
    assert (await author.call("DELETE", f"/api/suites/{gated.suite['id']}")).status == 204
    gates = (await author.get(f"/api/evaluation/gates?template_id={gated.id}")).body
    assert [each["change"] for each in gates["changes"]] == ["removed", "set"]
    assert gates["overrides"][0]["reason"] == "The customer waits."


async def test_a_word_whose_signer_lost_the_right_lets_nothing_pass(author: Person, colleague: Person, provider: str):
    gated = await Gated.make(author, provider)
    await gated.share_with(colleague)
    await gated.with_suite(gate=GATE)
    assert (await gated.moved(1)).status == 200
    bad = await gated.version(BAD)
    refused = await gated.moved(bad)
    assert (await colleague.post(refused.body["override_url"], {"reason": "Now."})).status == 201
    await gated.share_with(colleague, role="viewer")
    assert (await gated.move(bad)).body["code"] == "gate_failed"
    assert await in_database_thread(GateOverride.objects.filter(used_at=None).count) == 1


async def test_a_viewer_signs_nothing(author: Person, colleague: Person, provider: str):
    gated = await Gated.make(author, provider)
    await gated.share_with(colleague, role="viewer")
    await gated.with_suite(gate=GATE)
    refused = await gated.moved(await gated.version(BAD))
    assert (await colleague.post(refused.body["override_url"], {"reason": "I say so."})).status == 404


async def test_a_gate_whose_tests_have_errors_only_refuses_and_says_why(author: Person, provider: str):
    gated = await Gated.make(author, provider, model="fault-500")
    await gated.with_suite(gate=GATE)
    refused = await gated.moved(1)
    assert (refused.status, refused.body["code"]) == (409, "gate_failed")
    assert refused.body["result"]["status"] == "not_judged"
    assert "errors only" in refused.body["detail"]
    assert await gated.labels() == {}


async def test_other_rules_judge_what_was_run_already(author: Person, provider: str, ledger: Ledger):
    gated = await Gated.make(author, provider)
    await gated.with_suite(gate=GATE)
    assert (await gated.moved(1)).status == 200
    bad = await gated.version(BAD)
    assert (await gated.moved(bad)).body["code"] == "gate_failed"
    paid = len(await ledger.calls(gated.model))
    lax = {"label": "production", "margin": 1, "floor": 0}
    assert (await author.call("PATCH", f"/api/suites/{gated.suite['id']}", {"gate": lax})).status == 200
    assert (await gated.move(bad)).status == 200
    assert len(await ledger.calls(gated.model)) == paid


async def test_a_suite_that_is_deleted_while_it_runs_leaves_nothing_running(author: Person, provider: str):
    gated = await Gated.make(author, provider, model="tokens-5-every-200ms")
    await gated.with_suite(gate=GATE, runs=50)
    held = await gated.move(1)
    assert held.body["code"] == "gate_running"
    (test_id,) = held.body["result"]["test_ids"]
    assert (await author.call("DELETE", f"/api/suites/{gated.suite['id']}")).status == 204
    assert (await gated.move(1)).status == 200
    ended = await Bench(author).ended(test_id)
    assert (ended["status"], ended["stop_reason"]) == ("cancelled", "cancelled")


async def test_a_changed_partial_runs_the_gates_of_what_follows_it_and_moves_nothing(author: Person, provider: str):
    partial = await Gated.make(author, provider, prompt="Say", slug="opening")
    gated = await Gated.make(author, provider, prompt="{{> opening}} {{word}}")
    await gated.with_suite(gate=GATE)
    assert (await gated.moved(1)).status == 200
    await partial.version("Tell")

    async def flagged() -> Any:
        return (await author.get(f"/api/suites/{gated.suite['id']}")).body["flag"]

    flag = await until(flagged)
    assert (flag["why"], flag["version"], flag["label"]) == ("partial", 1, "production")
    assert await gated.labels() == {"production": 1}
    runs = (await author.get(f"/api/suites/{gated.suite['id']}/runs")).body["results"]
    assert [run["why"] for run in runs] == ["partial", "label"]
    # What passed with the older partial lets nothing move with the present one.
    assert (await author.call("DELETE", f"/api/templates/{gated.id}/labels/production")).status == 204
    assert (await gated.moved(1)).body["code"] == "gate_failed"


async def test_a_partial_that_is_gone_flags_what_was_made_of_it(author: Person, provider: str):
    partial = await Gated.make(author, provider, prompt="Say", slug="opening")
    gated = await Gated.make(author, provider, prompt="{{> opening}} {{word}}")
    await gated.with_suite(gate=GATE)
    assert (await gated.moved(1)).status == 200
    assert (await author.call("DELETE", f"/api/templates/{partial.id}")).status == 204

    async def flagged() -> Any:
        return (await author.get(f"/api/suites/{gated.suite['id']}")).body["flag"]

    flag = await until(flagged)
    assert flag["why"] == "partial"
    assert "It could not begin" in flag["sentence"]
    assert await gated.labels() == {"production": 1}


async def test_who_does_not_govern_a_template_sets_no_gate_of_it(
    author: Person, colleague: Person, stranger: Person, provider: str
):
    gated = await Gated.make(author, provider)
    await gated.share_with(colleague)
    given = {"name": "Theirs", "tests": [body(gated.id, gated.model_id)], "gate": GATE}
    assert (await colleague.post("/api/suites", given)).status == 403
    assert (await stranger.post("/api/suites", given)).status == 404
    await gated.with_suite(gate=GATE)
    address = f"/api/suites/{gated.suite['id']}"
    assert (await colleague.get(address)).status == 200
    for method, path, sent in (
        ("PATCH", "", {"gate": None}), ("DELETE", "", None), ("POST", "/run", {}),
    ):  # fmt: skip
        assert (await colleague.call(method, address + path, sent)).status == 403
        assert (await stranger.call(method, address + path, sent)).status == 404
    assert (await stranger.get(address)).status == 404
    assert (await stranger.get(f"{address}/runs")).status == 404


async def test_a_judge_that_nobody_calibrated_may_not_gate(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    await gated.with_suite(gate=GATE)
    held = await gated.move(1)
    run_id, (test_id,) = held.body["run_id"], held.body["result"]["test_ids"]
    await gated.ended(run_id)

    def judged_by_a_model() -> str | None:
        judge = {"scorer": "llm_judge", "scorer_hash": "f" * 64, "model_id": f"{provider}/judge", "is_required": True}
        test = EvaluationTest.objects.get(id=test_id)
        test.policy = {**test.policy, "judges": [judge]}
        test.save(update_fields=["policy"])
        SuiteRun.objects.filter(id=run_id).update(status="running", verdict=None)
        look_at(SuiteTest.objects.get(test_id=test_id).run_id)
        run = SuiteRun.objects.get(id=run_id)
        return run.verdict["sentence"] if run.status == "not_judged" else None

    # Whoever began to judge before the judge was set may end after it.
    sentence = await until(lambda: in_database_thread(judged_by_a_model))
    assert "has not been measured against people" in sentence
    assert (await gated.move(1)).body["code"] == "gate_failed"
