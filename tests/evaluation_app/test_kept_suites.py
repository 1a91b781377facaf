"""A test that is kept as a suite asks what it asked: nothing of it is left out on the way."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.models import EvaluationTest
from evaluation_app.suites.from_test import body_of
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.gating import Gated

CASES: list[dict[str, Any]] = [
    {"input": {"word": "a"}, "expected_output": {"value": "London"}, "scorers": [{"scorer": "exact", "params": {}}]},
    {"input": {"word": "b"}, "expected_output": {"type": "contains", "keywords": ["b"], "mode": "any"}, "weight": 2.5},
    {"input": {"word": "c"}, "id": "third", "name": "Third", "cluster": "letters", "tags": ["x"], "is_generated": True},
]  # fmt: skip
COMMON = [
    {"scorer": "length", "params": {"max_words": 5}, "weight": 3.0, "required": False},
    {"scorer": "not_contains", "params": {"keywords": ["sorry"]}},
]


def kept(test_id: str) -> tuple[Any, ...]:
    """All that a test's rows say of what is asked and how it is judged."""
    test = EvaluationTest.objects.get(id=test_id)
    cases = test.cases.order_by("position").values_list(
        "key", "name", "cluster", "weight", "tags", "is_generated"
    )  # fmt: skip
    judged = [(case.input, case.expected, case.scorers) for case in test.cases.order_by("position")]
    variants = [(each.name, each.model_id, each.body) for each in test.variants.order_by("position")]
    return test.name, test.runs, test.policy, test.max_cost, test.tags, list(cases), judged, variants


@pytest.mark.parametrize("is_compared", [False, True])
async def test_what_a_suite_runs_is_what_the_test_was(bench: Bench, provider: str, is_compared: bool):
    """Of a case that says what is expected and leaves to others how it is judged, the first scorer was lost."""
    asked: dict[str, Any] = {
        "name": "Whole", "test_cases": CASES, "scorers": COMMON, "concurrency": 3, "error_policy": "continue",
        "tags": ["nightly"],
        "parameters": {"runs": 2, "confidence": 0.9, "timeout": 77, "max_tokens": 9},
    }  # fmt: skip
    one = {"prompt": "Say {{word}}", "model_id": f"{provider}/echo"}
    if is_compared:
        other = {**one, "name": "B", "parameters": {"temperature": 0.5}}
        asked |= {"variants": [{**one, "name": "A"}, other], "comparisons": "all"}
        asked["parameters"]["early_stop"] = True
    else:
        asked |= one
    door = f"/api/evaluation/{'compare' if is_compared else 'probabilistic'}"
    made = (await bench.person.post(door, asked)).body
    await bench.ended(made["id"])
    body = await in_database_thread(lambda: body_of(EvaluationTest.objects.get(id=made["id"])))
    again = (await bench.person.post(door, body)).body
    await bench.ended(again["id"])
    first, second = [await in_database_thread(kept, each) for each in (made["id"], again["id"])]
    assert second == first


async def test_a_test_that_fails_becomes_a_suite_that_fails(author: Person, bench: Bench, provider: str):
    gated = await Gated.make(author, provider)
    made = await author.post(
        "/api/evaluation/probabilistic",
        {
            "name": "Cities", "template_id": gated.id, "model_id": gated.model_id, "test_cases": CASES[:1],
            "scorers": COMMON, "parameters": {"runs": 2},
        },
    )  # fmt: skip
    assert made.status == 202, made.body
    test = await bench.ended(made.body["id"])
    assert test["results"]["success_rate"] == 0
    browser = await in_database_thread(browser_of, author)
    sent = await browser.post(f"/evaluations/{made.body['id']}/suite", form={})
    assert sent.status == 302
    gated.suite = (await author.get("/api/suites")).body["results"][0]
    run = await gated.run()
    assert (run["status"], run["results"][0]["rate"]) == ("failed", 0)


@pytest.mark.parametrize(
    ("verb", "form", "place", "reason"),
    [
        ("gate", {"label": "production", "margin": "x"}, "margin", "A number from 0 to"),
        ("gate", {"label": "production", "margin": "500"}, "margin", "A number from 0 to 100 is expected."),
        ("gate", {"label": "production", "floor": "101"}, "floor", "A number from 0 to 100 is expected."),
        ("gate", {"label": "a b!", "margin": "3"}, "label", "Up to 50 small letters"),
        ("schedule", {"hours": "0", "cron": ""}, "hours", "A suite runs every 5 minutes at the most often"),
        ("schedule", {"hours": "nan", "cron": ""}, "hours", "A number from 0 to"),
        ("schedule", {"hours": "", "cron": "* * * * *"}, "cron", "A suite runs every 5 minutes at the most often"),
        ("schedule", {"hours": "3", "cron": "0 6 * * *"}, "hours", "leave one of them empty"),
    ],
)
async def test_a_refused_form_keeps_what_was_typed_and_says_why_at_its_field(
    author: Person, provider: str, verb: str, form: dict[str, str], place: str, reason: str
):
    gated = await Gated.make(author, provider)
    suite = await gated.with_suite()
    browser = await in_database_thread(browser_of, author)
    address = f"/evaluations/suites/{suite['id']}"
    page = await browser.post(f"{address}/{verb}", form=form)
    assert page.status == 400
    assert reason in told_at(page.text, place)
    assert f'href="#{place}"' in page.text
    for name, typed in form.items():
        assert f'name="{name}"\n         value="{typed}"' in page.text
    assert (await author.get(f"/api/suites/{suite['id']}")).body == suite


async def test_what_no_field_shows_stands_on_top_of_the_suites_page(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    suite = await gated.with_suite()
    browser = await in_database_thread(browser_of, author)
    page = await browser.post(f"/evaluations/suites/{suite['id']}/run", form={"version": "7x"})
    assert page.status == 400
    assert "A version is told by its number." in page.text.partition('id="refused"')[2]
    assert "Set the gate" in page.text
    assert (await browser.post(f"/evaluations/suites/{suite['id']}/nothing", form={})).status == 404


async def test_who_signs_without_a_reason_is_asked_for_one(author: Person, stranger: Person, provider: str):
    gated = await Gated.make(author, provider, prompt="Tell {{word}}")
    suite = await gated.with_suite(gate={"label": "production", "floor": 0.5})
    await gated.share_with(stranger)
    run = await gated.run()
    assert run["status"] == "failed"
    browser = await in_database_thread(browser_of, stranger)
    page = await browser.post(f"/evaluations/suites/{suite['id']}/runs/{run['id']}/override", form={"reason": " "})
    assert page.status == 400
    assert "Say why" in told_at(page.text, "reason")
    assert "Let it pass all the same" in page.text


def told_at(page: str, field: str) -> str:
    """The refusal that stands at a field of the page."""
    return page.partition(f'id="error-{field}"')[2].partition("</p>")[0]
