"""What cannot be asked of a scorer is told before anything is run: the field and a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from evaluation_app.scorers.errors import InvalidScorer
from evaluation_app.scorers.expected import scorer_of
from evaluation_app.scorers.registry import described, made, names
from evaluation_app.scorers.text.language import LANGUAGES
from evaluation_app.scorers.trying import sample_of, try_scorer
from tests.evaluation_app.scorers.shortcuts import refusal_of

ROOT = Path(__file__).resolve().parents[3]
NAMES = [
    "llm_judge",
    "pairwise_judge",
    "webhook",
    "contains",
    "exact",
    "regex",
    "semantic",
    "not_contains",
    "starts_with",
    "ends_with",
    "numeric",
    "length",
    "language",
    "refusal",
    "equals_json",
    "json_schema",
    "json_path",
    "valid_schema",
    "tool_called",
    "levenshtein",
    "similarity",
    "rouge_l",
    "bleu",
    "chrf",
    "latency",
    "cost",
]


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("scorer", "params", "field", "sentence"),
    [
        ("nope", {}, "scorer", "no scorer of this name"),
        ("containz", {}, "scorer", "did you mean contains?"),
        (None, {}, "scorer", "is a text"),
        (["exact"], {}, "scorer", "is a text"),
        ("exact", [], "params", "an object"),
        ("exact", "Paris", "params", "an object"),
        ("exact", {"value": 3}, "params.value", "valid string"),
        ("exact", {"value": "a", "trimm": True}, "params.trimm", "no such parameter"),
        ("exact", {"value": "a", "trim": "yes"}, "params.trim", "It must be a valid boolean."),
        ("exact", {"value": "a", "trim": 1}, "params.trim", "It must be a valid boolean."),
        ("exact", {}, "params.value", "is needed"),
        ("exact", {"value": "\ud800"}, "params", "lone surrogate"),
        ("exact", {"value": "a" * 300_000}, "params", "up to"),
        ("contains", {}, "params.keywords", "needed"),
        ("contains", {"keywords": []}, "params.keywords", "at least 1"),
        ("contains", {"keywords": [""]}, "params.keywords.0", "at least 1"),
        ("contains", {"keywords": ["a", 3]}, "params.keywords.1", "valid string"),
        ("contains", {"keywords": "risk"}, "params.keywords", "valid list"),
        ("contains", {"keywords": ["a"], "mode": "some"}, "params.mode", "'all', 'any' or 'none'"),
        ("not_contains", {"keywords": []}, "params.keywords", "at least 1"),
        ("not_contains", {"keywords": ["a"], "mode": "any"}, "params.mode", "no such parameter"),
        ("starts_with", {"value": ""}, "params.value", "empty"),
        ("regex", {}, "params.pattern", "needed"),
        ("regex", {"pattern": ""}, "params.pattern", "at least 1"),
        ("regex", {"pattern": "ab(?=c)"}, "params.pattern", "Character 3: look-ahead is not supported"),
        ("regex", {"pattern": "ab(?!c)"}, "params.pattern", "Character 3: look-ahead"),
        ("regex", {"pattern": "(?<=a)b"}, "params.pattern", "Character 1: look-behind"),
        ("regex", {"pattern": "x(?<!a)b"}, "params.pattern", "Character 2: look-behind"),
        ("regex", {"pattern": "(a)\\1"}, "params.pattern", "Character 4: a back-reference"),
        ("regex", {"pattern": "(?P<n>a)(?P=n)"}, "params.pattern", "Character 9: a back-reference"),
        ("regex", {"pattern": "(?<n>a)\\k<n>"}, "params.pattern", "Character 8: a back-reference"),
        ("regex", {"pattern": "\\((?=a)"}, "params.pattern", "Character 3: look-ahead"),
        ("regex", {"pattern": "[(?=](?=a)"}, "params.pattern", "Character 6: look-ahead"),
        ("regex", {"pattern": "é\u0301(?=a)"}, "params.pattern", "Character 3: look-ahead"),
        ("regex", {"pattern": "(?>a)"}, "params.pattern", "Character 1: an atomic group"),
        ("regex", {"pattern": "a*+"}, "params.pattern", "Character 3: a possessive repetition"),
        ("regex", {"pattern": "ab("}, "params.pattern", "Character 3: no RE2 pattern: missing )"),
        ("regex", {"pattern": "ab)"}, "params.pattern", "Character 3: no RE2 pattern: unexpected )"),
        ("regex", {"pattern": "ab[c"}, "params.pattern", "Character 3: no RE2 pattern: missing ]"),
        ("regex", {"pattern": "a|*"}, "params.pattern", "Character 3: "),
        ("regex", {"pattern": "ab\\"}, "params.pattern", "Character 3: "),
        ("regex", {"pattern": "a{1001}"}, "params.pattern", "Character 2: "),
        ("regex", {"pattern": "((a{100}){100}){100}"}, "params.pattern", "RE2"),
        ("regex", {"pattern": "a" * 1_001}, "params.pattern", "1000"),
        ("semantic", {"value": "a", "semantic_threshold": 1.5}, "params.semantic_threshold", "less than or equal to 1"),
        ("semantic", {"value": "a", "semantic_threshold": -0.1}, "params.semantic_threshold", "greater than or equal"),
        ("semantic", {"value": "a", "semantic_threshold": "0.8"}, "params.semantic_threshold", "valid number"),
        ("semantic", {"value": "a", "semantic_threshold": True}, "params.semantic_threshold", "valid number"),
        ("semantic", {"value": "a", "semantic_threshold": float("nan")}, "params", "no JSON"),
        ("semantic", {"value": ""}, "params.value", "empty"),
        ("semantic", {}, "params.value", "needed"),
        ("equals_json", {}, "params.value", "needed"),
        ("equals_json", {"value": deep(80)}, "params", "64 levels"),
        ("equals_json", {"value": float("inf")}, "params", "no JSON"),
        ("equals_json", {"value": object()}, "params", "no JSON"),
        ("json_schema", {}, "params.schema", "needed"),
        ("json_schema", {"schema": []}, "params.schema", "valid dictionary"),
        ("json_schema", {"schema": {"type": "strin"}}, "params.schema.type", "No JSON Schema"),
        ("json_schema", {"schema": {"properties": {"a": {"minimum": "3"}}}}, "params.schema.properties.a.minimum", ""),
        ("json_schema", {"schema": {"$ref": "https://example.org/x"}}, "params.schema.$ref", "outside"),
        ("json_path", {}, "params.path", "needed"),
        ("json_path", {"path": "items[0]"}, "params.path", "No JSONPath"),
        ("json_path", {"path": "$.items["}, "params.path", "No JSONPath"),
        ("json_path", {"path": "$.items[01]"}, "params.path", "column"),
        ("json_path", {"path": f"$[?{'(' * 900}"}, "params.path", "No JSONPath"),
        ("json_path", {"path": f"$[?{'@[?' * 300}"}, "params.path", "No JSONPath"),
        ("numeric", {"value": "3"}, "params.value", "valid"),
        ("numeric", {"value": True}, "params.value", "valid"),
        ("numeric", {"value": 1, "absolute_tolerance": -1}, "params.absolute_tolerance", "greater than or equal to 0"),
        ("numeric", {"value": 1, "relative_tolerance": -0.1}, "params.relative_tolerance", "greater than or equal"),
        ("numeric", {"value": 1, "which": "middle"}, "params.which", "'last'"),
        ("numeric", {}, "params.value", "needed"),
        ("levenshtein", {"value": "a"}, "params.max_distance", "needed"),
        ("levenshtein", {"value": "a", "max_distance": -1}, "params.max_distance", "greater than or equal to 0"),
        ("levenshtein", {"value": "a", "max_distance": 1.5}, "params.max_distance", "integer"),
        ("rouge_l", {"value": "a", "threshold": 2}, "params.threshold", "less than or equal to 1"),
        ("bleu", {"value": "a", "tokenize": "ja-mecab"}, "params.tokenize", "'13a'"),
        ("length", {}, "params", "At least one bound"),
        ("length", {"max_words": -1}, "params.max_words", "greater than or equal to 0"),
        ("length", {"min_words": 3, "max_words": 2}, "params.max_words", "less than the fewest"),
        ("language", {}, "params.language", "needed"),
        ("language", {"language": "english"}, "params.language", "ISO 639-1"),
        ("language", {"language": "xx"}, "params.language", "ISO 639-1"),
        ("refusal", {"wanted": "yes"}, "params.wanted", "'refusal' or 'answer'"),
        ("latency", {"max_seconds": 0}, "params.max_seconds", "greater than 0"),
        ("cost", {"max_cost": -1}, "params.max_cost", "greater than or equal to 0"),
        ("tool_called", {"arguments": {}}, "params.name", "needed"),
        ("tool_called", {"name": "a", "arguments": []}, "params.arguments", "valid dictionary"),
        ("valid_schema", {"schema": {}}, "params.schema", "no such parameter"),
    ],
)
def test_a_parameter_that_does_not_hold_is_named(scorer: Any, params: Any, field: str, sentence: str) -> None:
    told = refusal_of(scorer, params)
    assert told[0] == field, told
    assert sentence in told[1]
    assert told[1].endswith((".", "?"))


def test_every_scorer_is_described_with_a_json_schema_of_its_parameters() -> None:
    found = {each["name"]: each for each in described()}
    assert sorted(found) == sorted(names()) == sorted(NAMES)
    for each in found.values():
        assert set(each) == {"name", "title", "description", "parameters", "max_output_characters"}
        assert each["title"]
        assert len(each["description"]) > 40
        jsonschema_rs.Draft202012Validator(each["parameters"])
        assert each["parameters"]["additionalProperties"] is False
        for parameter in each["parameters"]["properties"].values():
            assert parameter["description"]


def test_the_schema_refuses_what_the_scorer_refuses() -> None:
    schemas = {each["name"]: each["parameters"] for each in described()}
    for name, params in [
        ("semantic", {"semantic_threshold": 1.5}),
        ("contains", {"keywords": []}),
        ("numeric", {"absolute_tolerance": -1}),
        ("regex", {}),
        ("json_schema", {"schema": 3}),
    ]:
        assert not jsonschema_rs.is_valid(schemas[name], params)
    assert jsonschema_rs.is_valid(schemas["json_schema"], {"schema": {}})


@pytest.mark.parametrize(
    ("expected", "name", "stated"),
    [
        ({"type": "contains", "keywords": ["risk"]}, "contains", {"keywords": ["risk"]}),
        ({"type": "contains", "keywords": ["risk"], "mode": "any"}, "contains", {"mode": "any"}),
        ({"type": "exact", "value": "Paris"}, "exact", {"value": "Paris"}),
        ({"type": "exact", "keywords": ["Paris"]}, "exact", {"value": "Paris"}),
        ({"type": "regex", "pattern": "^a"}, "regex", {"pattern": "^a"}),
        ({"type": "semantic", "value": "x", "semantic_threshold": 0.7}, "semantic", {"semantic_threshold": 0.7}),
        ({"type": "semantic", "keywords": ["low", "risk"]}, "semantic", {"value": "low risk"}),
        ({"type": "json_schema", "schema": {"type": "object"}}, "json_schema", {"schema": {"type": "object"}}),
        ({"type": "numeric", "value": 3}, "numeric", {"value": 3}),
    ],
)
def test_what_a_case_expects_in_the_specs_shape_is_a_scorer(expected: Any, name: str, stated: dict[str, Any]) -> None:
    scorer = scorer_of(expected)
    assert scorer.name == name
    assert stated.items() <= scorer.params.stated().items()


@pytest.mark.parametrize(
    ("expected", "field"),
    [
        ({"type": "fuzzy"}, "type"),
        ({"keywords": ["a"]}, "type"),
        ({"type": 3}, "type"),
        ({"type": ["contains"]}, "type"),
        ("Paris", ""),
        (None, ""),
        ({"type": "contains", "keywords": []}, "keywords"),
        ({"type": "contains", "keywords": ["a"], "pattern": "a"}, "pattern"),
        ({"type": "regex", "pattern": "a(?=b)"}, "pattern"),
        ({"type": "regex"}, "pattern"),
        ({"type": "semantic", "value": "a", "semantic_threshold": 1.5}, "semantic_threshold"),
        ({"type": "exact", "keywords": ["a", "b"]}, "keywords"),
        ({"type": "exact", "keywords": [1]}, "keywords"),
        ({"type": "exact", "keywords": []}, "keywords"),
        ({"type": "json_schema", "schema": {"type": 3}}, "schema.type"),
        ({"type": "exact", "value": "a", "params": {}}, "params"),
    ],
)
def test_what_a_case_expects_wrongly_is_named(expected: Any, field: str) -> None:
    with pytest.raises(InvalidScorer) as refused:
        scorer_of(expected).check_case(None)
    assert refused.value.field == field
    assert refused.value.below("test_cases", 3, "expected_output").field.startswith("test_cases.3.expected_output")


@pytest.mark.parametrize(
    ("output", "case", "field"),
    [
        (None, None, "output"),
        (3, None, "output"),
        ("a", [], "case"),
        ("a", {"outputs": 1}, "case.outputs"),
        ("a", {"latency": -1}, "case.latency"),
        ("a", {"latency": "1"}, "case.latency"),
        ("a", {"latency": float("nan")}, "case.latency"),
        ("a", {"cost": "free"}, "case.cost"),
        ("a", {"cost": -1}, "case.cost"),
        ("a", {"cost": True}, "case.cost"),
        ("a", {"tool_calls": {}}, "case.tool_calls"),
        ("a", {"tool_calls": [{"arguments": {}}]}, "case.tool_calls"),
        ("a", {"schema_valid": "yes"}, "case.schema_valid"),
        ("a", {"variables": []}, "case.variables"),
    ],
)
def test_a_sample_that_is_none_is_named(output: Any, case: Any, field: str) -> None:
    with pytest.raises(InvalidScorer) as refused:
        sample_of(output, case)
    assert refused.value.field == field


def test_a_scorer_is_tried_on_a_text() -> None:
    told = try_scorer(
        scorer="contains", params={"keywords": ["risk"]}, output="The Risk is low", case={"expected": None}
    )
    assert told == {"value": 1.0, "passed": True, "reason": "All were found."}


def test_the_hash_tells_scores_apart_that_cannot_be_compared() -> None:
    def hash_of(name: str, **params: Any) -> str:
        return made(name, params).scorer_hash

    assert hash_of("exact", value="a") == hash_of("exact", value="a", trim=True)
    assert hash_of("semantic", value="a", semantic_threshold=1) == hash_of(
        "semantic", value="a", semantic_threshold=1.0
    )
    assert hash_of("equals_json", value={"a": 1, "b": 2}) == hash_of("equals_json", value={"b": 2, "a": 1})
    different = [
        hash_of("exact", value="a"),
        hash_of("exact", value="b"),
        hash_of("exact", value="a", trim=False),
        hash_of("starts_with", value="a"),
        hash_of("equals_json"),
        hash_of("equals_json", value=None),
        hash_of("exact"),
    ]
    assert len(set(different)) == len(different)
    assert all(len(each) == 64 for each in different)


def test_the_detector_knows_every_language_that_may_be_asked_for_and_no_other_with_a_code() -> None:
    labels = set(LanguageIdentifier.from_model_file(MODEL_FILE).labels)
    assert {label for label in labels if len(label) == 2} == LANGUAGES


def test_no_library_is_loaded_before_a_scorer_needs_it() -> None:
    heavy = ("numpy", "scipy", "sacrebleu", "wordllama", "py3langid", "rapidfuzz", "jsonpath_rfc9535", "django")
    program = f"import sys, evaluation_app.scorers.registry; print(sorted(set(sys.modules) & set({heavy!r})))"
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
