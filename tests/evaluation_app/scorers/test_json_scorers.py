"""JSON in outputs, tool calls, figures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.evaluation_app.scorers.shortcuts import passes, score

NESTED = {"a": [1, {"b": None, "c": [True, "é"]}], "d": {"e": 2.5}}


@pytest.mark.parametrize(
    ("value", "output", "passed"),
    [
        (NESTED, json.dumps(NESTED, indent=3), True),
        (NESTED, json.dumps(NESTED, sort_keys=True, ensure_ascii=True), True),
        (1, "1.0", True),
        (1, "1e0", True),
        (100, "1E2", True),
        (0, "-0.0", True),
        (1, "true", False),
        (True, "1", False),
        (True, "true", True),
        (0, "false", False),
        (None, "null", True),
        (0, "null", False),
        ("1", "1", False),
        ([1], "1", False),
        ({"a": None}, "{}", False),
        ({}, "[]", False),
        (0.1, "0.1", True),
        (0.1, "0.1000000000000000055511151231257827", False),
        (12345678901234567890, "12345678901234567891", False),
        (12345678901234567890, "12345678901234567890", True),
        (9007199254740993, "9007199254740992.0", False),
        ({"é": 1}, '{"e\u0301": 1}', True),
        ("é", '"\\u00e9"', True),
        ([1, 2], "[1, 2,]", False),
        ({"a": 1}, "{'a': 1}", False),
        ({"a": 1}, '{"a": 1} trailing', False),
        ({"a": 1}, '\ufeff{"a": 1}', True),
    ],
)
def test_equal_json(value: Any, output: str, passed: bool) -> None:
    assert passes("equals_json", output, value=value) is passed


@pytest.mark.parametrize(
    "output",
    [
        '```json\n{"a": 1}\n```',
        '```\n{"a": 1}\n```',
        '```JSON\r\n{"a": 1}\r\n```\r\n',
        '~~~json\n{"a": 1}\n~~~',
        '  ```json\n  {"a": 1}\n  ```',
        '````json\n{"a": 1}\n````',
        '```json{"a": 1}```',
        'Here it is:\n\n```json\n{"a": 1}\n```\nThat is all.',
    ],
)
def test_a_fence_is_taken_off(output: str) -> None:
    assert passes("equals_json", output, value={"a": 1})
    assert passes("json_schema", output, schema={"type": "object", "required": ["a"]})
    assert passes("json_path", output, path="$.a")


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("", "empty"),
        ('{"a": 1, "a": 1}', "twice"),
        ('{"b": {"a": 1, "a": 2}}', "twice"),
        ("NaN", "NaN"),
        ('{"a": Infinity}', "Infinity"),
        ("[" * 100 + "]" * 100, "64 levels"),
        ("[" * 90_000, "64 levels"),
        ("9" * 5_000, "digits"),
        ("1e99999999999999999999", "too large"),
        ('"\\ud800"', "Half a character"),
        ("It is {a: 1}", "no JSON"),
        ('```json\n{"a": 1}\n```\nor\n```json\n{"a": 2}\n```', "no JSON"),
        ("```json\n{a: 1}\n```", "fenced block"),
    ],
)
def test_what_is_no_json_fails_and_says_why(output: str, reason: str) -> None:
    for judged in (
        score("equals_json", output, value={"a": 1}),
        score("json_schema", output, schema={"type": "object"}),
        score("json_path", output, path="$.a"),
    ):
        assert (judged.value, judged.passed) == (0.0, False)
        assert reason in judged.reason


@pytest.mark.parametrize("expected", [{"a": 1}, '{"a": 1}', '```json\n{"a": 1}\n```'])
def test_the_json_may_come_from_the_case(expected: Any) -> None:
    assert passes("equals_json", '{"a": 1.0}', case={"expected": expected})


def test_json_of_null_is_a_value_of_its_own() -> None:
    assert passes("equals_json", "null", value=None)
    assert passes("json_path", '{"a": null}', path="$.a", equals=None)
    assert not passes("json_path", '{"a": 0}', path="$.a", equals=None)


@pytest.mark.parametrize(
    ("schema", "output", "passed"),
    [
        ({"type": "integer"}, "3.0", True),
        ({"type": "integer"}, "3.5", False),
        ({"type": "boolean"}, "1", False),
        ({"type": "string", "pattern": "^a+$"}, '"aaa"', True),
        ({"type": "string", "maxLength": 1}, '"👍"', True),
        ({"$defs": {"x": {"type": "number"}}, "items": {"$ref": "#/$defs/x"}}, "[1, 2]", True),
        ({"$defs": {"x": {"type": "number"}}, "items": {"$ref": "#/$defs/x"}}, '[1, "2"]', False),
        ({"oneOf": [{"type": "number"}, {"minimum": 0}]}, "3", False),
        ({}, "null", True),
        ({"minimum": 12345678901234567890}, "12345678901234567890", True),
    ],
)
def test_schemas(schema: dict[str, Any], output: str, passed: bool) -> None:
    assert passes("json_schema", output, schema=schema) is passed


def test_where_it_does_not_fit_is_named_and_the_value_is_not() -> None:
    judged = score(
        "json_schema",
        '{"a": {"b": "SECRETWORD"}}',
        schema={"properties": {"a": {"properties": {"b": {"type": "null"}}}}},
    )
    assert "/a/b" in judged.reason
    assert "SECRETWORD" not in judged.reason


@pytest.mark.parametrize(
    ("path", "params", "passed"),
    [
        ("$.items[0].id", {}, True),
        ("$.items[5].id", {}, False),
        ("$.items[-1].id", {"equals": 8}, True),
        ("$.items[*].id", {"equals": 8}, True),
        ("$.items[*].id", {"equals": 8, "which": "all"}, False),
        ("$..id", {"equals": 7}, True),
        ("$.items[?@.id > 7].name", {"equals": "b"}, True),
        ("$['é']", {"equals": {"x": 1.0}}, True),
        ("$.none", {}, True),
        ("$.flag", {"equals": 1}, False),
        ("$", {}, True),
        ("$.items[?match(@.name, '[a-z]')].id", {"equals": 7}, True),
    ],
)
def test_paths(path: str, params: dict[str, Any], passed: bool) -> None:
    output = json.dumps(
        {"items": [{"id": 7, "name": "a"}, {"id": 8, "name": "b"}], "é": {"x": 1}, "none": None, "flag": True}
    )
    assert passes("json_path", output, path=path, **params) is passed


CALLS = [
    {"name": "search", "arguments": {"q": "risk", "limit": 5, "where": {"a": 1, "b": 2}}},
    {"name": "send", "arguments": '{"to": "a@b.c"}'},
    {"name": "ping"},
]


@pytest.mark.parametrize(
    ("params", "passed"),
    [
        ({"name": "search"}, True),
        ({"name": "Search"}, False),
        ({"name": "search", "arguments": {"q": "risk"}}, True),
        ({"name": "search", "arguments": {"where": {"a": 1.0}}}, True),
        ({"name": "search", "arguments": {"q": "cost"}}, False),
        ({"name": "search", "arguments": {"q": "risk"}, "match": "exact"}, False),
        ({"name": "send", "arguments": {"to": "a@b.c"}, "match": "exact"}, True),
        ({"name": "ping", "arguments": {}, "match": "exact"}, True),
        ({"name": "ping", "arguments": {"a": 1}}, False),
        ({"name": "search", "arguments": {"limit": True}}, False),
    ],
)
def test_tools_that_were_called(params: dict[str, Any], passed: bool) -> None:
    assert passes("tool_called", "", case={"tool_calls": CALLS}, **params) is passed


def test_no_call_at_all_is_a_fail_and_nothing_known_is_no_score() -> None:
    assert score("tool_called", "", case={"tool_calls": []}, name="search").value == 0.0
    assert score("tool_called", "", name="search").value is None


@pytest.mark.parametrize(
    ("scorer", "fact", "params", "values"),
    [
        ("latency", "latency", {"max_seconds": 2}, {1.5: 1.0, 2: 1.0, 2.01: 0.0, 0: 1.0}),
        ("cost", "cost", {"max_cost": 0.1}, {"0.10": 1.0, 0.1: 1.0, "0.1000001": 0.0, 0: 1.0}),
        ("valid_schema", "schema_valid", {}, {True: 1.0, False: 0.0}),
    ],
)
def test_figures_pass_up_to_their_limit_and_are_null_where_unknown(
    scorer: str, fact: str, params: dict[str, Any], values: dict[Any, float]
) -> None:
    for known, value in values.items():
        assert score(scorer, "", case={fact: known}, **params).value == value
    unknown = score(scorer, "", **params)
    assert (unknown.value, unknown.passed) == (None, False)
    assert unknown.reason
