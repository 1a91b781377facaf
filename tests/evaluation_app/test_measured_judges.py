"""Judges beside people: what agreement is worth, what sways a judge, and the rate that people would give."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from evaluation_app.judges.families import family_of
from evaluation_app.judges.gating import unfit_judges
from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from tests.doors.conftest import BrowserOf, browser_of
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.gating import Gated, body
from tests.evaluation_app.reviews.people import Reviews
from tests.evaluation_app.test_judges import asked, pairs
from tests.playground.conftest import Ledger

__all__ = ["browser_of"]

CASES = 80


async def judged(bench: Bench, provider: str, **params: Any) -> dict[str, Any]:
    """A test of 80 answers, of which the judge likes the even ones."""
    words = tuple(f"{'yes' if number % 2 == 0 else 'no'} {number}" for number in range(CASES))
    made = await bench.begin(**asked(provider, words=words, params=params, parameters={"runs": 1}))
    return await bench.ended(made["id"])


async def reviewed(bench: Bench, test: dict[str, Any], *, wrong: int, size: int = 60) -> None:
    """People look at a random part of it, and contradict the judge so often."""
    reviews = Reviews(bench.person)
    queue = await reviews.make(test["id"], size=size, rubric={"text": "Yes?", "scale": "pass_fail"})
    outcomes = {sample["output"]: sample["passed"] for sample in await bench.samples(test["id"], page_size=100)}
    for number in range(size):
        item = await reviews.next(queue["id"])
        assert item is not None
        passed = outcomes[item["answers"][0]["text"]]
        answer = await reviews.say(queue["id"], item["id"], passed=not passed if number < wrong else passed)
        assert answer.status == 200, answer.body


async def judges(bench: Bench, test: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await bench.person.get(f"/api/evaluation/{test['id']}/judges")
    assert answer.status == 200, answer.body
    told: list[dict[str, Any]] = answer.body
    return told


async def test_a_judge_is_an_opinion_until_people_agree(bench: Bench, provider: str):
    test = await judged(bench, provider)
    (alone,) = await judges(bench, test)
    assert (alone["state"], alone["kappa"], alone["labels"]) == ("uncalibrated", None, 0)
    assert "not calibrated" in alone["sentence"]
    assert (await unfit(test))[0].endswith("has not been measured against people.")
    await reviewed(bench, test, wrong=3)
    (judge,) = await judges(bench, test)
    assert (judge["state"], judge["labels"], judge["tests"]) == ("calibrated", 60, 1)
    assert judge["agreement"] == pytest.approx(57 / 60)
    assert judge["kappa"]["interval"]["low"] > 0.4
    assert sum(map(sum, judge["confusion"]["judge_by_people"])) == 60
    assert len(judge["disagreements"]) == 3
    assert {each["judge"] for each in judge["disagreements"]} <= {"pass", "fail"}
    (rate,) = judge["rates"]
    assert rate["raw"]["value"] == 0.5
    assert rate["people"]["n"] == 60
    low, high = (rate["corrected"]["interval"][end] for end in ("low", "high"))
    assert low < rate["corrected"]["value"] < high
    assert await unfit(test) == []


async def test_a_judge_that_contradicts_people_may_not_gate_and_another_rubric_is_unmeasured(
    bench: Bench, provider: str
):
    test = await judged(bench, provider)
    await reviewed(bench, test, wrong=20)
    (judge,) = await judges(bench, test)
    assert judge["state"] == "weak"
    assert judge["kappa"]["interval"]["low"] < 0.4
    assert "does not surely agree with people" in (await unfit(test))[0]
    other = await judged(bench, provider, rubric="yes must be there.")
    (judge,) = await judges(bench, other)
    assert (judge["state"], judge["labels"]) == ("uncalibrated", 0)


async def test_labels_of_another_test_of_the_same_judge_count(bench: Bench, provider: str):
    await reviewed(bench, await judged(bench, provider), wrong=3)
    test = await judged(bench, provider)
    (judge,) = await judges(bench, test)
    assert (judge["state"], judge["labels"]) == ("calibrated", 60)
    (rate,) = judge["rates"]
    assert rate["people"]["value"] is None
    assert 0.3 < rate["corrected_by_other_tests"] < 0.7


async def test_a_gate_whose_judge_held_it_back_opens_once_people_agree(bench: Bench, provider: str, ledger: Ledger):
    gated = await Gated.make(bench.person, provider, prompt="{{word}}")
    cases = [{"input": {"word": f"yes {number}"}} for number in range(6)]
    given = {**body(gated.id, gated.model_id, runs=1), "test_cases": cases, "scorers": asked(provider)["scorers"]}
    await gated.with_suite(gate={"label": "production"}, tests=[given])
    refused = await gated.moved(1)
    assert (refused.status, refused.body["code"]) == (409, "gate_failed")
    assert "has not been measured against people" in refused.body["detail"]
    await reviewed(bench, await judged(bench, provider), wrong=3)
    assert (await gated.moved(1)).status == 200
    assert len(await ledger.calls(gated.model)) == len(cases)


async def test_what_sways_a_judge_is_told(bench: Bench, provider: str):
    test = await pairs(bench, provider, "judge-first")
    (judge,) = await judges(bench, test)
    assert judge["bias"]["order_flips"]["value"] == 1
    assert judge["bias"]["replies"] >= 24
    assert judge["same_family"] == []
    honest = await pairs(bench, provider, "judge")
    (judge,) = await judges(bench, honest)
    assert judge["bias"]["order_flips"]["value"] == 0
    assert judge["bias"]["repeatability"] is None or judge["bias"]["repeatability"]["value"] == 1
    assert judge["cost"] >= 0


async def test_the_page_says_what_the_rate_is_worth(bench: Bench, provider: str, browser_of: BrowserOf):
    test = await judged(bench, provider)
    browser = await in_database_thread(browser_of, bench.person)
    page = await browser.get(f"/evaluations/{test['id']}")
    assert page.status == 200
    for words in ("Who judged", "not calibrated", "The rate is a judge"):
        assert words in page.text


async def unfit(test: dict[str, Any]) -> list[str]:
    return await in_database_thread(lambda: unfit_judges(EvaluationTest.objects.get(id=uuid.UUID(test["id"]))))


@pytest.mark.parametrize(
    ("model_id", "family"),
    [
        ("openai/gpt-4o-mini", "gpt"),
        ("openai/o3-mini", "gpt"),
        ("openrouter/anthropic/claude-3.5-sonnet", "claude"),
        ("bedrock/anthropic.claude-3-haiku-20240307-v1:0", "claude"),
        ("google/gemini-2.5-flash", "gemini"),
        ("ollama/llama3.2:1b", "llama"),
        ("groq/mixtral-8x7b", "mistral"),
        ("ollama/qwen2.5-coder", "qwen"),
        ("mine/zephyr-7b", "zephyr"),
        ("mine/7", "7"),
    ],
)
def test_families_are_known_by_name(model_id: str, family: str) -> None:
    assert family_of(model_id) == family
