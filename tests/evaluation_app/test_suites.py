"""Suites over REST: what they run, when they run by themselves, and what is refused before anything is paid."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation_app.models import Suite, SuiteRun
from evaluation_app.suites import schedule
from evaluation_app.suites.tending import tend
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from tests.cast import Person
from tests.evaluation_app.gating import WORDS, Gated, body
from tests.playground.conftest import Ledger
from tests.waiting import until

BAD = "Tell {{word}}"


async def test_a_suite_runs_its_tests_on_the_version_that_it_is_told(author: Person, provider: str, ledger: Ledger):
    gated = await Gated.make(author, provider)
    second = await gated.version(BAD)
    tests = [
        body(gated.id, gated.model_id, name="Alone"),
        {
            "name": "Beside", "test_cases": body(gated.id, gated.model_id)["test_cases"], "parameters": {"runs": 2},
            "variants": [
                {"name": "on trial", "template_id": gated.id, "model_id": gated.model_id},
                {"name": "fixed", "template_id": gated.id, "version": 1, "model_id": gated.model_id},
            ],
        },
    ]  # fmt: skip
    await gated.with_suite(tests=tests)
    assert gated.suite["template_id"] == gated.id
    first = await gated.run(version=1)
    assert (first["status"], first["version"], first["why"]) == ("passed", 1, "hand")
    assert [(line["test"], line["variant"], line["passed"]) for line in first["results"]] == [
        ("Alone", "Alone", 12), ("Beside", "on trial", 12),
    ]  # fmt: skip
    then = await gated.run()
    assert (then["status"], then["version"], then["is_regression"]) == ("failed", second, True)
    assert [line["compared_with"] for line in then["results"]] == ["the last run that passed"] * 2
    assert len(await ledger.calls(gated.model)) == 72
    listed = (await author.get("/api/suites")).body["results"]
    assert [each["last_run"]["id"] for each in listed] == [then["id"]]
    assert "results" not in listed[0]["last_run"]
    assert listed[0]["tests"] == [{"name": "Alone", "cases": 6}, {"name": "Beside", "cases": 6}]
    runs = (await author.get(f"/api/suites/{gated.suite['id']}/runs")).body["results"]
    assert [run["id"] for run in runs] == [then["id"], first["id"]]


async def test_the_same_asked_twice_at_once_is_one_run(author: Person, provider: str, ledger: Ledger):
    gated = await Gated.make(author, provider)
    await gated.with_suite()
    address = f"/api/suites/{gated.suite['id']}/run"
    begun = await asyncio.gather(*(author.post(address, {}) for _ in range(5)))
    assert {answer.status for answer in begun} == {202}
    assert len({answer.body["id"] for answer in begun}) == 1
    await gated.ended(begun[0].body["id"])
    assert len(await ledger.calls(gated.model)) == 12


async def test_a_due_suite_runs_once_however_often_the_clock_ticks(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    suite = await gated.with_suite(schedule={"every": 3600})
    soon = datetime.fromisoformat(suite["next_at"]) - timezone.now()
    assert timedelta(minutes=59) < soon <= timedelta(hours=1)
    # Missed for two days, and then looked at by many at once.
    missed = timezone.now() - timedelta(days=2)
    await in_database_thread(lambda: Suite.objects.filter(id=suite["id"]).update(next_at=missed))
    await asyncio.gather(*(in_database_thread(tend, timezone.now()) for _ in range(4)))

    async def ended() -> Any:
        runs = (await author.get(f"/api/suites/{suite['id']}/runs")).body["results"]
        return runs if runs and runs[0]["status"] != "running" else None

    (run,) = await until(ended)
    assert (run["why"], run["status"], run["asked_by"]) == ("schedule", "passed", None)
    await in_database_thread(tend, timezone.now())
    assert await in_database_thread(SuiteRun.objects.filter(suite=suite["id"]).count) == 1
    now = (await author.get(f"/api/suites/{suite['id']}")).body
    assert datetime.fromisoformat(now["next_at"]) > timezone.now()
    stopped = await author.call("PATCH", f"/api/suites/{suite['id']}", {"schedule": None})
    assert (stopped.body["schedule"], stopped.body["next_at"]) == (None, None)


async def test_the_clock_of_the_service_begins_what_is_due(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    suite = await gated.with_suite(schedule={"cron": "0 6 * * 1-5"})
    due = timezone.now() - timedelta(seconds=1)
    await in_database_thread(lambda: Suite.objects.filter(id=suite["id"]).update(next_at=due))

    async def ended() -> Any:
        runs = (await author.get(f"/api/suites/{suite['id']}/runs")).body["results"]
        return runs if runs and runs[0]["status"] != "running" else None

    (run,) = await until(ended)
    assert (run["why"], run["status"]) == ("schedule", "passed")


async def test_a_suite_that_cannot_begin_says_why(author: Person, provider: str, stranger: Person):
    theirs = await Gated.make(stranger, provider, is_public=True)
    suite = await author.post("/api/suites", {"name": "S", "tests": [body(theirs.id, theirs.model_id)]})
    assert suite.status == 201, suite.body
    await theirs.version("{{word}} and {{other}}", variables=["word", "other"])
    begun = await author.post(f"/api/suites/{suite.body['id']}/run", {})
    assert begun.status == 202
    assert begun.body["status"] == "not_judged"
    assert begun.body["sentence"].startswith("It could not begin:")
    hidden = await stranger.call("PUT", f"/api/templates/{theirs.id}/share", {"visibility": "private"})
    assert hidden.status == 200
    assert (await author.post(f"/api/suites/{suite.body['id']}/run", {})).status == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"tests": []}, "tests"),
        ({"tests": [7]}, "tests.0"),
        ({"tests": [{}]}, "tests.0.name"),
        ({"tests": "all"}, "tests"),
        ({"tests": [{"name": "T"}] * 21}, "tests"),
        ({"test": {"parameters": {"runs": 0}}}, "tests.0.parameters.runs"),
        ({"test": {"parameters": {"runs": 1_000}, "test_cases": [{"input": {"word": "x"}}] * 5_000}},
         "tests.0.parameters.runs"),
        ({"test": {"model_id": "nobody/echo"}}, "tests.0.model_id"),
        ({"test": {"scorers": [{"scorer": "magic"}]}}, "tests.0.scorers.0.scorer"),
        ({"test": {"test_cases": [{"input": {"other": 1}}]}}, "tests.0.test_cases.0.input"),
        ({"test": {"surprise": 1}}, "tests.0.surprise"),
        ({"test": {"version": 1}, "gate": {"label": "production"}}, "gate.label"),
        ({"template_id": "00000000-0000-4000-8000-000000000000"}, "template_id"),
        ({"gate": {}}, "gate.label"),
        ({"gate": {"label": "No label"}}, "gate.label"),
        ({"gate": {"label": "production", "margin": 1.5}}, "gate.margin"),
        ({"gate": {"label": "production", "margin": -0.1}}, "gate.margin"),
        ({"gate": {"label": "production", "estimand": "all"}}, "gate.estimand"),
        ({"gate": {"label": "production", "surprise": 1}}, "gate.surprise"),
        ({"gate": {"label": "production", "estimand": "these cases, other runs"}, "test": {"parameters": {"runs": 1}}},
         "tests.0.parameters.runs"),
        ({"gate": {"label": "production"}, "words": WORDS[:4]}, "tests.0.test_cases"),
        ({"gate": {"label": "production"}, "test": {"test_cases": [{"input": {"word": w}} for w in WORDS]}},
         "tests.0.scorers"),
        ({"schedule": {}}, "schedule"),
        ({"schedule": {"every": 1}}, "schedule.every"),
        ({"schedule": {"every": 299}}, "schedule.every"),
        ({"schedule": {"every": 10**9}}, "schedule.every"),
        ({"schedule": {"every": 300, "cron": "0 6 * * *"}}, "schedule"),
        ({"schedule": {"cron": "* * * * *"}}, "schedule.cron"),
        ({"schedule": {"cron": "*/2 6 * * *"}}, "schedule.cron"),
        ({"schedule": {"cron": "58,0 * * * *"}}, "schedule.cron"),
        ({"schedule": {"cron": "* * * * * *"}}, "schedule.cron"),
        ({"schedule": {"cron": "every second"}}, "schedule.cron"),
        ({"schedule": {"cron": "61 6 * * *"}}, "schedule.cron"),
        ({"schedule": {"cron": "0 0 31 2 *"}}, "schedule.cron"),
        ({"schedule": "hourly"}, "schedule"),
    ],
)  # fmt: skip
async def test_what_does_not_hold_is_named_by_its_place(
    author: Person, provider: str, change: dict[str, Any], field: str
):
    gated = await Gated.make(author, provider)
    test = {**body(gated.id, gated.model_id, words=change.get("words", WORDS)), **change.get("test", {})}
    sent = {"name": "S", "tests": [test], **{k: v for k, v in change.items() if k not in ("test", "words")}}
    refused = await author.post("/api/suites", sent)
    assert refused.status in (400, 404), refused.body
    assert [error["field"] for error in refused.body["errors"] if error["field"].startswith(field)], refused.body
    assert await in_database_thread(Suite.objects.count) == 0
    await gated.with_suite()
    changed = {k: v for k, v in sent.items() if k in change or k == "tests"}
    again = await author.call("PATCH", f"/api/suites/{gated.suite['id']}", changed)
    assert again.status in (400, 404), again.body
    assert await in_database_thread(SuiteRun.objects.count) == 0


async def test_a_run_of_no_version_is_refused(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    await gated.with_suite()
    address = f"/api/suites/{gated.suite['id']}/run"
    assert (await author.post(address, {"version": 7})).status == 404
    assert (await author.post(address, {"version": 0})).status == 400
    assert (await author.post(address, {"version": "1"})).status == 400
    plain = await author.post(
        "/api/suites",
        {"name": "Plain", "tests": [{**body(gated.id, gated.model_id), "version": 1}]},
    )
    assert (plain.status, plain.body["template_id"]) == (201, None)
    refused = await author.post(f"/api/suites/{plain.body['id']}/run", {"version": 1})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "version")
    assert (await author.post(f"/api/suites/{plain.body['id']}/run", {})).status == 202


def test_cron_tells_the_next_time() -> None:
    at = datetime(2026, 2, 27, 12, 0, tzinfo=UTC)
    for cron, then in {
        "0 6 * * 1-5": datetime(2026, 3, 2, 6, tzinfo=UTC),
        "30 12 * * *": datetime(2026, 2, 27, 12, 30, tzinfo=UTC),
        "0 12 * * *": datetime(2026, 2, 28, 12, tzinfo=UTC),
        "0 0 29 2 *": datetime(2028, 2, 29, tzinfo=UTC),
        "0 0 13 * 5": datetime(2026, 3, 6, tzinfo=UTC),
        "*/15 * * * *": datetime(2026, 2, 27, 12, 15, tzinfo=UTC),
    }.items():
        schedule.check({"cron": cron})
        assert schedule.next_after({"cron": cron}, at) == then, cron
    for cron in ("0 6 * * 7", "0 6 * * 7-7", "0 6 * * */7"):
        assert schedule.next_after({"cron": cron}, datetime(2026, 1, 3, 7, tzinfo=UTC)).isoweekday() == 7, cron


@given(st.text(alphabet="0123456789*/,- ", max_size=30) | st.text(max_size=30))
@settings(deadline=None, max_examples=200)
def test_a_text_is_a_schedule_or_refused(cron: str) -> None:
    try:
        schedule.check({"cron": cron})
    except Problem:
        return
    assert schedule.next_after({"cron": cron}, datetime(2026, 1, 1, tzinfo=UTC)).year >= 2026
