"""Structured output: what was asked for is judged before it is sent, and the answer afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.playground.conftest import Ledger, MakeProvider
from tests.waiting import until

__all__ = ["browser_of"]

SCHEMA = {
    "type": "object",
    "properties": {"price": {"type": "number"}, "secret_name": {"enum": ["canary-choice"]}},
    "required": ["price"],
    "additionalProperties": False,
}
HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "elsewhere": ({"properties": {"a": {"$ref": "http://127.0.0.1:1/x"}}}, "schema.properties.a.$ref"),
    "without end": ({"$ref": "#"}, "schema"),
    "doubling": ({"allOf": [{"properties": {"x": {"$ref": "#"}}}] * 2}, "schema"),
    "none": ({"type": "colour"}, "schema.type"),
    "look-ahead": ({"pattern": "(?=a)"}, "schema.pattern"),
}


def by(schema: Any, **more: Any) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"schema": schema, **more}}}


async def judged(author: Person, model: str, answer: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The metadata of a run whose model says `answer`."""
    ran = await author.execute(model, answer, parameters=parameters, **more)
    assert ran.status == 200, ran.body
    assert ran.body["response"] == answer or "echo" not in model
    again = await author.get(f"/api/executions/{ran.body['id']}")
    assert again.body["metadata"] == ran.body["metadata"]
    return dict(ran.body["metadata"])


@pytest.mark.parametrize("wire", ["openai", "anthropic", "ollama"])
async def test_an_answer_that_fits_is_told_to_fit(author: Person, make_provider: MakeProvider, wire: str):
    slug = await in_database_thread(make_provider, wire)
    told = await judged(author, f"{slug}/echo", '{"price": 1}', by(SCHEMA))
    assert (told["schema_valid"], told.get("schema_error")) == (True, None)
    told = await judged(author, f"{slug}/echo", '{"price": "1"}', by(SCHEMA))
    assert told["schema_valid"] is False
    assert (told["schema_error"]["pointer"], told["schema_error"]["keyword"]) == ("/price", "type")


@pytest.mark.parametrize(
    ("answer", "parameters", "error"),
    [
        ('{"a": 1}', {"response_format": "json_object"}, None),
        ("[1]", {"response_format": "json_object"}, ("", "type")),
        ("no json", {"response_format": "json_object"}, ("", "json")),
        ('```json\n{"price": 1}\n```', by(SCHEMA), ("", "json")),
        ('{"price": 1} and more', by(SCHEMA), ("", "json")),
        ('{"price": NaN}', by(SCHEMA), ("", "json")),
        ("{}", by(SCHEMA), ("", "required")),
        ('{"price": 1, "else": 2}', by(SCHEMA), ("", "additionalProperties")),
        (' {"price": 1}\n', by(SCHEMA), None),
        ("17", by({"type": "integer"}), None),
        ("17", by({}), None),
    ],
)
async def test_what_does_not_fit_is_told_with_its_place(
    author: Person, provider: str, answer: str, parameters: dict[str, Any], error: Any
):
    told = await judged(author, f"{provider}/echo", answer, parameters)
    found = told.get("schema_error")
    assert (found and (found["pointer"], found["keyword"])) == error
    assert told["schema_valid"] is (error is None)


async def test_a_fence_is_named(author: Person, provider: str):
    told = await judged(author, f"{provider}/echo", '```json\n{"price": 1}\n```', by(SCHEMA))
    assert "fence" in told["schema_error"]["message"]


@pytest.mark.parametrize("model", ["length", "tool-call"])
async def test_of_a_cut_answer_or_a_call_nothing_is_said(author: Person, provider: str, model: str):
    tools = [{"name": "now", "parameters": {"type": "object", "properties": {}}}]
    told = await judged(
        author, f"{provider}/{model}", "{}", by(SCHEMA), **({"tools": tools} if "tool" in model else {})
    )
    assert told["finish_reason"] != "stop"
    assert told["schema_valid"] is None
    assert "schema_error" not in told


async def test_text_has_no_verdict(author: Person, provider: str):
    for parameters in ({}, {"response_format": "text"}):
        assert "schema_valid" not in await judged(author, f"{provider}/echo", "x", parameters)


async def test_an_answer_from_the_cache_is_judged_too(author: Person, provider: str):
    async def cached() -> dict[str, Any] | None:
        # An answer is kept a moment after it was given.
        told: dict[str, Any] = await judged(
            author, f"{provider}/echo", '{"price": "1"}', {**by(SCHEMA), "temperature": 0}
        )
        return told if told["cached"] else None

    told = await until(cached)
    assert told["schema_valid"] is False
    assert told["schema_error"]["pointer"] == "/price"


async def test_a_deep_answer_is_not_checked_and_says_so(author: Person, provider: str):
    told = await judged(author, f"{provider}/echo", "[" * 70 + "]" * 70, by({"items": {"$ref": "#"}}))
    assert told["schema_valid"] is None
    assert "64 levels" in told["schema_error"]["message"]


async def test_nothing_of_the_answer_or_the_schema_stands_in_clear(author: Person, provider: str):
    answer = '{"price": 1, "secret_name": "canary-answer"}'
    ran = (await author.execute(f"{provider}/echo", answer, parameters=by(SCHEMA))).body
    assert ran["metadata"]["schema_error"]["pointer"] == "/secret_name"
    assert "canary-answer" not in str(ran["metadata"])

    def row_of() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT t::text FROM prompt_executions t WHERE id = %s", [ran["id"]])
            return str(cursor.fetchone()[0])

    stored = await in_database_thread(row_of)
    assert "schema_valid" in stored
    assert "secret_name" not in stored
    assert "canary" not in stored


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_schema_is_refused_at_every_door(author: Person, provider: str, ledger: Ledger, name: str):
    schema, place = HOSTILE[name]
    model = f"{provider}/{name.replace(' ', '-')}"
    field = f"parameters.response_format.json_schema.{place}"
    fine = (await author.execute(f"{provider}/echo")).body
    template = {"name": "T", "category": "C", "prompt": "x", "default_parameters": by(schema)}
    variants = [{"model_id": model, "parameters": by(schema)}, {"model_id": model}]
    bodies = {
        "/api/prompts/execute": ({"model_id": model, "prompt": "x", "parameters": by(schema)}, field),
        "/api/prompts/execute/stream": ({"model_id": model, "prompt": "x", "parameters": by(schema)}, field),
        f"/api/executions/{fine['id']}/replay": ({"model_id": model, "parameters": by(schema)}, field),
        "/api/comparisons": ({"prompt": "x", "variants": variants}, f"variants.0.{field}"),
        "/api/templates": (template, field.replace("parameters", "default_parameters", 1)),
    }
    before = await in_database_thread(PromptExecution.objects.filter(user=author.user).count)
    for path, (body, where) in bodies.items():
        refused = await author.post(path, body)
        assert refused.status == 400, path
        assert [error["field"] for error in refused.body["errors"]] == [where], path
    assert await in_database_thread(PromptExecution.objects.filter(user=author.user).count) == before
    assert await ledger.calls(model.partition("/")[2]) == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "with blanks"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": 1}, "name"),
        ({"strict": "yes"}, "strict"),
        ({"description": 1}, "description"),
        ({"odd": 1}, "odd"),
    ],
)
async def test_words_beside_the_schema_are_those_that_a_provider_takes(
    author: Person, provider: str, more: dict[str, Any], field: str
):
    refused = await author.execute(f"{provider}/echo", parameters=by({}, **more))
    assert refused.status == 400
    assert [error["field"] for error in refused.body["errors"]] == [f"parameters.response_format.json_schema.{field}"]


async def test_what_was_kept_before_is_judged_before_it_is_run(author: Person, provider: str, ledger: Ledger):
    """A schema that the rules of its day let in: repeated, it is a 400 and no row."""
    ran = (await author.execute(f"{provider}/echo", parameters=by({}))).body

    def spoil() -> None:
        row = PromptExecution.objects.get(id=ran["id"])
        row.parameters = by({"$ref": "#"})
        row.save()

    await in_database_thread(spoil)
    refused = await author.post(f"/api/executions/{ran['id']}/replay", {})
    assert (refused.status, refused.body["errors"][0]["field"]) == (
        400,
        "parameters.response_format.json_schema.schema",
    )


async def test_the_page_says_whether_it_fits(author: Person, provider: str, browser_of: BrowserOf):
    browser = await in_database_thread(browser_of, author)
    fits = (await author.execute(f"{provider}/echo", '{"price": 1}', parameters=by(SCHEMA))).body
    assert "fits the schema" in (await browser.get(f"/?execution={fits['id']}")).text
    breaks = (await author.execute(f"{provider}/echo", '{"price": "<b>"}', parameters=by(SCHEMA))).body
    page = (await browser.get(f"/?execution={breaks['id']}")).text
    assert "Does not fit the schema:" in page
    assert "/price: the value is not of type" in page
