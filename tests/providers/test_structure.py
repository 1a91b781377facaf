"""A schema in each wire's words, by the vendors' guides "Structured model outputs" and "Structured outputs"."""

from __future__ import annotations

from typing import Any

import pytest

from providers.wires import structure
from providers.wires.anthropic import mapping as anthropic
from providers.wires.ollama import mapping as ollama
from providers.wires.openai import mapping as openai
from tests.providers.questions import request_for

CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": {"type": ["integer", "null"]}},
    "required": ["a", "b"],
    "additionalProperties": False,
}
BOUNDED = {
    "type": "object",
    "properties": {"a": {"type": "string", "minLength": 1}},
    "required": ["a"],
    "additionalProperties": False,
}
OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}
LIST = {"type": "object", "properties": {"a": {"type": "array", "items": OPEN}}}
LIST_CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {**OPEN, "additionalProperties": False}}},
    "additionalProperties": False,
}
STRINGS = {"type": "array", "items": {"type": "string"}}
RECURSIVE = {"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}}}}


def wanted(schema: Any, **more: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"schema": schema, **more}}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (wanted(CLOSED), {"name": "answer", "schema": CLOSED, "strict": True}),
        (wanted(CLOSED, strict=False), {"name": "answer", "schema": CLOSED, "strict": False}),
        (wanted(OPEN), {"name": "answer", "schema": OPEN}),
        (wanted(OPEN, strict=True), {"name": "answer", "schema": OPEN, "strict": True}),
        (wanted(OPEN, description="d"), {"name": "answer", "schema": OPEN, "description": "d"}),
        (wanted(BOUNDED), None),
        (wanted({"type": "array", "items": CLOSED}), None),
        (wanted({"anyOf": [CLOSED]}), None),
        (wanted(OPEN, name="my schema: ü"), {"name": "my_schema___", "schema": OPEN}),
    ],
)  # fmt: skip
def test_openai_is_held_strictly_to_what_it_can_hold(given: dict[str, Any], told: dict[str, Any] | None):
    sent = openai.body_of(request_for("gpt-4o", response_format=given))["response_format"]["json_schema"]
    assert sent == (told or {"name": "answer", "schema": given["json_schema"]["schema"]})


@pytest.mark.parametrize(
    ("model", "response_format"),
    [
        ("gpt-4", None),
        ("gpt-4-0613", None),
        ("gpt-4-turbo", {"type": "json_object"}),
        ("gpt-3.5-turbo", {"type": "json_object"}),
        ("openai/gpt-4o-2024-05-13", {"type": "json_object"}),
    ],
)
def test_an_older_openai_model_is_told_in_words(model: str, response_format: Any):
    body = openai.body_of(request_for(model, response_format=wanted(OPEN)))
    assert body.get("response_format") == response_format
    assert body["messages"][0] == {"role": "system", "content": structure.in_words(OPEN)}
    assert "JSON" in body["messages"][0]["content"]


@pytest.mark.parametrize(
    "model", ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-5", "o3", "ft:gpt-4o-2024-08-06:x", "llama"]
)
def test_a_newer_one_is_sent_the_schema(model: str):
    body = openai.body_of(request_for(model, response_format=wanted(OPEN)))
    assert body["response_format"]["type"] == "json_schema"
    assert structure.in_words(OPEN) not in str(body["messages"])


@pytest.mark.parametrize(
    ("schema", "sent"),
    [
        (CLOSED, CLOSED),
        (OPEN, {**OPEN, "additionalProperties": False}),
        (LIST, LIST_CLOSED),
        (
            {"type": "integer", "minimum": 1, "description": "How many"},
            {"type": "integer", "description": 'How many\n\n{"minimum":1}'},
        ),
        (
            {"type": "string", "format": "uuid", "maxLength": 9},
            {"type": "string", "format": "uuid", "description": '{"maxLength":9}'},
        ),
        ({**STRINGS, "minItems": 3}, {**STRINGS, "description": '{"minItems":3}'}),
        ({**STRINGS, "minItems": 1}, {**STRINGS, "minItems": 1}),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ],
)  # fmt: skip
def test_anthropic_gets_its_subset(schema: Any, sent: Any):
    body = anthropic.body_of(request_for("claude-sonnet-4-5", response_format=wanted(schema)))
    assert body["output_config"]["format"] == {"type": "json_schema", "schema": sent}
    assert "JSON Schema" not in body.get("system", "")


@pytest.mark.parametrize(
    "schema",
    [
        RECURSIVE,
        {"$ref": "#"},
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object", "properties": {"a": True}},
        {"type": "object", "patternProperties": {"^a": {"type": "string"}}},
        {"not": {"type": "string"}},
        {"if": {"type": "string"}, "then": {"minLength": 1}},
    ],
)
def test_what_anthropic_has_no_words_for_is_asked_for_in_the_prompt(schema: Any):
    body = anthropic.body_of(request_for("claude-sonnet-4-5", response_format=wanted(schema)))
    assert "output_config" not in body
    assert body["system"].endswith(structure.in_words(schema))


@pytest.mark.parametrize(
    ("model", "is_sent"),
    [
        ("claude-sonnet-4-5-20250929", True),
        ("claude-opus-4-1-20250805", True),
        ("claude-haiku-4-5", True),
        ("claude-opus-5", True),
        ("claude-sonnet-4-20250514", False),
        ("claude-opus-4-0", False),
        ("claude-3-7-sonnet-latest", False),
        ("claude-3-haiku-20240307", False),
        ("claude-2.1", False),
    ],
)
def test_a_claude_that_takes_no_schema_is_told_in_words(model: str, is_sent: bool):
    body = anthropic.body_of(request_for(model, response_format=wanted(OPEN)))
    assert ("output_config" in body, "JSON Schema" in body.get("system", "")) == (is_sent, not is_sent)


def test_ollama_gets_the_schema_as_it_is():
    assert ollama.body_of(request_for("m", response_format=wanted(RECURSIVE)))["format"] == RECURSIVE
