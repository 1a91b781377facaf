"""A test takes its cases out of a dataset: copied, named by their keys, and those that models made told apart."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.datasets.conftest import Shelf, case

BODY: dict[str, Any] = {"name": "T", "prompt": "Say {{word}}", "parameters": {"runs": 2}}


async def test_editing_a_dataset_changes_no_result_and_cases_are_named_by_their_keys(
    shelf: Shelf, bench: Bench, provider: str
):
    made = [case("one", key="one"), case("two", key="two", cluster="doc", tags=["t"]), case("x", split="smoke")]
    dataset = await shelf.make(*made)
    asked = {**BODY, "model_id": f"{provider}/echo", "dataset_id": dataset, "split": "train"}
    test = await bench.begin(**asked)
    assert test["dataset"]["version"] == 1
    assert (test["dataset"]["id"], test["dataset"]["split"]) == (dataset, "train")
    await shelf.call("PUT", dataset, "/cases", {"cases": [case("other", key="one")]})
    ended = await bench.ended(test["id"])
    assert (ended["progress"]["total"], ended["results"]["success_rate"]) == (4, 1)
    assert ended["results"]["generated"] is None
    assert ended["dataset"]["version_id"] == test["dataset"]["version_id"]
    samples = await bench.samples(test["id"])
    assert [(each["case_key"], each["output"]) for each in samples[::2]] == [("one", "Say one"), ("two", "Say two")]
    assert [each["case"] for each in ended["results"]["cases"]] == ["one", "two"]
    exported = await bench.person.get(f"/api/evaluation/{test['id']}/export")
    assert [(each["key"], each["cluster"], each["origin"]) for each in exported.body["cases"]] == [
        ("one", "", "person"),
        ("two", "doc", "person"),
    ]
    older = await bench.begin(**{**asked, "dataset_version": 1, "split": "smoke"})
    assert older["progress"]["total"] == 2
    newest = await bench.begin(**{name: value for name, value in asked.items() if name != "split"})
    assert (newest["dataset"]["version"], newest["progress"]["total"]) == (2, 2)


async def test_cases_weigh_in_a_test_what_they_weigh_in_the_dataset(shelf: Shelf, bench: Bench, provider: str):
    never = {"type": "exact", "value": "never"}
    dataset = await shelf.make(case("a", key="a"), case("b", key="b", expected_output=never, weight=3))
    version = (await shelf.call("GET", dataset, ""))["version"]
    same = await shelf.call("PATCH", dataset, "/cases/a", {"weight": 1})
    assert same["version"] == version
    test = await bench.begin(**BODY, model_id=f"{provider}/echo", dataset_id=dataset)
    variant = (await bench.ended(test["id"]))["results"]["variants"][0]
    assert (variant["success_rate"], variant["weighted_success_rate"]) == (0.5, 0.25)
    pasted = "word\texpected\tweight\nc\tSay\t0,5\n"
    assert (await shelf.send(dataset, pasted.encode(), format="csv")).status == 200
    assert [each["weight"] for each in await shelf.cases(dataset)] == [1, 3, 0.5]


async def test_cases_that_a_model_made_are_told_apart(shelf: Shelf, bench: Bench, provider: str):
    theirs = {"input": {"word": "x"}, "expected_output": {"type": "exact", "value": "never"}, "origin": "generated"}
    dataset = await shelf.make(*(case(str(number)) for number in range(6)), theirs, {**theirs, "input": {"word": "y"}})
    test = await bench.begin(**BODY, model_id=f"{provider}/echo", dataset_id=dataset)
    results = (await bench.ended(test["id"]))["results"]
    assert results["success_rate"] == 6 / 8
    told = results["variants"][0]["generated"]
    assert (told["cases"], told["samples"], told["passed"]) == (2, 4, 0)
    assert (told["success_rate"]["value"], told["without"]["value"]) == (0, 1)
    assert told["without"]["interval"]["low"] > 0


async def test_variants_are_compared_and_planned_on_a_dataset(shelf: Shelf, author: Person, provider: str):
    dataset = await shelf.make(*(case(str(number)) for number in range(8)))
    variants = [{"name": name, "prompt": "Say {{word}}", "model_id": f"{provider}/echo"} for name in "AB"]
    body = {"name": "T", "variants": variants, "dataset_id": dataset, "parameters": {"runs": 1}}
    planned = await author.post("/api/evaluation/plan", body)
    assert (planned.status, planned.body["cases"], planned.body["samples"]) == (200, 8, 16)
    alone = await author.post("/api/evaluation/plan", {**BODY, "model_id": f"{provider}/echo", "dataset_id": dataset})
    assert alone.body["samples"] == 16
    made = await author.post("/api/evaluation/compare", body)
    assert (made.status, made.body["progress"]["total"]) == (202, 16), made.body


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"test_cases": [{"input": {"word": "x"}}]}, 400, "dataset_id"),
        ({"dataset_id": "00000000-0000-0000-0000-000000000000"}, 404, "dataset_id"),
        ({"dataset_id": "nonsense"}, 400, "dataset_id"),
        ({"dataset_version": 9}, 404, "dataset_version"),
        ({"dataset_version": 0}, 400, "dataset_version"),
        ({"split": "held_out"}, 400, "split"),
        ({"split": "all"}, 400, "split"),
        ({"prompt": "Say {{term}}"}, 400, "dataset_id"),
        ({"parameters": {"runs": 1_000_000}}, 400, "parameters.runs"),
    ],
)
async def test_what_cannot_be_tested_is_refused_before_anything_is_paid(
    shelf: Shelf, author: Person, provider: str, change: dict[str, Any], status: int, field: str
):
    dataset = await shelf.make(case("one", key="the-key"))
    body = {**BODY, "model_id": f"{provider}/echo", "dataset_id": dataset, **change}
    for path in ("probabilistic", "plan"):
        refused = await author.post(f"/api/evaluation/{path}", body)
        assert (refused.status, refused.body["errors"][0]["field"]) == (status, field), refused.body
    if "prompt" in change:
        assert "Case the-key, input.term" in refused.body["errors"][0]["message"]
    assert await in_database_thread(EvaluationTest.objects.count) == 0


async def test_neither_cases_nor_a_dataset_and_a_strangers_dataset_are_refused(
    shelf: Shelf, author: Person, stranger: Person, provider: str
):
    body = {**BODY, "model_id": f"{provider}/echo"}
    refused = await author.post("/api/evaluation/probabilistic", body)
    assert refused.body["errors"][0]["field"] == "test_cases"
    split = {**body, "test_cases": [{"input": {"word": "x"}}], "split": "smoke"}
    assert (await author.post("/api/evaluation/probabilistic", split)).body["errors"][0]["field"] == "split"
    dataset = await shelf.make(case("one"))
    theirs = await stranger.post("/api/evaluation/probabilistic", {**body, "dataset_id": dataset})
    assert theirs.status == 404
