"""Calls made elsewhere are scored by rules: a steady share of them, once each, and judges within a day's budget."""

from __future__ import annotations

import json
import uuid
from typing import Any

from evaluation_app.models import CallScore, ScoringRule
from evaluation_app.sampled.choosing import is_drawn
from evaluation_app.sampled.working import work
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.playground.conftest import Ledger
from tests.playground.gateway.test_traces import CALL, as_json, sent
from tests.playground.test_reservations import priced
from tests.waiting import until

RAIN = {"scorer": "contains", "params": {"keywords": ["Rain"]}}
SNOW = {"scorer": "contains", "params": {"keywords": ["Snow"]}}
RULES = "/api/evaluation/scoring-rules"


async def rule_of(person: Person, **body: Any) -> dict[str, Any]:
    """A rule made over REST."""
    made = await person.post(RULES, {"name": "Rain", "share": 100, "budget_per_day": 1, **body})
    assert made.status == 201, made.body
    return dict(made.body)


async def scored(person: Person, rule: dict[str, Any], *, calls: int = 1) -> list[dict[str, Any]]:
    """What a rule has found, once it has found so many."""

    async def found() -> list[dict[str, Any]] | None:
        rows = (await person.get(f"{RULES}/{rule['id']}/calls")).body["results"]
        done = [row for row in rows if row["state"] != "waiting"]
        return done if len(done) >= calls else None

    rows: list[dict[str, Any]] = await until(found)
    return rows


async def test_calls_are_scored_and_the_scores_are_kept_with_them(author: Person, stranger: Person) -> None:
    good, bad = await rule_of(author, scorers=[RAIN]), await rule_of(author, scorers=[SNOW], service="shop")
    other = await rule_of(author, scorers=[RAIN], service="another")
    await sent(author, as_json(CALL))
    await sent(author, as_json(CALL))
    (passed,), (failed,) = await scored(author, good), await scored(author, bad)
    assert (passed["state"], passed["score"], failed["state"], failed["score"]) == ("passed", 1.0, "failed", 0.0)
    assert (await author.get(f"{RULES}/{other['id']}/calls")).body["results"] == []
    path = f"/api/evaluation/calls/{passed['execution_id']}/scores"
    assert [each["state"] for each in (await author.get(path)).body] == ["passed", "failed"]
    assert (await stranger.get(path)).status == 404
    assert (await stranger.get(f"{RULES}/{good['id']}")).status == 404
    browser = await in_database_thread(browser_of, author)
    assert "Snow" in (await browser.get(f"/executions/{passed['execution_id']}/scores")).text


async def test_a_judge_is_paid_once_and_within_the_budget(author: Person, provider: str, ledger: Ledger) -> None:
    judge = f"judge@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, f"{provider}/{judge}")
    params = {"rubric": "yes is what a good answer holds.", "model_id": f"{provider}/{judge}"}
    rule = await rule_of(author, scorers=[{"scorer": "llm_judge", "params": params}])
    await sent(author, as_json(CALL))
    (first,) = await scored(author, rule)
    assert first["state"] in ("passed", "failed")
    assert first["cost"] > 0
    # Had the worker died before it wrote that down, the reply is found again.
    await CallScore.objects.filter(rule_id=rule["id"]).aupdate(state="waiting", scored_at=None, cost=0)
    await work(uuid.UUID(rule["id"]))
    (again,) = await scored(author, rule)
    assert (again["state"], again["cost"]) == (first["state"], first["cost"])
    assert len(await ledger.calls(judge)) == 1
    assert (await author.get(f"{RULES}/{rule['id']}")).body["spent_today"] == first["cost"]
    changed = await author.call("PATCH", f"{RULES}/{rule['id']}", {"budget_per_day": first["cost"]})
    assert changed.status == 200, changed.body
    await sent(author, as_json(CALL, spanId="00000000000000aa"))
    found = await scored(author, rule, calls=2)
    assert sorted(each["state"] for each in found) == sorted([first["state"], "over_budget"])
    assert (await author.get(f"{RULES}/{rule['id']}")).body["is_budget_reached"] is True
    assert len(await ledger.calls(judge)) == 1
    browser = await in_database_thread(browser_of, author)
    assert "budget is reached" in (await browser.get("/evaluations/scoring")).text


def test_a_share_draws_the_same_traces_always_and_about_so_many() -> None:
    traces = [uuid.uuid5(uuid.NAMESPACE_URL, str(number)).hex for number in range(4_000)]
    drawn = {share: {trace for trace in traces if is_drawn(trace, share)} for share in (0, 10, 25, 100)}
    assert (len(drawn[0]), len(drawn[100])) == (0, 4_000)
    assert drawn[10] <= drawn[25]
    assert 300 < len(drawn[10]) < 500
    assert drawn[10] == {trace for trace in traces if is_drawn(trace, 10)}


async def test_a_rule_that_could_never_judge_is_refused(author: Person, stranger: Person) -> None:
    bodies: list[dict[str, Any]] = [
        {},
        {"scorers": []},
        {"scorers": [{"scorer": "none"}]},
        {"scorers": [{"scorer": "exact"}]},
        {"scorers": [RAIN], "share": 101},
        {"scorers": [RAIN], "budget_per_day": -1},
        {"suite_id": str(uuid.uuid4())},
    ]
    for body in bodies:
        refused = await author.post(RULES, {"name": "R", "share": 10, "budget_per_day": 1, **body})
        assert refused.status == 400, (body, refused.body)


async def test_a_suites_scorers_judge_what_needs_no_expected_answer(author: Person, provider: str) -> None:
    test = {
        "name": "T",
        "prompt": "{{word}}",
        "model_id": f"{provider}/echo",
        "test_cases": [{"input": {"word": "x"}, "expected_output": {"type": "exact", "value": "x"}}],
        "scorers": [RAIN, {"scorer": "exact"}],
        "parameters": {"runs": 1},
    }
    suite = await author.post("/api/suites", {"name": "S", "tests": [test]})
    assert suite.status == 201, suite.body
    rule = await rule_of(author, suite_id=suite.body["id"])
    await sent(author, as_json(CALL))
    (found,) = await scored(author, rule)
    assert [each["scorer"] for each in found["scores"]] == ["contains"]


async def test_a_rule_is_made_stopped_and_removed_on_its_page(author: Person) -> None:
    browser = await in_database_thread(browser_of, author)
    form = {"name": "Mine", "share": "5", "budget_per_day": "0.5"}
    refused = await browser.post("/evaluations/scoring", form={**form, "scorers": "no json"})
    assert (refused.status, "JSON" in refused.text) == (400, True)
    made = await browser.post("/evaluations/scoring", form={**form, "scorers": json.dumps([RAIN])})
    assert made.status == 302, made.text[:400]
    rule = await ScoringRule.objects.aget(user=author.user)
    assert "5 % of the traces" in " ".join((await browser.get("/evaluations/scoring")).text.split())
    await browser.post(f"/evaluations/scoring/{rule.id}", form={"act": "stop"})
    await sent(author, as_json(CALL))
    assert not await CallScore.objects.filter(rule=rule).aexists()
    await browser.post(f"/evaluations/scoring/{rule.id}", form={"act": "remove"})
    assert not await ScoringRule.objects.filter(id=rule.id).aexists()
