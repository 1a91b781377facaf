"""promptfoo's files: what has a counterpart judges the same, and everything else is named."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import yaml

from evaluation_app.datasets.bodies import checked_cases
from evaluation_app.datasets.formats.asserts import assertion_of, asserts_of
from evaluation_app.datasets.formats.format import Read, Reading
from evaluation_app.datasets.formats.registry import FORMATS
from evaluation_app.scorers.registry import names

CONFIG = b"""
# A configuration as people write them
description: Pirates
prompts: [file://prompts.txt]
providers: [openai:gpt-4.1-mini]
defaultTest:
  assert:
    - {type: latency, threshold: 5000}
assertionTemplates:
  noise: {type: icontains, value: arrr}
tests:
  - description: Exact
    vars: {body: Yes, at: 12:30}
    assert:
      - {type: equals, value: Yarr}
  - vars: {body: Hello}
    threshold: 0.5
    assert:
      - {type: javascript, value: output.length}
      - {type: similar, value: Ahoy, threshold: 0.9, weight: 2}
      - $ref: '#/assertionTemplates/noise'
      - {type: contains, value: 'Say {{body}}', metric: greeting}
  - vars: {body: [a, b], lang: [x, y]}
  - file://more.yaml
"""


def read(data: bytes, name: str = "promptfoo") -> tuple[Read, list[dict[str, Any]]]:
    found = FORMATS[name].read(data, Reading())
    return found, checked_cases(found.bodies, types=None)


def test_a_configuration_becomes_cases_and_what_is_left_out_is_named():
    found, cases = read(CONFIG)
    assert [each["input"] for each in cases] == [
        {"body": "Yes", "at": "12:30"},
        {"body": "Hello"},
        {"body": "a", "lang": "x"},
        {"body": "a", "lang": "y"},
        {"body": "b", "lang": "x"},
        {"body": "b", "lang": "y"},
    ]
    assert cases[0]["name"] == "Exact"
    assert [each["scorer"] for each in cases[0]["scorers"]] == ["latency", "exact"]
    assert [(each["scorer"], each["weight"]) for each in cases[1]["scorers"]] == [
        ("latency", 1),
        ("semantic", 2),
        ("contains", 1),
        ("contains", 1),
    ]
    assert cases[1]["scorers"][3]["params"]["keywords"] == ["Say Hello"]
    assert cases[2]["expected_output"] == {"type": "latency", "max_seconds": 5.0}
    assert [(note.place, note.code) for note in found.notes] == [
        ("tests.1.threshold", "not_carried"),
        ("tests.1.assert.1", "no_counterpart"),
        ("tests.1.assert.4.metric", "not_carried"),
        ("tests.3", "not_carried"),
        ("description", "not_carried"),
        ("prompts", "not_carried"),
        ("providers", "not_carried"),
    ]


def test_columns_of_promptfoo_are_read_as_it_reads_them():
    data = (
        b"topic,__expected1,__expected2,__description,__metadata:split,__metadata:tags[],__prefix\n"
        b'owls,"contains-all: beak, wing",similar(0.7):a bird,Birds,smoke,"a,b\\,c",Hi\n'
        b"cats,Meow {{topic}},,,,,\n"
        b"dogs,fn:output.length,is-json,,,,\n"
    )
    found, cases = read(data, "csv")
    assert cases[0]["tags"] == ["a", "b,c"]
    assert (cases[0]["name"], cases[0]["split"]) == ("Birds", "smoke")
    assert cases[0]["scorers"][1]["params"] == {"value": "a bird", "semantic_threshold": 0.7}
    assert cases[1]["expected_output"] == {"type": "exact", "value": "Meow cats", "trim": False, "case_sensitive": True}
    assert cases[2]["expected_output"]["type"] == "json_schema"
    assert [(note.place, note.code) for note in found.notes] == [
        ("cases.0.__prefix", "not_carried"),
        ("cases.2.assert.0", "no_counterpart"),
    ]


def test_lines_with_variables_are_tests():
    data = b'{"vars": {"text": "Hi"}, "assert": [{"type": "contains-any", "value": ["a", "b"]}]}\n'
    for name in ("jsonl", "promptfoo"):
        _, cases = read(data, name)
        assert cases[0]["expected_output"] == {
            "type": "contains", "keywords": ["a", "b"], "mode": "any", "case_sensitive": True,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "scorer"),
    [
        ({"type": "equals", "value": {"a": 1}}, "equals_json"),
        ({"type": "equals", "value": 5}, "exact"),
        ({"type": "contains", "value": "x"}, "contains"),
        ({"type": "not-icontains", "value": "x"}, "contains"),
        ({"type": "regex", "value": "^a+$"}, "regex"),
        ({"type": "starts-with", "value": "x"}, "starts_with"),
        ({"type": "is-json"}, "json_schema"),
        ({"type": "is-json", "value": {"type": "object"}}, "json_schema"),
        ({"type": "levenshtein", "value": "x", "threshold": 2}, "levenshtein"),
        ({"type": "cost", "threshold": 0.01}, "cost"),
        ({"type": "word-count", "value": {"min": 1, "max": 5}}, "length"),
        ({"type": "is-refusal"}, "refusal"),
        ({"type": "bleu", "value": "x"}, "bleu"),
        ({"type": "llm-rubric", "value": "polite", "provider": "openai:chat:gpt-4o"}, "llm_judge"),
        ({"type": "llm-rubric", "value": "polite"}, None),
        ({"type": "regex", "value": "(?=x)"}, None),
        ({"type": "contains", "value": ""}, None),
        ({"type": "contains", "value": "file://x.txt"}, None),
        ({"type": "not-regex", "value": "x"}, None),
        ({"type": "contains-json"}, None),
        ({"type": "latency"}, None),
        ({"type": "similar", "value": "x", "threshold": 7}, None),
        ({"type": "equals", "value": "x", "weight": "heavy"}, None),
        ({"type": "assert-set", "assert": []}, None),
        ({"type": 5}, None),
        ("text that is no type", "exact"),
        (7, None),
    ],
)
def test_an_assertion_has_a_counterpart_or_is_named(given: Any, scorer: str | None):
    found, cases = read(orjson.dumps([{"vars": {"a": "b"}, "assert": [given]}]))
    expected = cases[0].get("expected_output")
    if scorer in names():
        assert (expected or {})["type"] == scorer
        back, lost = asserts_of({"expected_output": expected, "scorers": []})
        assert (len(back), lost) == (1, [])
    else:
        assert (expected, cases[0].get("scorers", [])) == (None, [])
        assert "no_counterpart" in [note.code for note in found.notes]


def test_scorers_without_a_counterpart_are_named_at_their_case():
    case = {
        "key": "k", "name": "", "input": {"a": ["x", "y"]}, "tags": [], "split": "train", "cluster": "",
        "origin": "person", "is_generated": False, "expected_output": {"type": "json_path", "path": "$.a"},
        "scorers": [
            {"scorer": "regex", "params": {"pattern": "a", "case_sensitive": False}, "weight": 1.0, "required": True}
        ],
    }  # fmt: skip
    file = b"".join(FORMATS["promptfoo"].write({"name": "D", "version": 1}, [case]))
    (test,) = yaml.safe_load(file)["tests"]
    assert test["options"] == {"disableVarExpansion": True}
    assert test["metadata"]["playground"]["no_counterpart"] == ["json_path", "regex"]
    assert "assert" not in test


def test_weights_of_other_people_s_files_are_taken_where_they_are_some():
    tests = [{"vars": {"a": "x"}, "metadata": {"weight": weight}} for weight in (2, 0, "heavy")]
    found, cases = read(orjson.dumps(tests))
    assert [case.get("weight") for case in cases] == [2, None, None]
    assert [note.code for note in found.notes] == ["not_carried", "not_carried"]


def test_an_assertion_that_was_edited_elsewhere_is_what_counts():
    case = {
        "key": "k", "name": "N", "input": {"a": "x"}, "tags": ["t"], "split": "smoke", "cluster": "c",
        "origin": "review", "is_generated": True, "expected_output": {"type": "contains", "keywords": ["x"]},
        "scorers": [],
    }  # fmt: skip
    document = yaml.safe_load(b"".join(FORMATS["promptfoo"].write({"name": "D", "version": 1}, [case])))
    document["tests"][0]["assert"][0]["value"] = "y"
    _, (again,) = read(yaml.safe_dump(document).encode())
    assert again["expected_output"]["keywords"] == ["y"]
    assert (again["key"], again["split"], again["is_generated"]) == ("k", "smoke", True)


def test_what_is_lost_by_an_edit_elsewhere_is_named():
    case = {
        "key": "k", "name": "N", "input": {"a": "x"}, "tags": [], "split": "train", "cluster": "", "origin": "person",
        "is_generated": False, "expected_output": {"value": "Paris"}, "weight": 1.0,
        "scorers": [{"scorer": "rouge_l", "params": {"threshold": 0.5}, "weight": 1.0, "required": True}],
    }  # fmt: skip
    document = yaml.safe_load(b"".join(FORMATS["promptfoo"].write({"name": "D", "version": 1}, [case])))
    (test,) = document["tests"]
    assert test["metadata"]["playground"]["no_counterpart"] == ["rouge_l"]
    test["description"] = "Another"
    test["metadata"]["playground"]["colour"] = "red"
    found, (again,) = read(yaml.safe_dump(document).encode())
    assert (again["name"], again["expected_output"]) == ("Another", {"value": "Paris"})
    assert [note.place for note in found.notes] == ["tests.0.metadata.playground.colour"]
    test["assert"] = [{"type": "icontains", "value": "Paris"}]
    found, (again,) = read(yaml.safe_dump(document).encode())
    assert again["expected_output"]["type"] == "contains"
    assert found.notes[1].code == "not_carried"
    assert "expected_output, rouge_l of the case" in found.notes[1].message


def test_more_of_a_name_or_of_our_part_than_can_be_kept_is_noted():
    tests = [{"vars": {}, "description": "n" * 300}, {"vars": {}, "metadata": {"playground": "x"}}]
    found, cases = read(orjson.dumps(tests))
    assert [case.get("name") for case in cases] == ["n" * 255, None]
    assert [note.place for note in found.notes] == ["tests.0.description", "tests.1.metadata.playground"]


def test_a_case_with_several_words_is_written_without_aliases():
    case = {
        "key": "k", "name": "", "input": {}, "expected_output": {"type": "contains", "keywords": ["a", "b"]},
        "scorers": [],
    }  # fmt: skip
    file = b"".join(FORMATS["promptfoo"].write({"name": "D", "version": 1}, [case]))
    _, (again,) = read(file)
    assert again["expected_output"] == {"type": "contains", "keywords": ["a", "b"]}


@pytest.mark.parametrize(
    "ours",
    [
        {"scorers": [{"scorer": "length"}]},
        {"scorers": [{"params": {}}]},
        {"scorers": [5]},
        {"scorers": {"a": "b"}},
        {"scorers": [{"scorer": "length", "params": None}]},
        {"expected_output": {"type": "latency"}},
        {"expected_output": {"type": ["x"]}},
        {"expected_output": "x"},
    ],
)
def test_metadata_of_ours_that_somebody_broke_is_named_and_breaks_nothing(ours: dict[str, Any]):
    test = {"vars": {"a": "b"}, "assert": [{"type": "equals", "value": "b"}], "metadata": {"playground": ours}}
    found, (case,) = read(orjson.dumps([test]))
    assert case["expected_output"]["type"] == "exact"
    assert [(note.place, note.code) for note in found.notes] == [("tests.0.metadata.playground", "unreadable")]


@pytest.mark.parametrize(
    ("cell", "read_as"),
    [
        ("Paris", {"type": "equals", "value": "Paris"}),
        ("note: this", {"type": "equals", "value": "note: this"}),
        ("contains: Paris", {"type": "contains", "value": "Paris"}),
        ("not-contains:Paris", {"type": "not-contains", "value": "Paris"}),
        ("is-json", {"type": "is-json"}),
        ("similar(0.9): a", {"type": "similar", "threshold": 0.9, "value": "a"}),
        ("grade: polite", {"type": "llm-rubric", "value": "polite"}),
        ("python: len(output)", {"type": "python", "value": "len(output)"}),
        ("contains-any: a, b", {"type": "contains-any", "value": ["a", "b"]}),
    ],
)
def test_cells_are_assertions_as_promptfoo_reads_them(cell: str, read_as: dict[str, Any]):
    assert assertion_of(cell) == read_as
