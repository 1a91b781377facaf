"""Odd cases, and how files of them are written and read."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.datasets.bodies import checked_cases
from evaluation_app.datasets.formats.format import Read, Reading
from evaluation_app.datasets.formats.registry import FORMATS
from foundation.problems import Problem

ALL = list(FORMATS)


ODD: list[dict[str, Any]] = [
    {
        "key": "full", "name": "Fünf — “quoted”, 'tis", "input": {"city": "=1+1", "count": 5, "note": "a\nb\r\nc\td"},
        "expected_output": {"type": "contains", "keywords": ["Wien"], "case_sensitive": True},
        "scorers": [{"scorer": "length", "params": {"max_words": 5}, "weight": 2.5, "required": False}],
        "tags": ["a,b", "c"], "split": "held_out", "cluster": "doc 1", "weight": 2.5, "origin": "review",
        "is_generated": True,
    },
    {"key": "types", "input": {"yes": "Yes", "no": False, "none": None, "list": [1, "2"], "zip": "0123"}},
    {"key": "texts", "input": {"city": "", "count": "5", "e": "1e5", "t": "true", "n": "null", "j": '{"a": 1}'}},
    {"key": "more", "input": {"o": "0o7", "at": "12:30", "x": "0x1F", "day": "2024-01-01", "u": "~", "i": "1_000"}},
    {"key": "names", "input": {"__key": "x", "expected": "y", " spaced ": "z", "a.b": "1", "=cmd": "2", "": "3"}},
    {"key": "empty", "input": {}},
    {"key": "apostrophe", "input": {"city": "'tis", "note": "-5", "at": "@x", "b": "\ufeffx"}, "name": "'quoted'"},
    {"key": "judged", "input": {"q": "{{x}}"}, "expected_output": {"type": "json_path", "path": "$.a", "equals": 1}},
    {
        "key": "plain", "input": {"q": "Capital?", "one": 1, "one_too": 1.0}, "expected_output": {"value": "Paris"},
        "scorers": [{"scorer": "rouge_l", "params": {"threshold": 0.5}, "weight": 1.0, "required": True}],
    },
    {"key": "as_text", "input": {}, "expected_output": {"type": "exact", "value": ' {"value": 1}\n', "trim": False}},
    {"key": "lists", "input": {"a": ["x", "y"], "b": {"c": [1.5, {"d": None}]}}, "split": "smoke"},
]  # fmt: skip


def bodies(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cases as rows tell them."""
    usual: dict[str, Any] = {
        "name": "", "input": {}, "expected_output": None, "scorers": [], "tags": [], "split": "train", "cluster": "",
        "weight": 1.0, "origin": "person", "is_generated": False,
    }  # fmt: skip
    return [{**usual, **each} for each in cases]


def through(name: str, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same cases, written and read."""
    file = b"".join(FORMATS[name].write({"name": "D", "version": 1}, cases))
    read = FORMATS[name].read(file, Reading())
    assert [note for note in read.notes if (name, note.code) != ("promptfoo", "as_text")] == []
    return bodies(checked_cases(read.bodies, types=None))


def told(name: str, file: bytes) -> Read:
    """What a format reads of a file; its cases hold."""
    read = FORMATS[name].read(file, Reading())
    checked_cases(read.bodies, types=None)
    return read


def refusal(name: str, file: bytes) -> tuple[str, str, str]:
    """(field, code, message) of the first fault of a file."""
    with pytest.raises(Problem) as caught:
        FORMATS[name].read(file, Reading())
    return tuple(caught.value.errors[0][part] for part in ("field", "code", "message"))
