"""The benchmark board: prompts by models on the same cases, and what cannot stand beside them is named."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.cast import Person
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.gating import WORDS, Gated, body


async def board(person: Person, query: str = "") -> Any:
    answer = await person.get(f"/api/evaluation/benchmarks{query}")
    assert answer.status == 200, answer.body
    return answer.body


async def test_prompts_and_models_stand_side_by_side_on_the_same_cases(
    bench: Bench, author: Person, stranger: Person, provider: str
):
    tag = uuid.uuid4().hex[:8]
    gated = await Gated.make(author, provider)
    await gated.version("Tell {{word}}")
    other = f"{provider}/tokens-3"

    async def ended(**more: Any) -> str:
        given = {**body(gated.id, gated.model_id), "tags": [tag], **more}
        made = await bench.begin(**given)
        await bench.ended(made["id"], "completed")
        return str(made["id"])

    older = await ended(version=1)
    good, bad = await ended(version=1), await ended(version=2)
    slow = await ended(version=1, model_id=other)
    few = await ended(version=2, test_cases=body(gated.id, gated.model_id, words=WORDS[:3])["test_cases"])
    given = body(gated.id, gated.model_id)["test_cases"]
    laxer = await ended(version=2, scorers=[{"scorer": "contains", "params": {"keywords": ["e"]}}], model_id=other,
                        test_cases=given)  # fmt: skip
    told = await board(author, f"?tag={tag}")
    name = gated.template["name"]
    assert [(row["prompt"], row["model_id"], row["test_id"], row["success_rate"]) for row in told["rows"]] == [
        (f"{name}, version 1", gated.model_id, good, 1),
        (f"{name}, version 1", other, slow, 0),
        (f"{name}, version 2", gated.model_id, bad, 0),
    ]
    assert (told["cases"], told["confidence"], told["votes"]) == (6, 0.95, None)
    figure = told["rows"][0]["figure"]
    assert (figure["n"], figure["estimand"]) == (12, "cases like these")
    assert figure["interval"]["low"] < 1
    assert {row["test_id"]: row["reason"] for row in told["left_out"]} == {
        older: "It was tested again since.",
        few: "It was tested on other cases.",
        laxer: "Its cases had another input, expectation or scorer.",
    }
    assert (await board(stranger, f"?tag={tag}"))["rows"] == []


async def test_a_suite_has_a_board_of_its_own(author: Person, stranger: Person, provider: str):
    gated = await Gated.make(author, provider)
    await gated.with_suite()
    await gated.run()
    await gated.version("Tell {{word}}")
    await gated.run()
    told = await board(author, f"?suite={gated.suite['id']}")
    assert [(row["version"], row["success_rate"]) for row in told["rows"]] == [(1, 1), (2, 0)]
    assert (await stranger.get(f"/api/evaluation/benchmarks?suite={gated.suite['id']}")).status == 404


async def test_votes_of_comparisons_rank_models(author: Person, stranger: Person, provider: str):
    models = [f"{provider}/echo", f"{provider}/tokens-3"]
    for number in range(3):
        variants = [{"model_id": model} for model in models]
        made = await author.post("/api/comparisons", {"prompt": f"Say {number}", "variants": variants})
        assert made.status == 202, made.body
        best = made.body["executions"][0]["id"] if number else None
        voted = await author.post(f"/api/comparisons/{made.body['id']}/vote", {"execution_id": best})
        assert voted.status == 200, voted.body
    votes = (await board(author))["votes"]
    assert (votes["pairs"], votes["comparisons"]) == (3, 3)
    assert [(each["name"], each["rank"], each["votes"]) for each in votes["models"]] == [
        (models[0], 1, 3), (models[1], 2, 3),
    ]  # fmt: skip
    assert votes["models"][0]["wins"]["value"] > 0.5 > votes["models"][1]["wins"]["value"]
    assert (await board(stranger))["votes"] is None


async def test_verdicts_of_a_judge_rank_prompts(bench: Bench, author: Person, provider: str):
    tag = uuid.uuid4().hex[:8]

    async def ended(prefers: str, *names: str, **params: Any) -> None:
        exact = {"type": "exact", "value": "x"}
        judge = {"rubric": prefers, "model_id": f"{provider}/judge", **params}
        body = {
            "name": "Pairs",
            "tags": [tag],
            "variants": [
                {"name": name, "prompt": f"{name} say {{{{word}}}}", "model_id": f"{provider}/echo"} for name in names
            ],
            "test_cases": [{"input": {"word": str(number)}, "expected_output": exact} for number in range(6)],
            "scorers": [{"scorer": "pairwise_judge", "params": judge}],
            "parameters": {"runs": 1},
        }
        made = await author.post("/api/evaluation/compare", body)
        assert made.status == 202, made.body
        await bench.ended(made.body["id"], "completed")

    await ended("Please", "Plain", "Please", "Kindly")
    await ended("Please", "Please", "Kindly")
    await ended("Please", "Please", "Kindly", against="expected")
    told = (await board(author, f"?tag={tag}"))["verdicts"]
    assert [(each["model_id"], each["state"], each["pairs"], each["cases"]) for each in told] == [
        (f"{provider}/judge", "uncalibrated", 18, 6)
    ]
    found = told[0]["contestants"]
    assert (found[0]["prompt"], found[0]["rank"]) == ("Please", 1)
    assert {each["prompt"]: each["votes"] for each in found} == {"Please": 12, "Kindly": 12, "Plain": 12}
    assert found[0]["wins"]["value"] > 0.8 > found[1]["wins"]["value"]
    assert "not calibrated" in told[0]["sentence"]


@pytest.mark.parametrize(
    "query",
    ["?suite=x", "?dataset=7", f"?tag={'x' * 101}", "?tag=a&suite=6c1f0f8c-7f0e-4c39-9d0a-3f1f5d1f7a10", "?x=1"],
)
async def test_what_is_no_board_is_refused(author: Person, query: str):
    assert (await author.get(f"/api/evaluation/benchmarks{query}")).status == 400
