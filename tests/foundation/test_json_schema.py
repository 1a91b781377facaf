"""Schemas of strangers: judged when they come, so that no value makes them work without end."""

from __future__ import annotations

import time
from typing import Any

import pytest

from foundation.json_schema.reach import InvalidSchema
from foundation.json_schema.validators import MOST_WORK, Misfit, TooMuch, validator_of

CEILING = 2.0
"""Seconds of the processor; without the judgement the worst of these would take years."""
DOUBLING = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)} | {"a40": {"type": "integer"}}
ROUND = {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}
CHAIN = {f"a{n}": {"$ref": f"#/$defs/a{n + 1}"} for n in range(500)} | {"a500": {}}
TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "left": {"$ref": "#/$defs/node"},
                "right": {"$ref": "#/$defs/node"},
                "v": {"type": "integer"},
            },
            "required": ["v"],
            "additionalProperties": False,
        }
    },
}
ANY_JSON = {
    "anyOf": [
        {"type": ["string", "number", "boolean", "null"]},
        {"type": "array", "items": {"$ref": "#"}},
        {"type": "object", "additionalProperties": {"$ref": "#"}},
    ]
}


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"$ref": "#"}, ()),
        ({"$ref": "#/$defs/a", "$defs": ROUND}, ("$defs", "a")),
        ({"$ref": "#/$defs/a0", "$defs": DOUBLING}, ()),
        ({"allOf": [{"properties": {"x": {"$ref": "#"}}}] * 2}, ()),
        ({"properties": {"x": {"$ref": "#"}}, "patternProperties": {"^x": {"$ref": "#"}}}, ()),
        ({"anyOf": [{"properties": {"x": {"$ref": "#"}}}], "unevaluatedProperties": False}, ()),
        ({"items": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}, ()),
        ({"$ref": "#/$defs/a0", "$defs": CHAIN}, ("$defs", "a99")),
        ({"allOf": [{}] * 15_000}, ()),
        ({"properties": {"a": {"$ref": "http://127.0.0.1:1/x"}}}, ("properties", "a", "$ref")),
        ({"$ref": "file:///etc/passwd"}, ("$ref",)),
        ({"$schema": "http://127.0.0.1:1/x"}, ("$schema",)),
        ({"items": {"$id": "http://127.0.0.1:1/x"}}, ("items", "$id")),
        ({"$dynamicRef": "#x"}, ("$dynamicRef",)),
        ({"items": {"$ref": "#/$defs/gone"}}, ("items", "$ref")),
        ({"properties": {"a": {"type": "colour"}}}, ("properties", "a", "type")),
        ({"properties": {"a": {"pattern": "(?=a)b"}}}, ("properties", "a", "pattern")),
        ({"enum": ["x" * 70_000]}, ()),
        ([], ()),
    ],
)  # fmt: skip
def test_a_schema_that_would_work_without_end_or_look_outside_is_refused_at_once(schema: Any, path: tuple[str, ...]):
    began = time.process_time()
    with pytest.raises(InvalidSchema) as refused:
        validator_of(schema)
    assert refused.value.path == path
    assert time.process_time() - began < CEILING


@pytest.mark.parametrize(
    ("schema", "value", "misfit"),
    [
        (TREE, {"v": 1, "left": {"v": 2, "right": {"v": 3}}}, None),
        (TREE, {"v": 1, "left": {"v": 2, "right": {"v": "secret"}}}, ("/left/right/v", "type")),
        (TREE, {"left": {"v": 2}}, ("", "required")),
        (ANY_JSON, {"a": [1, {"b": None}]}, None),
        ({"properties": {"a/b~c": {"enum": ["x"]}}}, {"a/b~c": "secret"}, ("/a~1b~0c", "enum")),
        ({"properties": {"a": True, "b": False}}, {"b": "secret"}, ("/b", "false")),
        ({"$defs": {"a": {"$anchor": "name", "type": "string"}}, "items": {"$ref": "#name"}}, ["a", 1], ("/1", "type")),
        ({"$id": "https://example.com/x", "$schema": "http://json-schema.org/draft-07/schema#"}, 1, None),
        ({"pattern": "^(a+)+$"}, "a" * 100_000 + "!", ("", "pattern")),
        ({"items": {"enum": list(range(8_000))}}, [-1] * 5_000, ("/0", "enum")),
        ({"properties": {f"p{n}": {"type": "integer"} for n in range(1_500)}}, {"p7": "x"}, ("/p7", "type")),
    ],
)
def test_a_value_is_judged_and_the_sentence_does_not_quote_it(schema: Any, value: Any, misfit: Any):
    began = time.process_time()
    found = validator_of(schema).misfit(value)
    assert (found and (found.pointer, found.keyword)) == misfit
    assert "secret" not in (found or Misfit("", "", "")).message
    assert time.process_time() - began < CEILING


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (ANY_JSON, nested(70)),
        ({"items": {"enum": list(range(8_000))}}, [-1] * 50_000),
        ({"pattern": "^[01]*1[01]{5000}2"}, "01" * 50_000),
    ],
)
def test_what_would_hold_the_process_up_is_not_checked(schema: Any, value: Any):
    began = time.process_time()
    with pytest.raises(TooMuch):
        validator_of(schema).misfit(value)
    assert time.process_time() - began < CEILING


def test_the_most_that_is_checked_takes_a_moment():
    places = MOST_WORK // 10_000
    schema = {"items": {"allOf": [{"enum": list(range(3_000))}] * 3}}
    began = time.process_time()
    assert validator_of(schema).misfit([2_999] * places) is None
    assert time.process_time() - began < CEILING
