"""Bad input of the doors of cases: refused as a whole, each fault named by its row and column."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.models import DatasetVersion
from foundation.database.threads import in_database_thread
from tests.evaluation_app.datasets.conftest import Shelf, case

WORD = {"input": {"word": "x"}}


@pytest.mark.parametrize(
    ("cases", "field"),
    [
        ("text", "cases"),
        ([1], "cases"),
        ([{"input": []}], "cases.0.input"),
        ([WORD, {**WORD, "surprise": 1}], "cases.1.surprise"),
        ([{**WORD, "split": "test"}], "cases.0.split"),
        ([{**WORD, "origin": "heaven"}], "cases.0.origin"),
        ([{**WORD, "tags": "a"}], "cases.0.tags"),
        ([{**WORD, "tags": [1]}], "cases.0.tags.0"),
        ([{**WORD, "key": "a b"}], "cases.0.key"),
        ([{**WORD, "key": "../x"}], "cases.0.key"),
        ([{**WORD, "key": "k" * 65}], "cases.0.key"),
        ([{**WORD, "key": "k"}, WORD, {**WORD, "key": "k"}], "cases.2.key"),
        ([{**WORD, "name": 5}], "cases.0.name"),
        ([{**WORD, "is_generated": "yes"}], "cases.0.is_generated"),
        ([WORD, {**WORD, "weight": 0}], "cases.1.weight"),
        ([{**WORD, "weight": "heavy"}], "cases.0.weight"),
        ([{**WORD, "weight": 1e9}], "cases.0.weight"),
        ([{**WORD, "expected_output": {"type": "magic"}}], "cases.0.expected_output.type"),
        ([{**WORD, "expected_output": {"type": "regex", "pattern": "("}}], "cases.0.expected_output.pattern"),
        ([WORD, {**WORD, "scorers": [{"scorer": "exact"}]}], "cases.1.scorers.0"),
        (
            [{**WORD, "scorers": [{"scorer": "exact", "params": {"value": "x"}, "weight": -1}]}],
            "cases.0.scorers.0.weight",
        ),
        ([{"input": {"word": "a\u0000b"}}], "cases.0.input.word"),
        ([{"input": {"word": 2**60}}], "cases.0.input.word"),
        ([{"input": {"word": "x" * 1_000_001}}], "cases.0"),
        ([WORD] * 10_001, "cases"),
    ],
)
async def test_what_does_not_hold_is_named_by_its_place(shelf: Shelf, cases: Any, field: str):
    dataset = await shelf.make()
    for method in ("POST", "PUT"):
        refused = await shelf.call(method, dataset, "/cases", {"cases": cases}, status=400)
        assert [e["field"] for e in refused["errors"] if e["field"].startswith(field)], refused
    made = await shelf.person.post("/api/datasets", {"name": "New", "cases": cases})
    assert made.status == 400, made.body
    assert await in_database_thread(DatasetVersion.objects.filter(dataset_id=dataset).count) == 1


async def test_a_dataset_never_holds_more_than_it_may(shelf: Shelf):
    dataset = await shelf.make(*([case("x")] * 100))
    refused = await shelf.call("POST", dataset, "/cases", {"cases": [WORD] * 9_901}, status=400)
    assert "10\u202f001" in refused["errors"][0]["message"]


async def test_a_key_that_is_there_is_not_added_again(shelf: Shelf):
    dataset = await shelf.make(case("a", key="a"))
    refused = await shelf.call("POST", dataset, "/cases", {"cases": [case("b"), case("c", key="a")]}, status=400)
    assert (refused["errors"][0]["field"], refused["errors"][0]["code"]) == ("cases.1.key", "taken")
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        assert (await shelf.call(method, dataset, "/cases/other", body, status=404))["code"] == "not_found"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": 5}, "name"),
        ({"name": "D", "template_id": "nonsense"}, "template_id"),
        ({"name": "D", "template_id": "00000000-0000-0000-0000-000000000000"}, "template_id"),
        ({"name": "D", "surprise": 1}, "surprise"),
        ([], ""),
    ],
)
async def test_a_dataset_that_cannot_be_is_refused(shelf: Shelf, body: Any, field: str):
    refused = await shelf.person.post("/api/datasets", body)
    assert refused.status in (400, 404), refused.body
    assert refused.body["errors"][0]["field"].startswith(field), refused.body


@pytest.mark.parametrize(
    "path",
    [
        "?page_size=0",
        "?version=0",
        "?version=99",
        "?version=x",
        "?cursor=nonsense",
        "?cursor=>9.9",
        "?split=all",
        "?z=1",
    ],
)
async def test_an_address_that_asks_for_nothing_is_refused(shelf: Shelf, path: str):
    dataset = await shelf.make()
    answer = await shelf.person.get(f"/api/datasets/{dataset}/cases{path}")
    assert answer.status in (400, 404), answer.body


async def a_template(shelf: Shelf, **more: Any) -> str:
    body = {
        "name": "T",
        "category": "c",
        "prompt": "{{city}} {{count}}",
        "variables": [
            {"name": "city", "type": "string", "validation_rules": [{"rule": "min_length", "value": 2}]},
            {"name": "count", "type": "number", "required": False},
        ],
        **more,
    }
    made = await shelf.person.post("/api/templates", body)
    assert made.status == 201, made.body
    return str(made.body["id"])


async def test_inputs_are_typed_against_the_templates_variables(shelf: Shelf):
    dataset = await shelf.make({"input": {"city": "Graz", "count": 2}}, template_id=await a_template(shelf))
    good = {"input": {"city": "Wien"}}
    wrong = [good] * 17 + [{"input": {"city": 5, "count": "many", "town": "x"}}, {"input": {"count": 1}}]
    refused = await shelf.call("POST", dataset, "/cases", {"cases": wrong}, status=400)
    assert [error["field"] for error in refused["errors"]] == [
        "cases.17.input.town", "cases.17.input.city", "cases.17.input.count", "cases.18.input.city",
    ]  # fmt: skip
    (present,) = await shelf.cases(dataset)
    edited = await shelf.call("PATCH", dataset, f"/cases/{present['key']}", {"input": {"city": "x"}}, status=400)
    assert edited["errors"][0]["field"] == "input.city"
    made = await shelf.person.post(
        "/api/datasets", {"name": "N", "template_id": await a_template(shelf), "cases": [{"input": {"town": "x"}}]}
    )
    assert made.body["errors"][0]["field"] == "cases.0.input.town"


async def test_a_dataset_of_another_type_takes_no_template(shelf: Shelf):
    dataset = await shelf.make(case("a", key="a"))
    refused = await shelf.call("PATCH", dataset, "", {"template_id": await a_template(shelf)}, status=400)
    assert [error["field"] for error in refused["errors"]] == ["cases.a.input.word", "cases.a.input.city"]
    fitting = await a_template(shelf, prompt="{{word}}", variables=[])
    assert (await shelf.call("PATCH", dataset, "", {"template_id": fitting}))["template_id"] == fitting
    await shelf.call("POST", dataset, "/cases", {"cases": [{"input": {}}]}, status=400)
    await shelf.call("PATCH", dataset, "", {"template_id": None})
    await shelf.call("POST", dataset, "/cases", {"cases": [{"input": {}}]}, status=201)
