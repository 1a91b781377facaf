"""Bad input is refused before anything is paid, and named by its place in the body."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.playground.test_reservations import priced

BODY: dict[str, Any] = {
    "name": "T",
    "prompt": "Say {{word}}",
    "test_cases": [{"input": {"word": "x"}, "expected_output": {"type": "contains", "keywords": ["x"]}}],
    "parameters": {"runs": 1},
}
WORD = {"word": "x"}


def case(**more: Any) -> dict[str, Any]:
    return {"test_cases": [{"input": WORD, **more}]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"test_cases": []}, "test_cases"),
        ({"test_cases": [{"input": WORD}] * 10_001}, "test_cases"),
        ({"parameters": {}}, "parameters.runs"),
        ({"parameters": {"runs": 0}}, "parameters.runs"),
        ({"parameters": {"runs": 1_001}}, "parameters.runs"),
        ({"parameters": {"runs": "5"}}, "parameters.runs"),
        ({"test_cases": [{"input": WORD}] * 5_000, "parameters": {"runs": 1_000}}, "parameters.runs"),
        ({"parameters": {"runs": 1, "confidence": 1}}, "parameters.confidence"),
        ({"parameters": {"runs": 1, "temperature": 9}}, "parameters.temperature"),
        ({"parameters": {"runs": 1, "max_cost": -1}}, "parameters.max_cost"),
        ({"model_id": "nonsense"}, "model_id"),
        ({"model_id": "nobody/echo"}, "model_id"),
        ({"concurrency": 0}, "concurrency"),
        ({"scorers": [{"scorer": "magic"}]}, "scorers.0.scorer"),
        ({"scorers": [{"scorer": "contains", "params": {"keywords": []}}]}, "scorers.0.params.keywords"),
        ({"scorers": [{"scorer": "exact", "params": {"value": "x"}, "weight": -1}]}, "scorers.0.weight"),
        (case(expected_output={"type": "magic"}), "test_cases.0.expected_output.type"),
        (case(expected_output={"type": "regex", "pattern": "(x"}), "test_cases.0.expected_output.pattern"),
        (case(expected_output={"type": "regex", "pattern": "(?=x)"}), "test_cases.0.expected_output.pattern"),
        (
            case(expected_output={"type": "semantic", "value": "x", "semantic_threshold": 1.5}),
            "test_cases.0.expected_output.semantic_threshold",
        ),
        (case(scorers=[{"scorer": "json_schema", "params": {"schema": {"type": 7}}}]), "test_cases.0.scorers.0.params"),
        ({"test_cases": [{"input": WORD}, {"input": {}}]}, "test_cases.1.input"),
        ({"test_cases": [{"input": {"word": "x", "other": 1}}]}, "test_cases.0.input"),
        ({"test_cases": [{"input": WORD, "surprise": 1}]}, "test_cases.0.surprise"),
    ],
)
async def test_what_does_not_hold_is_named_by_its_place(
    author: Person, provider: str, change: dict[str, Any], field: str
):
    body = {**BODY, "model_id": f"{provider}/echo", **change}
    refused = await author.post("/api/evaluation/probabilistic", body)
    assert refused.status in (400, 404), refused.body
    assert [error["field"] for error in refused.body["errors"] if error["field"].startswith(field)], refused.body
    assert await in_database_thread(EvaluationTest.objects.count) == 0
    planned = await author.post("/api/evaluation/plan", body)
    assert planned.status == refused.status


async def test_a_variant_is_named_by_its_place(author: Person, provider: str):
    variants = [
        {"name": "A", "prompt": "Say {{word}}", "model_id": f"{provider}/echo"},
        {"name": "B", "prompt": "Say {{term}}", "model_id": "nobody/echo"},
    ]
    body = {name: value for name, value in BODY.items() if name != "prompt"} | {"variants": variants}
    refused = await author.post("/api/evaluation/compare", body)
    assert (refused.status, refused.body["errors"][0]["field"]) == (404, "variants.1.model_id")
    alone = await author.post("/api/evaluation/compare", {**body, "variants": variants[:1]})
    assert (alone.status, alone.body["errors"][0]["field"]) == (400, "variants")


async def test_a_template_of_somebody_else_is_none(author: Person, stranger: Person, provider: str):
    saved = await author.post("/api/templates", {"name": "T", "category": "c", "prompt": "Say {{word}}"})
    body = {name: value for name, value in BODY.items() if name != "prompt"}
    body |= {"template_id": saved.body["id"], "model_id": f"{provider}/echo"}
    assert (await stranger.post("/api/evaluation/probabilistic", body)).status == 404
    made = await author.post("/api/evaluation/probabilistic", body)
    assert made.status == 202
    assert made.body["variants"][0]["template_version_id"]


async def test_a_plan_tells_what_it_takes_and_what_it_costs(author: Person, provider: str):
    figures = await author.post("/api/evaluation/plan", {"half_width": 0.05, "rate": 0.9})
    assert figures.status == 200, figures.body
    assert figures.body["cases"] > 100
    assert figures.body["forecast"] is None
    codes = [warning["code"] for warning in figures.body["warnings"]]
    assert "too_many_cases" not in codes
    many = await author.post("/api/evaluation/plan", {"difference": 0.001})
    assert any("A test holds up to 10\u202f000 cases" in warning["message"] for warning in many.body["warnings"])
    beyond = await author.post("/api/evaluation/plan", {"difference": 0.6, "rate": 0.5})
    assert (beyond.status, beyond.body["errors"][0]["field"]) == (400, "difference")
    assert (await author.post("/api/evaluation/plan", {})).status == 400
    assert (await author.post("/api/evaluation/plan", {"cases": 5, "difference": 0.1})).status == 400
    body = {**BODY, "model_id": f"{provider}/echo", "parameters": {"runs": 3, "max_tokens": 50}}
    unpriced = await author.post("/api/evaluation/plan", body)
    assert (unpriced.body["samples"], unpriced.body["forecast"]["cost"]) == (3, None)
    await in_database_thread(priced, f"{provider}/echo")
    cost = (await author.post("/api/evaluation/plan", body)).body["forecast"]["cost"]
    assert 0 < cost["low"] < cost["expected"] < cost["high"] < 0.01
    assert await in_database_thread(EvaluationTest.objects.count) == 0
