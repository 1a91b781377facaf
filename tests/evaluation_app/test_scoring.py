"""How answers are judged in a test: several scorers, those that fail, and what is told of each."""

from __future__ import annotations

import uuid

from tests.evaluation_app.conftest import Bench
from tests.playground.conftest import Ledger


async def test_all_required_scorers_must_pass_and_weights_make_the_score(bench: Bench, provider: str):
    made = await bench.begin(
        name="Several",
        prompt="Say {{word}}",
        model_id=f"{provider}/echo",
        test_cases=[{"input": {"word": "yes"}, "expected_output": {"type": "contains", "keywords": ["yes"]}}],
        scorers=[
            {"scorer": "exact", "params": {"value": "Say no"}, "weight": 3, "required": False},
            {"scorer": "length", "params": {"max_words": 2}},
        ],
        parameters={"runs": 2},
    )
    test = await bench.ended(made["id"])
    assert test["results"]["success_rate"] == 1
    assert test["results"]["average_score"] == 2 / 5
    (first, _) = await bench.samples(made["id"])
    assert [(score["scorer"], score["passed"]) for score in first["scores"]] == [
        ("contains", True), ("exact", False), ("length", True),
    ]  # fmt: skip
    assert len({score["scorer_hash"] for score in first["scores"]}) == 3


async def test_an_answer_passes_by_a_required_scorer_alone(bench: Bench, provider: str):
    """Without a schema to go by, the only required one said nothing: each answer passed at a score of 0."""
    optional = {"scorer": "exact", "params": {"value": "no"}, "required": False}
    asked = {"name": "Silent", "prompt": "hello", "model_id": f"{provider}/echo", "test_cases": [{}]}
    made = await bench.begin(**asked, scorers=[{"scorer": "valid_schema"}, optional], parameters={"runs": 2})
    test = await bench.ended(made["id"])
    assert {sample["outcome"] for sample in await bench.samples(made["id"])} == {"unscored"}
    assert test["results"]["success_rate"] is None
    sent = {**asked, "scorers": [optional], "parameters": {"runs": 2}}
    refused = await bench.person.post("/api/evaluation/probabilistic", sent)
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"]) == (400, "scorers")
    assert "None of its scorers is required" in error["message"]


async def test_f29_a_scorer_that_fails_is_no_wrong_answer(bench: Bench, provider: str, ledger: Ledger):
    """Longer than it judges at all: that is told of the sample, and stands in no rate."""
    model = f"echo@{uuid.uuid4().hex[:8]}"
    made = await bench.begin(
        name="Too long",
        prompt="{{text}}",
        model_id=f"{provider}/{model}",
        test_cases=[{"input": {"text": "a" * 100_001}}, {"input": {"text": "kitten"}}],
        scorers=[{"scorer": "levenshtein", "params": {"value": "sitting", "max_distance": 3}}],
        parameters={"runs": 2},
    )
    test = await bench.ended(made["id"])
    assert test["status"] == "completed"
    judged = {sample["case"]: sample for sample in await bench.samples(made["id"])}
    assert judged[1]["outcome"] == "passed"
    assert (judged[0]["outcome"], judged[0]["passed"]) == ("scorer_error", None)
    assert judged[0]["error"]["code"] == "scorer_refused"
    assert test["progress"]["scorer_errors"] == 2
    assert test["results"]["success_rate"] == 1
    assert len(await ledger.calls(model)) == 4


async def test_without_scorers_answers_are_kept_and_grouped(bench: Bench, provider: str):
    made = await bench.begin(
        name="Repeat", prompt="hello", model_id=f"{provider}/echo", test_cases=[{}], parameters={"runs": 6}
    )
    test = await bench.ended(made["id"])
    assert test["results"]["success_rate"] is None
    assert test["results"]["figures"]["success_rate"]["reason"] == "no_scored_samples"
    assert test["results"]["consistency"] == 1
    assert {sample["outcome"] for sample in await bench.samples(made["id"])} == {"unscored"}


async def test_a_temperature_of_nothing_is_asked_each_time(bench: Bench, provider: str, ledger: Ledger):
    """Elsewhere such a run may be answered from the cache."""
    model = f"echo@{uuid.uuid4().hex[:8]}"
    made = await bench.begin(
        name="Cold",
        prompt="hello",
        model_id=f"{provider}/{model}",
        test_cases=[{}],
        parameters={"runs": 5, "temperature": 0, "cache": True},
        concurrency=1,
    )
    assert (await bench.ended(made["id"]))["progress"]["done"] == 5
    assert len(await ledger.calls(model)) == 5
