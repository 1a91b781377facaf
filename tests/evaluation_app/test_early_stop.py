"""A test that ends once its difference is shown: looked at on its way by finished cases in their order alone."""

from __future__ import annotations

import uuid
from html import unescape
from typing import Any

import pytest

from evaluation_app.models import Claim, EvaluationCase, EvaluationTest
from evaluation_app.running.early_stop import EarlyStop
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.export.stored import Run, a_test
from tests.playground.conftest import Ledger
from tests.playground.test_reservations import priced

CASES = 80


def compared(*models: str, cases: int = CASES, **parameters: Any) -> dict[str, Any]:
    """A test of models on the same cases, four answers under way at once: passed by who says brown."""
    return {
        "name": "Brown",
        "variants": [{"name": f"v{place}", "model_id": model, "prompt": "{{n}}"} for place, model in enumerate(models)],
        "test_cases": [
            {"input": {"n": str(number)}, "expected_output": {"type": "contains", "keywords": ["brown"]}}
            for number in range(cases)
        ],
        "parameters": {"runs": 1, "early_stop": True, **parameters},
        "concurrency": 4,
    }


async def test_a_shown_difference_spares_the_rest(bench: Bench, author: Person, provider: str, ledger: Ledger) -> None:
    nonce = uuid.uuid4().hex[:8]
    bad, good = (f"tokens-{tokens}-every-60ms@{nonce}" for tokens in (2, 3))
    answer = await author.post("/api/evaluation/compare", compared(f"{provider}/{bad}", f"{provider}/{good}"))
    assert answer.status == 202, answer.body
    assert answer.body["policy"]["early_stop"] is True
    test = await bench.ended(answer.body["id"])
    assert (test["status"], test["stop_reason"]) == ("completed", "early_stop"), test
    calls = len(await ledger.calls(bad)) + len(await ledger.calls(good))
    assert calls == 2 * CASES - test["progress"]["skipped"] < CASES
    (comparison,) = test["results"]["comparisons"]
    assert (comparison["outcome"], comparison["difference"]) == ("b_better", 1)
    assert "betting_hedged" in comparison["method"]
    assert comparison["p_value"] < 0.05
    blocks = test["results"]["blocks"]
    assert comparison["cases"] == blocks["used"] == test["progress"]["blocks_done"] < blocks["of"] == CASES
    mine = await in_database_thread(browser_of, author)
    page = unescape((await mine.get(f"/evaluations/{test['id']}")).text)
    assert f"It stopped at {blocks['used']} of {CASES} cases: the difference was shown." in page
    assert "v1 is better by 100 points" in page
    assert "Ask the missing ones again" not in page


async def test_equal_variants_are_asked_in_full(bench: Bench, author: Person, provider: str) -> None:
    models = (f"{provider}/fault-flaky-1-of-2@{uuid.uuid4().hex[:8]}" for _ in range(2))
    body = compared(*models, cases=24)
    for case in body["test_cases"]:
        case["expected_output"]["keywords"] = ["yes"]
    answer = await author.post("/api/evaluation/compare", body)
    test = await bench.ended(answer.body["id"])
    assert (test["status"], test["stop_reason"]) == ("completed", None)
    assert test["progress"]["skipped"] == 0
    (comparison,) = test["results"]["comparisons"]
    assert comparison["outcome"] == "no_difference_shown"
    # It was looked at: what a single look would have come to is worth nothing.
    assert "betting_hedged" in comparison["method"]


async def test_of_three_variants_each_planned_difference_has_to_be_shown(
    bench: Bench, author: Person, provider: str
) -> None:
    nonce = uuid.uuid4().hex[:8]
    names = [f"{provider}/tokens-{tokens}-every-20ms@{nonce}" for tokens in (2, 3)]
    answer = await author.post("/api/evaluation/compare", compared(names[0], names[1], names[0], cases=30))
    test = await bench.ended(answer.body["id"])
    assert test["stop_reason"] is None
    assert [each["outcome"] for each in test["results"]["comparisons"]] == ["b_better", "no_difference_shown"]


async def test_one_variant_has_nothing_to_be_shown(author: Person, provider: str) -> None:
    body = {"name": "T", "prompt": "x", "model_id": f"{provider}/echo", "test_cases": [{}]}
    answer = await author.post("/api/evaluation/probabilistic", {**body, "parameters": {"runs": 2, "early_stop": True}})
    assert answer.status == 400
    assert [error["field"] for error in answer.body["errors"]] == ["parameters.early_stop"]


def stored(author: Person, **fields: Any) -> tuple[EvaluationTest, EarlyStop]:
    """Forty cases of which only the second variant passes each, and the first who works on them."""
    test = a_test(
        author,
        lambda variant, case, run: Run("passed" if variant else "failed"),
        cases=fields.pop("cases", [{}] * 40),
        variants=("a", "b"),
        policy={"early_stop": True},
        **fields,
    )
    claim = Claim.objects.create(id=uuid.uuid4(), test=test, runner_id=uuid.uuid4())
    return test, EarlyStop(test, claim.id)


def opened(test: EvaluationTest, block: int) -> EvaluationCase:
    """Has a block not be finished."""
    case = test.cases.get(block=block)
    test.cases.filter(id=case.id).update(open_samples=1)
    return case


def test_cases_behind_an_open_one_say_nothing(author: Person) -> None:
    test, early = stored(author)
    case = opened(test, 3)
    assert not early.look()
    test.cases.filter(id=case.id).update(open_samples=0)
    # Its end is there, its totals are written a moment later.
    totals = list(test.totals.filter(case=case))
    test.totals.filter(case=case).delete()
    assert not early.look()
    type(totals[0]).objects.bulk_create(totals)
    assert early.look()


def test_only_who_came_first_looks(author: Person) -> None:
    test, early = stored(author)
    second = Claim.objects.create(id=uuid.uuid4(), test=test, runner_id=uuid.uuid4())
    other = EarlyStop(test, second.id)
    assert not other.look()
    assert early.look()
    Claim.objects.filter(test=test).exclude(id=second.id).delete()
    assert other.look()


def test_a_cluster_is_one_observation_once_it_is_whole(author: Person) -> None:
    clusters = [{"cluster": f"document {number // 10}"} for number in range(40)]
    _, early = stored(author, cases=clusters)
    # Forty cases of four documents are four observations: too few for any verdict.
    assert not early.look()
    many = [{"cluster": f"document {number // 2}"} for number in range(80)]
    _, early = stored(author, cases=many)
    assert early.look()


async def test_cases_of_one_cluster_are_worked_on_together(bench: Bench, author: Person, provider: str) -> None:
    cases = [{"input": {"n": str(number)}, "cluster": f"c{number % 4}"} for number in range(20)]
    cases += [{"input": {"n": f"alone {number}"}} for number in range(5)]
    made = await bench.begin(
        name="Clusters", prompt="{{n}}", model_id=f"{provider}/echo", test_cases=cases, parameters={"runs": 1}, seed=5
    )
    told = await in_database_thread(
        lambda: list(
            EvaluationCase.objects.filter(test=made["id"]).order_by("block").values_list("cluster", "position")
        )
    )
    clusters = [cluster or f"alone {position}" for cluster, position in told]
    runs = [name for place, name in enumerate(clusters) if not place or clusters[place - 1] != name]
    assert len(runs) == len(set(clusters)) == 9
    assert [position for _, position in told] != sorted(position for _, position in told)
    await bench.ended(made["id"])


async def test_a_plan_tells_what_an_early_stop_spares(author: Person, provider: str) -> None:
    await in_database_thread(priced, f"{provider}/echo")
    variants = [{"name": name, "prompt": f"{name} {{{{x}}}}", "model_id": f"{provider}/echo"} for name in "AB"]
    cases = [{"input": {"x": str(number)}} for number in range(200)]
    parameters: dict[str, Any] = {"runs": 1, "max_tokens": 50}
    body: dict[str, Any] = {"name": "T", "variants": variants, "test_cases": cases, "parameters": parameters}
    whole = (await author.post("/api/evaluation/plan", body)).body["forecast"]
    assert "early_stop" not in whole
    body["parameters"] = {**parameters, "early_stop": True}
    told = (await author.post("/api/evaluation/plan", body)).body["forecast"]
    assert [(stop["points"], stop["cases"], stop["of"]) for stop in told["early_stop"]] == [
        (10, 97, 200), (20, 45, 200), (30, 30, 200),
    ]  # fmt: skip
    assert told["cost"]["low"] == pytest.approx(whole["cost"]["low"] * 30 / 200)
    assert told["cost"]["high"] == whole["cost"]["high"]
    assert told["economy"] == whole["economy"]
    assert told["seconds"]["low"] == pytest.approx(whole["seconds"]["low"] * 30 / 200)
    assert told["seconds"]["high"] == whole["seconds"]["high"]
    few = (await author.post("/api/evaluation/plan", {**body, "test_cases": cases[:20]})).body["forecast"]
    assert {stop["cases"] for stop in few["early_stop"]} == {20}, "so few are asked in full"
    mine = await in_database_thread(browser_of, author)
    form = {
        "name": "T", "prompt": "A {{x}}", "model_id": f"{provider}/echo", "other_model_id": f"{provider}/echo",
        "runs": "1", "max_tokens": "50", "scorer": "contains", "early_stop": "yes",
        "cases": "\n".join(["x\texpected", *(f"{number}\t{number}" for number in range(200))]),
    }  # fmt: skip
    page = " ".join((await mine.post("/evaluations/plan", form=form)).text.split())
    assert "of 10 points after about 97 (" in page
    assert "of 30 points after about 30 (" in page
    assert "by when it stops" in page
