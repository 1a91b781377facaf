"""From failures to a better version: proposed on one part of the cases, measured on the other, taken over."""

from __future__ import annotations

import uuid
from typing import Any, Final

import pytest

from evaluation_app.models import EvaluationTest, Recommendation
from evaluation_app.recommendations.accepting import hunks_of, text_with
from evaluation_app.recommendations.asking import proposals_in
from evaluation_app.recommendations.division import division_of
from evaluation_app.recommendations.subject import Subject
from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.evaluation_app.conftest import Bench
from tests.playground.conftest import Ledger
from tests.playground.test_reservations import priced
from tests.waiting import until

CASES = 40


async def template_of(person: Person, text: str) -> dict[str, Any]:
    answer = await person.call(
        "POST", "/api/templates", {"name": f"Word {uuid.uuid4().hex[:8]}", "prompt": text, "category": "other"}
    )
    assert answer.status == 201, answer.body
    template: dict[str, Any] = answer.body
    return template


async def ended_test(bench: Bench, provider: str, **body: Any) -> dict[str, Any]:
    """A test that fails wherever the prompt says “no”."""
    asked = {
        "name": "Words",
        "prompt": "no {{word}}",
        "model_id": f"{provider}/echo",
        "test_cases": [{"input": {"word": f"w{number}"}, "id": f"case-{number}"} for number in range(CASES)],
        "scorers": [{"scorer": "contains", "params": {"keywords": ["yes"]}}],
        "parameters": {"runs": 1},
        **body,
    }
    made = await bench.begin(**{name: value for name, value in asked.items() if value is not None})
    return await bench.ended(made["id"])


async def proposed(bench: Bench, test: dict[str, Any], **body: Any) -> dict[str, Any]:
    """The recommendations of a test once its rounds are done."""
    answer = await bench.person.call("POST", f"/api/evaluation/{test['id']}/recommendations", body)
    assert answer.status == 202, answer.body

    async def done() -> dict[str, Any] | None:
        seen = await bench.person.call("GET", f"/api/evaluation/{test['id']}/recommendations")
        assert seen.status == 200, seen.body
        told: dict[str, Any] = seen.body
        return told if all(each["state"] != "asking" for each in told["rounds"]) else None

    found: dict[str, Any] = await until(done)
    return found


async def verified(bench: Bench, row: dict[str, Any], test: dict[str, Any]) -> dict[str, Any]:
    """A recommendation once it was measured."""
    answer = await bench.person.call("POST", f"/api/evaluation/recommendations/{row['id']}/verify", {})
    assert answer.status == 202, answer.body
    assert answer.body["status"] == "verifying"
    await bench.ended(answer.body["verification_id"])
    seen = await bench.person.call("GET", f"/api/evaluation/{test['id']}/recommendations")
    (found,) = (each for each in seen.body["recommendations"] if each["id"] == row["id"])
    told: dict[str, Any] = found
    return told


async def test_from_a_failing_template_to_a_better_version(bench: Bench, provider: str, ledger: Ledger):
    template = await template_of(bench.person, "no {{word}}")
    test = await ended_test(bench, provider, prompt=None, template_id=template["id"])
    model = f"recommends@{uuid.uuid4().hex[:8]}"
    found = await proposed(bench, test, model_id=f"{provider}/{model}", count=3)
    assert len(await ledger.calls(model)) == 1
    (round_,) = found["rounds"]
    assert (round_["state"], len(round_["notes"])) == ("done", 2)
    assert any("loses {{word}}" in note for note in round_["notes"])
    assert any("changes nothing" in note for note in round_["notes"])
    edits = [each for each in found["recommendations"] if each["kind"] == "edit"]
    (edit,) = edits
    assert (edit["status"], edit["measured"]) == ("proposed", None)
    assert [each for each in edit["diff"] if each["hunk"] is not None] == [
        {"field": "prompt", "hunk": 0, "removed": "no", "added": "yes"}
    ]
    edit = await verified(bench, edit, test)
    assert edit["status"] == "verified"
    assert edit["measured"]["difference"] == 1
    assert edit["measured"]["tries"] == 1
    assert edit["measured"]["interval"]["low"] > 0

    async def drafts_are_gone() -> bool:
        found = await bench.person.get("/api/templates?owner=me")
        assert found.status == 200, found.body
        return not any(each["name"].startswith("Proposed: ") for each in found.body["results"])

    await until(drafts_are_gone)
    accepted = await bench.person.call("POST", f"/api/evaluation/recommendations/{edit['id']}/accept", {})
    assert accepted.status == 200, accepted.body
    assert (accepted.body["status"], accepted.body["accepted_version"]) == ("accepted", 2)
    assert accepted.body["is_accepted_whole"] is True
    versions = await bench.person.call("GET", f"/api/templates/{template['id']}/versions")
    newest = versions.body["results"][0]
    assert newest["version"] == 2
    assert "measured on" in newest["note"]
    assert "p < 0.001 of 1 try" in newest["note"]
    again = await bench.person.call("POST", f"/api/evaluation/recommendations/{edit['id']}/accept", {})
    assert again.status == 409


WHOLE_CALL: Final = [
    {"role": "system", "content": "You answer."},
    {"role": "user", "content": "Are you there?"},
    {"role": "assistant", "content": "I am."},
    {"role": "user", "content": [{"type": "text", "text": "no {{word}}"}]},
]


@pytest.mark.parametrize("is_template", [True, False])
async def test_a_text_of_whole_messages_is_proposed_measured_and_taken_over(
    bench: Bench, provider: str, is_template: bool
):
    asked: dict[str, Any] = {"prompt": None, "messages": WHOLE_CALL}
    if is_template:
        given = {"name": f"Call {uuid.uuid4().hex[:8]}", "messages": WHOLE_CALL, "category": "other"}
        template = await bench.person.call("POST", "/api/templates", given)
        assert template.status == 201, template.body
        asked = {"prompt": None, "template_id": template.body["id"]}
    test = await ended_test(bench, provider, **asked)
    found = await proposed(bench, test, model_id=f"{provider}/recommends")
    (edit,) = (each for each in found["recommendations"] if each["kind"] == "edit")
    field = "messages.3.content.0.text"
    assert [each for each in edit["diff"] if each["hunk"] is not None] == [
        {"field": field, "hunk": 0, "removed": "no", "added": "yes"}
    ]
    edit = await verified(bench, edit, test)
    assert (edit["status"], edit["measured"]["difference"]) == ("verified", 1)
    answer = await bench.person.call("POST", f"/api/evaluation/recommendations/{edit['id']}/accept", {})
    if not is_template:
        assert (answer.status, answer.body["code"]) == (409, "no_template")
        return
    assert answer.status == 200, answer.body
    newest = await bench.person.get(f"/api/templates/{template.body['id']}")
    assert newest.body["messages"][3]["content"] == [{"type": "text", "text": "yes {{word}}"}]
    assert newest.body["messages"][:3] == WHOLE_CALL[:3]


async def test_the_cases_that_judge_were_never_shown(bench: Bench, provider: str):
    test = await ended_test(bench, provider)
    found = await proposed(bench, test, model_id=f"{provider}/recommends")
    edit = next(each for each in found["recommendations"] if each["kind"] == "edit")
    edit = await verified(bench, edit, test)

    def look() -> tuple[str, set[str], set[str]]:
        row = EvaluationTest.objects.get(id=test["id"])
        asked = PromptExecution.objects.get(user_id=row.user_id, metadata__recommends=str(row.id))
        division = division_of(row)
        measured = EvaluationTest.objects.get(id=edit["verification_id"])
        keys = set(measured.cases.values_list("key", flat=True))
        return asked.request["prompt"], {case["id"] for case in division.held_out}, keys

    shown, held_out, measured = await in_database_thread(look)
    assert measured == held_out
    assert 5 <= len(held_out) < CASES
    assert not [key for key in held_out if f'"w{key.removeprefix("case-")}"' in shown]
    assert '"word"' in shown


async def test_k_tries_on_the_same_cases_are_k_tests(bench: Bench, provider: str):
    test = await ended_test(bench, provider)
    first = await proposed(bench, test, model_id=f"{provider}/recommends")
    edit = next(each for each in first["recommendations"] if each["kind"] == "edit")
    alone = (await verified(bench, edit, test))["measured"]["p_adjusted"]
    for name in ("tokens-8", "tokens-9"):
        moved = await proposed(bench, test, move_to=f"{provider}/{name}")
        move = next(each for each in moved["recommendations"] if each["title"].endswith(name))
        told = await verified(bench, move, test)
        assert told["status"] == "refused", "another model is not called better without a difference"
    seen = await bench.person.call("GET", f"/api/evaluation/{test['id']}/recommendations")
    (edit,) = (each for each in seen.body["recommendations"] if each["kind"] == "edit")
    assert edit["measured"]["tries"] == 3
    assert edit["measured"]["p_adjusted"] == pytest.approx(3 * alone)


async def test_the_same_dataset_tested_anew_is_no_new_beginning(bench: Bench, provider: str):
    """Its held-out cases are the same: what was measured on them by an earlier test was a try, too."""
    cases = [
        {"key": f"c{number}", "input": {"word": f"w{number}"}, "split": "held_out" if number % 2 else "train"}
        for number in range(24)
    ]
    made = await bench.person.post("/api/datasets", {"name": f"D {uuid.uuid4().hex[:8]}", "cases": cases})
    assert made.status == 201, made.body
    asked = {"test_cases": None, "dataset_id": made.body["id"]}
    first, second = [await ended_test(bench, provider, **asked) for _ in range(2)]
    moved = await proposed(bench, first, move_to=f"{provider}/tokens-8")
    await verified(bench, moved["recommendations"][0], first)
    found = await proposed(bench, second, model_id=f"{provider}/recommends")
    edit = next(each for each in found["recommendations"] if each["kind"] == "edit")
    told = await verified(bench, edit, second)
    assert (told["status"], told["measured"]["tries"]) == ("verified", 2)
    assert told["measured"]["p_adjusted"] == pytest.approx(2 * 2 / 2**12)


async def test_rules_speak_without_a_model(bench: Bench, provider: str):
    test = await ended_test(bench, provider, model_id=f"{provider}/length", parameters={"runs": 2})
    found = await proposed(bench, test)
    assert "Answers are cut off" in [each["title"] for each in found["recommendations"]]
    assert "Answers are cut off" in [each["title"] for each in test["results"]["recommendations"]]
    advice = found["recommendations"][0]
    for verb in ("verify", "accept"):
        answer = await bench.person.call("POST", f"/api/evaluation/recommendations/{advice['id']}/{verb}", {})
        assert answer.status == 409


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"model_id": "nowhere/model"}, 404, "unknown_provider"),
        ({"move_to": "nowhere/model"}, 404, "unknown_provider"),
        ({"variant": "nobody"}, 400, "invalid"),
        ({"count": 0}, 400, "invalid"),
        ({"count": 6}, 400, "invalid"),
        ({"max_cost": -1}, 400, "invalid"),
    ],
)
async def test_what_cannot_be_recommended_is_refused(
    bench: Bench, provider: str, body: dict[str, Any], status: int, code: str
):
    test = await ended_test(bench, provider, test_cases=[{"input": {"word": "w"}}])
    answer = await bench.person.call("POST", f"/api/evaluation/{test['id']}/recommendations", body)
    assert (answer.status, answer.body["code"]) == (status, code), answer.body


async def test_a_model_whose_cost_cannot_be_kept_is_not_asked(bench: Bench, provider: str, ledger: Ledger):
    test = await ended_test(bench, provider)
    address = f"/api/evaluation/{test['id']}/recommendations"
    model = f"recommends@{uuid.uuid4().hex[:8]}"
    unpriced = await bench.person.post(address, {"model_id": f"{provider}/{model}", "max_cost": 1})
    assert (unpriced.status, unpriced.body["errors"][0]["code"]) == (400, "price_unknown"), unpriced.body
    await in_database_thread(priced, f"{provider}/{model}")
    little = await bench.person.post(address, {"model_id": f"{provider}/{model}", "max_cost": 1e-9})
    (error,) = little.body["errors"]
    assert (little.status, error["field"], error["code"]) == (400, "max_cost", "too_small")
    assert not await ledger.calls(model)
    assert await in_database_thread(Recommendation.objects.filter(test_id=test["id"]).count) == 0


async def test_without_failures_or_cases_or_an_end_nothing_is_asked(
    bench: Bench, provider: str, stranger: Person, ledger: Ledger
):
    fine = await ended_test(bench, provider, prompt="yes {{word}}")
    model = f"recommends@{uuid.uuid4().hex[:8]}"
    address = f"/api/evaluation/{fine['id']}/recommendations"
    answer = await bench.person.call("POST", address, {"model_id": f"{provider}/{model}"})
    assert (answer.status, answer.body["code"]) == (409, "nothing_failed")
    assert not await ledger.calls(model)
    assert (await stranger.call("GET", address)).status == 404
    few = await ended_test(bench, provider, test_cases=[{"input": {"word": "w"}}, {"input": {"word": "v"}}])
    moved = await proposed(bench, few, move_to=f"{provider}/tokens-8")
    (move,) = moved["recommendations"]
    answer = await bench.person.call("POST", f"/api/evaluation/recommendations/{move['id']}/verify", {})
    assert (answer.status, answer.body["code"]) == (409, "too_few_cases")
    assert (await stranger.call("POST", f"/api/evaluation/recommendations/{move['id']}/verify", {})).status == 404
    going = await bench.begin(
        name="Slow",
        prompt="{{word}}",
        model_id=f"{provider}/tokens-100-every-50ms",
        test_cases=[{"input": {"word": "a"}}],
        parameters={"runs": 1},
    )
    answer = await bench.person.call("POST", f"/api/evaluation/{going['id']}/recommendations", {})
    assert (answer.status, answer.body["code"]) == (409, "not_ended")


async def test_a_model_without_proposals_says_so(bench: Bench, provider: str):
    test = await ended_test(bench, provider)
    for model, state in (("tokens-8", "done"), ("fault-400", "failed")):
        found = await proposed(bench, test, model_id=f"{provider}/{model}")
        last = found["rounds"][-1]
        assert last["state"] == state
        assert last["notes"] == ["The model's reply held no proposals."] if state == "done" else last["error"]


async def test_f16_a_round_seen_to_twice_asks_and_keeps_once(bench: Bench, provider: str, ledger: Ledger):
    from evaluation_app.recommendations import proposing

    test = await ended_test(bench, provider)
    model = f"recommends@{uuid.uuid4().hex[:8]}"
    found = await proposed(bench, test, model_id=f"{provider}/{model}")
    for _ in range(3):
        await in_database_thread(proposing.ring, found["rounds"][0]["id"])
    await proposed(bench, test)
    assert len(await ledger.calls(model)) == 1
    count = await in_database_thread(Recommendation.objects.filter(test_id=test["id"], kind="edit").count)
    assert count == 1


def test_a_part_of_an_edit_is_taken_over_place_by_place() -> None:
    old, new = "Say it.\nBe short.\nThank you.", "Say it loud.\nBe short.\nThanks."
    places = [hunk for hunk in hunks_of(old, new) if hunk[0].op != "equal"]
    assert len(places) == 2
    assert text_with(old, new, {0, 1}) == (new, 2)
    assert text_with(old, new, set()) == (old, 2)
    assert text_with(old, new, {0})[0] == "Say it loud.\nBe short.\nThank you."
    assert text_with(old, new, {5}, begin=4)[0] == "Say it.\nBe short.\nThanks."


@pytest.mark.parametrize(
    ("proposal", "why"),
    [
        ("text", "no object"),
        ({"prompt": 7}, "no texts"),
        ({"prompt": "x" * 100_001}, "too long"),
        ({"prompt": "Say {{word}} \0"}, "no texts"),
        ({"prompt": "Say {{word}} \ud800"}, "no texts"),
        ({"prompt": ""}, "leaves no prompt"),
        ({"prompt": "Say it"}, "loses {{word}}"),
        ({"prompt": "Say {{word}} {{secret}}"}, "wants {{secret}}"),
        ({"title": "Nothing"}, "changes nothing"),
    ],
)
def test_t_a_models_proposals_are_untrusted(proposal: Any, why: str) -> None:
    import json

    subject = Subject({"prompt": "Say {{word}}", "system_prompt": ""}, None)
    taken, refused = proposals_in(json.dumps({"proposals": [proposal]}), subject, count=3)
    assert not taken
    assert why in refused[0]
