"""Files in and out: a round trip loses nothing, a dry run tells what would come, and nothing is dropped in silence."""

from __future__ import annotations

import csv
import html
import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from rest_framework.exceptions import ValidationError

from evaluation_app.datasets.bodies import checked_cases
from evaluation_app.datasets.case import Case, body_of
from evaluation_app.datasets.formats import parquet, parquet_program
from evaluation_app.datasets.formats.format import Read, Reading
from evaluation_app.datasets.formats.registry import FORMATS
from evaluation_app.models.dataset import KEY
from foundation import json_values
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from tests.doors.browser import browser_of
from tests.evaluation_app.datasets.conftest import Shelf, case

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


@pytest.mark.parametrize("name", ALL)
async def test_a_round_trip_loses_nothing(shelf: Shelf, name: str):
    dataset = await shelf.make(*ODD)
    present = await shelf.cases(dataset)
    file = await shelf.export(dataset, format=name)
    other = await shelf.make()
    sent = await shelf.send(other, file, format=name)
    assert sent.status == 200, sent.body
    assert (sent.body["added"], sent.body["notes"]) == (len(ODD), [])
    assert await shelf.cases(other) == present
    again = await shelf.send(other, file, format=name, mode="replace")
    assert (again.body["version"]["number"], again.body["unchanged"]) == (2, len(ODD))


@pytest.mark.parametrize("name", ALL)
def test_an_empty_dataset_is_a_file_too(name: str):
    file = b"".join(FORMATS[name].write({"name": "D", "version": 1}, []))
    assert isinstance(file, bytes)


TEXT = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
VALUE = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**53), 2**53)
    | some.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@pytest.mark.parametrize("name", [each for each in ALL if each != "parquet"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    inputs=some.lists(some.dictionaries(TEXT, VALUE, max_size=4), min_size=1, max_size=3),
    tags=some.lists(TEXT, max_size=2),
)
def test_any_input_comes_back_as_it_went(name: str, inputs: list[dict[str, Any]], tags: list[str]):
    kept = [tag.strip() for tag in tags if tag.strip()]
    cases = bodies([{"key": f"k{n}", "input": given, "tags": kept} for n, given in enumerate(inputs)])
    assert through(name, cases) == cases


ODD_TEXT = TEXT | some.sampled_from([
    '{"value": 1}', '{"type": "exact", "value": "x"}', "[", "{", "=1+1", " x ", "\n", "\r\n", "true", "TRUE", "null",
    "1.0", "0123", "'", '"', "{{x}}", "file://x", "contains: a", "is-json", "sep=;", "~", "1e5", "-5", "\ta", ".nan",
    "a, b", "9" * 20, "# x", "x" * 300, "a b " * 100,
])  # fmt: skip
WORD = some.text("abcXYZ0129 _-.=", min_size=1, max_size=8) | ODD_TEXT
PARAMETERS: Any = some.one_of(
    some.tuples(
        some.just("exact"),
        some.fixed_dictionaries(
            {}, optional={"value": WORD, "trim": some.booleans(), "case_sensitive": some.booleans()}
        ),
    ),
    some.tuples(
        some.just("contains"),
        some.fixed_dictionaries(
            {"keywords": some.lists(WORD, min_size=1, max_size=3)},
            optional={"mode": some.sampled_from(["all", "any", "none"]), "case_sensitive": some.booleans()},
        ),
    ),
    some.tuples(some.just("equals_json"), some.fixed_dictionaries({}, optional={"value": VALUE})),
    some.tuples(some.just("numeric"), some.fixed_dictionaries({"value": some.integers(-9, 9) | some.floats(-9, 9)})),
    some.tuples(
        some.just("regex"), some.fixed_dictionaries({"pattern": some.sampled_from(["a+", "(?i)x", "^$", "="])})
    ),
    some.tuples(
        some.just("json_path"), some.fixed_dictionaries({"path": some.just("$.a")}, optional={"equals": VALUE})
    ),
    some.tuples(some.just("rouge_l"), some.fixed_dictionaries({}, optional={"threshold": some.floats(0, 1)})),
    some.tuples(some.just("length"), some.fixed_dictionaries({"max_words": some.integers(1, 9)})),
    some.tuples(
        some.just("latency"), some.fixed_dictionaries({"max_seconds": some.integers(1, 9) | some.floats(1, 9)})
    ),
)
SCORERS = some.builds(
    lambda made, weight, required: {"scorer": made[0], "params": made[1], "weight": weight, "required": required},
    PARAMETERS,
    some.sampled_from([0.0, 1.0, 2.5]),
    some.booleans(),
)
JUDGED = some.one_of(
    some.fixed_dictionaries(
        {"expected_output": some.none() | PARAMETERS.map(lambda made: {"type": made[0], **made[1]})},
        optional={"scorers": some.lists(SCORERS, max_size=2)},
    ),
    # What other scorers go by, alone.
    some.fixed_dictionaries(
        {
            "expected_output": some.fixed_dictionaries({"value": ODD_TEXT | VALUE}),
            "scorers": some.lists(SCORERS, min_size=1, max_size=2),
        }
    ),
    some.just({}),
)
FACTS = some.fixed_dictionaries(
    {"input": some.dictionaries(WORD, VALUE | ODD_TEXT, max_size=4)},
    optional={
        "key": some.from_regex(KEY, fullmatch=True),
        "name": ODD_TEXT,
        "tags": some.lists(ODD_TEXT, max_size=3),
        "split": some.sampled_from(["train", "held_out", "smoke"]),
        "cluster": ODD_TEXT,
        "weight": some.floats(0.001, 1_000) | some.integers(1, 1_000),
        "origin": some.sampled_from(["person", "import", "history", "generated", "review"]),
        "is_generated": some.booleans(),
    },
)
CASE = some.builds(lambda facts, judged: {**facts, **judged}, FACTS, JUDGED)


def as_kept(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those cases that the product takes, as it tells them once they are rows."""
    kept = {}
    for number, each in enumerate(given):
        try:
            json_values.check({"cases": [each]})
            (body,) = checked_cases([each], types=None)
        except (Problem, ValidationError):
            continue
        case = Case.of(body, key=body.get("key", f"k{number}"), origin=body.get("origin", "person"), is_generated=False)
        marked = replace(case, is_generated=case.is_generated or body.get("is_generated", False))
        kept[case.key] = orjson.loads(orjson.dumps(body_of(marked.row())))
    return list(kept.values())


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases=some.lists(CASE, min_size=1, max_size=5).map(as_kept).filter(bool))
def test_whatever_a_case_may_be_comes_back_as_it_went(name: str, cases: list[dict[str, Any]]):
    with pytest.MonkeyPatch.context() as patch:
        # A process a file is too slow for this; `test_a_round_trip_loses_nothing` has it.
        patch.setattr(parquet, "_run", lambda data: orjson.loads(parquet_program._read(data)))
        again = as_kept(through(name, cases))
    for one, other in zip(cases, again, strict=True):
        # As JSON: to Python, 1, 1.0 and True are one.
        assert orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)


async def test_a_dry_run_tells_what_would_come_and_writes_nothing(shelf: Shelf):
    dataset = await shelf.make(case("a", key="a"), case("b", key="b"))
    lines = [case("x", key="a"), case("b", key="b"), case("new", key="c")]
    file = b"\n".join(orjson.dumps(each) for each in lines)
    dry = await shelf.send(dataset, file, format="jsonl", dry_run="true")
    counts = {name: dry.body[name] for name in ("added", "changed", "removed", "unchanged", "cases", "dry_run")}
    assert counts == {"added": 1, "changed": 1, "removed": 0, "unchanged": 1, "cases": 3, "dry_run": True}
    assert dry.body["preview"][0]["input"] == {"word": "x"}
    assert (await shelf.call("GET", dataset, ""))["version"]["number"] == 1
    replaced = await shelf.send(dataset, file.split(b"\n")[2], format="jsonl", mode="replace", base_version=1)
    assert (replaced.body["removed"], replaced.body["added"]) == (2, 1)
    stale = await shelf.send(dataset, file, format="jsonl", base_version=1)
    assert (stale.status, stale.body["code"]) == (409, "conflict")
    assert [(each["key"], each["origin"]) for each in await shelf.cases(dataset)] == [("c", "import")]


async def test_a_file_becomes_a_dataset_of_its_name(shelf: Shelf):
    status, made = await shelf.upload("/api/datasets/import", b"word,expected\none,one\ntwo,two\n", "Words of all.csv")
    assert (status, made["format"], made["added"]) == (201, "csv", 2), made
    assert made["columns"] == {"word": "input", "expected": "expected_output"}
    told = await shelf.call("GET", made["dataset_id"], "")
    assert (told["name"], told["case_count"]) == ("Words of all", 2)
    status, dry = await shelf.upload("/api/datasets/import?dry_run=true", b"word\none\n", "Other.csv")
    assert (status, dry["dataset_id"], dry["added"]) == (200, None, 1)
    status, refused = await shelf.upload("/api/datasets/import", b"word\none\n", "Words of all.csv")
    assert (status, refused["code"]) == (409, "name_taken")
    assert (await shelf.upload("/api/datasets/import", b"x", "file.docx"))[0] == 400
    as_json = await shelf.person.post("/api/datasets/import?name=J", [case("one")])
    assert as_json.status == 201, as_json.body


async def test_tables_of_spreadsheets_are_read_as_they_are_written(shelf: Shelf):
    dataset = await shelf.make()
    files = {
        "commas": b"city,expected\nGraz,Austria\n",
        "a mark of order and line ends of Windows": b"\xef\xbb\xbfcity,expected\r\nGraz,Austria\r\n",
        "semicolons": b"city;expected\nGraz;Austria\n",
        "tabs": b"city\texpected\nGraz\tAustria\n",
        "a line that names the separator": b"sep=;\ncity;expected\nGraz;Austria\n",
        "UTF-16": "city\texpected\nGraz\tAustria\n".encode("utf-16"),
        "empty lines": b"city,expected\n\nGraz,Austria\n,\n\n",
        "empty lines before": b"\n  \r\n\ncity,expected\nGraz,Austria\n",
        "empty rows before": b'\t\n""\t""\ncity\texpected\nGraz\tAustria\n',
        "a line that names the separator, below an empty one": b"\r\nsep=;\r\ncity;expected\r\nGraz;Austria\r\n",
        "a line that names the tab": b"sep=\t\ncity\texpected\nGraz\tAustria\n",
    }
    for what, file in files.items():
        sent = await shelf.send(dataset, file, format="csv", mode="replace")
        assert sent.status == 200, (what, sent.body)
        (present,) = await shelf.cases(dataset)
        assert present["input"] == {"city": "Graz"}, what
        assert present["expected_output"] == {"type": "contains", "keywords": ["Austria"]}, what
    quoted = b'note\t"expected"\n"a\nb ""c""\td"\tx\n'
    sent = await shelf.send(dataset, quoted, format="csv", mode="replace", scorer="exact")
    (present,) = await shelf.cases(dataset)
    assert present["input"] == {"note": 'a\nb "c"\td'}
    assert present["expected_output"] == {"type": "exact", "value": "x"}


@pytest.mark.parametrize("before", ["", "\t\t\r\n", "\r\n \t\t\r\n\r\n"])
async def test_a_pasted_table_may_begin_with_empty_rows(shelf: Shelf, provider: str, before: str):
    table = before + "word\tweight\texpected\r\none\t2,5\tOne, two\r\n"
    mine = await in_database_thread(browser_of, shelf.person)
    dataset = await shelf.make()
    pasted = await mine.post(f"/datasets/{dataset}/paste", form={"table": table, "scorer": "contains"})
    assert pasted.status == 302, pasted.text
    (present,) = await shelf.cases(dataset)
    assert (present["input"], present["weight"]) == ({"word": "one"}, 2.5)
    assert present["expected_output"]["keywords"] == ["One, two"]
    form = {
        "name": "Pasted", "prompt": "Say {{word}}", "model_id": f"{provider}/echo", "scorer": "contains", "runs": "1",
        "cases": table,
    }  # fmt: skip
    sent = await mine.post("/evaluations/new", form=form)
    assert sent.status == 302, sent.text
    refused = await mine.post("/evaluations/new", form={**form, "cases": 'word\n"one'})
    assert (refused.status, "Line 2" in refused.text) == (400, True)


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"document": '{"input": ', "format": "jsonl"}, "Line 1"),
        ({"document": 'word\n"one', "format": "csv"}, "Line 2"),
        ({"document": "word,expected\none,two", "format": ""}, "Choose what the file is"),
        ({"document": "word,split\na,train\nb,nonsense", "format": "csv"}, "Case 2, split: "),
    ],
)
async def test_a_pasted_text_that_is_refused_stays_in_its_field(shelf: Shelf, form: dict[str, str], reason: str):
    mine = await in_database_thread(browser_of, shelf.person)
    dataset = await shelf.make()
    page = await mine.post(f"/datasets/{dataset}/import", form={**form, "act": "look"})
    assert page.status == 400
    assert reason in page.text
    assert html.escape(form["document"]) in page.text.replace("&#x27;", "'")


async def test_a_pasted_table_that_is_refused_stays_in_its_open_field(shelf: Shelf):
    mine = await in_database_thread(browser_of, shelf.person)
    dataset = await shelf.make(case(word="one"))
    table = "word\tsplit\na\ttrain\nb\tnonsense"
    form = {"table": table, "scorer": "exact", "query": "split=train"}
    page = await mine.post(f"/datasets/{dataset}/paste", form=form)
    assert page.status == 400
    fold = page.text.partition('id="paste-fold"')[2].partition("</details>")[0]
    assert fold.startswith(" open")
    assert f">\n{table}</textarea>" in fold
    assert "Case 2, split: " in fold.partition('id="error-table"')[2].partition("</p>")[0]
    assert '<option value="exact" selected>' in fold
    assert 'name="query" value="split=train"' in fold
    assert len(await shelf.cases(dataset)) == 1


async def test_cells_become_what_the_templates_variables_are(shelf: Shelf):
    variables = [
        {"name": "city", "type": "string"},
        {"name": "count", "type": "number"},
        {"name": "is_big", "type": "boolean"},
        {"name": "tags", "type": "array"},
    ]
    body = {"name": "T", "category": "c", "prompt": "{{city}} {{count}} {{is_big}} {{tags}}", "variables": variables}
    template = (await shelf.person.post("/api/templates", body)).body["id"]
    dataset = await shelf.make(template_id=template)
    file = b'city,count,is_big,tags\n5,5,TRUE,"[""a""]"\n'
    assert (await shelf.send(dataset, file, format="csv")).status == 200
    (present,) = await shelf.cases(dataset)
    assert present["input"] == {"city": "5", "count": 5, "is_big": True, "tags": ["a"]}
    refused = await shelf.send(dataset, file + b"x,many,TRUE,[]\n", format="csv")
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "cases.1.input.count")


async def test_no_cell_of_an_export_is_a_formula(shelf: Shelf):
    dataset = await shelf.make(
        {"input": {"a": "=cmd|' /C calc'!A0", "b": "+1", "c": "\t=1"}, "name": "@x", "cluster": "-1"}
    )
    rows = list(csv.DictReader(io.StringIO((await shelf.export(dataset, format="csv")).decode())))
    assert not [cell for cell in rows[0].values() if cell.lstrip().startswith(("=", "+", "-", "@"))]


async def test_a_part_of_a_version_is_exported(shelf: Shelf):
    dataset = await shelf.make(case("a", split="smoke"), case("b", tags=["t"]))
    await shelf.call("PUT", dataset, "/cases", {"cases": []})
    lines = (await shelf.export(dataset, format="jsonl", version=1, split="smoke")).splitlines()
    assert [json.loads(line)["input"]["word"] for line in lines] == ["a"]
    assert (await shelf.person.get(f"/api/datasets/{dataset}/export?version=9")).status == 404
    assert (await shelf.person.get(f"/api/datasets/{dataset}/export?format=xml")).status == 400


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


@pytest.mark.parametrize(
    ("name", "file", "line"),
    [
        ("jsonl", b'{"input": {}}\n{"input": {"q": "x", "q": "y"}}\n', 2),
        ("jsonl", b'{"input": {"q": {"q": [1, {"q": 1, "r": 2}]}}}\n\n{"input": {"o": [{"q": 1, "\\u0071": 1}]}}', 3),
        ("jsonl", b'[{"input": {"q": "{,"}},\n {"input": {"r": ["q", "q"],\n "q": 1, "q": 1}}]', 3),
        ("jsonl", b'{"cases": [\n{"input": {"q": "\\"", "q": 1}}]}', 2),
        ("jsonl", b'{"input": {"n": 1234567890123456789, "q": 1, "q": 2}}', 1),
        ("promptfoo", b'{"tests": [\n\n{"vars": {"q": 1, "q": 2}}]}', 3),
        ("promptfoo", b"tests:\n- vars:\n    q: 1\n    q: 2\n", 4),
        ("yaml", b"cases:\n- input: {q: x}\n- input: {q: x,\n    q: y}\n", 4),
        ("yaml", b"- input: {a: {q: x, 'q': y}}\n", 1),
    ],
)
def test_a_name_that_is_there_twice_is_refused_with_its_line(name: str, file: bytes, line: int):
    field, code, message = refusal(name, file)
    assert (field, code) == ("file", "repeated")
    assert message == f"Line {line}: 'q' is there twice in one object."


@pytest.mark.parametrize("file", [b"- input: {1: x, '1': y}\n", b"- input: {true: x, 1: a, 'true': y}\n"])
def test_names_of_yaml_that_become_one_are_refused(file: bytes):
    assert refusal("yaml", file)[:2] == ("file", "repeated")


@pytest.mark.parametrize(
    ("file", "place"),
    [
        (b'a,__json,__input\nx,[],"{""b"": 1, ""b"": 2}"\n', "cases.0.__input"),
        (b'a,__json,__input\nx,[],"{""a"": 1}"\n', "cases.0.__input"),
        (b'__json,__input,a\n[],"{""a"": 1}",x\n', "cases.0.input.a"),
        (b'a,__json\n"{""b"": 1, ""b"": 2}","[""a""]"\n', "cases.0.input.a"),
        (b'a,__scorers\nx,"[{""scorer"": ""exact"", ""scorer"": ""length""}]"\n', "cases.0.__scorers"),
        (b'a,__expected\nx,"{""type"": ""exact"", ""value"": ""x"", ""value"": ""y""}"\n', "cases.0.__expected"),
        (b"a,__key,key\nx,k1,k2\n", "cases.0.key"),
        (b"a,case,__description\nx,one,two\n", "cases.0.__description"),
        (b'a,expected,__expected\nx,one,"{""type"": ""exact"", ""value"": ""x""}"\n', "cases.0.__expected"),
    ],
)
def test_two_cells_of_a_row_that_say_one_thing_are_refused(file: bytes, place: str):
    assert refusal("csv", file)[:2] == (place, "repeated")


def test_columns_that_mean_the_same_are_one_where_the_others_are_empty():
    read = told("csv", b"a,__key,key\nx,k1,\ny,,k2\n")
    assert [body["key"] for body in read.bodies] == ["k1", "k2"]


def test_assertions_stand_beside_what_other_columns_judge_by():
    file = b'a,__expected,__expected2,__scorers\nx,"{""value"": ""Paris""}",contains:P,"[{""scorer"": ""rouge_l""}]"\n'
    (body,) = told("csv", file).bodies
    assert body["expected_output"] == {"value": "Paris"}
    assert [each["scorer"] for each in body["scorers"]] == ["rouge_l", "contains"]
    (body,) = told("csv", b"a,expected,__expected\nx,Paris,contains:P\n").bodies
    assert body["expected_output"] == {"type": "contains", "keywords": ["Paris"]}
    assert [each["scorer"] for each in body["scorers"]] == ["contains"]


@pytest.mark.parametrize("cell", ['{"value": "Paris"}', '{"type": "exact"', '{"a": 1}'])
def test_a_text_of_somebody_else_s_that_looks_like_json_is_a_text_and_noted(cell: str):
    quoted = cell.replace('"', '""')
    read = told("csv", f'q,__expected\nx,"{quoted}"\n'.encode())
    assert read.bodies[0]["expected_output"]["value"] == cell
    assert [(note.place, note.code) for note in read.notes] == [("cases.0.__expected", "as_text")]


def test_a_file_of_ours_that_a_spreadsheet_saved_keeps_truths_and_tells_of_columns_called_otherwise():
    read = told("csv", b'yes,number,__json\nTRUE,5,"[""yes"", ""count""]"\n')
    assert read.bodies[0]["input"] == {"yes": True, "number": "5"}
    assert [(note.place, note.code) for note in read.notes] == [("cases.0.__json", "as_text")]


@pytest.mark.parametrize("name", ALL)
def test_values_with_thousands_of_brackets_come_back(name: str):
    value: list[Any] = [{"a": []}] * 5_000
    cases = bodies([{"key": "k", "input": {"list": value, "text": "[" * 10_000}, "expected_output": None}])
    assert through(name, cases) == cases


def test_what_nests_as_deep_as_a_case_may_comes_back_as_yaml_too():
    deep: Any = 1
    for _ in range(59):
        deep = [deep]
    cases = as_kept([{"key": "k", "input": {}, "expected_output": {"type": "equals_json", "value": deep}}])
    assert len(cases) == 1
    for name in ("yaml", "promptfoo"):
        assert through(name, cases)[0]["expected_output"] == cases[0]["expected_output"]


@pytest.mark.parametrize("name", ["yaml", "promptfoo"])
def test_yaml_that_would_not_be_read_is_not_written(name: str):
    cases = bodies([{"key": "k", "input": {"list": [0] * 400_000}}])
    with pytest.raises(Problem) as caught:
        b"".join(FORMATS[name].write({"name": "D", "version": 1}, cases))
    assert caught.value.errors[0]["code"] == "too_large"


@pytest.mark.parametrize("word", [b"12345678901234567890", b".nan", b"-.inf"])
def test_numbers_of_yaml_that_cannot_be_kept_do_not_become_texts(word: bytes):
    read = FORMATS["yaml"].read(b"- input: {a: " + word + b"}\n", Reading())
    with pytest.raises(Problem) as caught:
        json_values.check({"cases": read.bodies})
    assert caught.value.errors[0]["field"] == "cases.0.input.a"


BAD: list[tuple[str, bytes, str]] = [
    ("jsonl", b"", "file"),
    ("jsonl", b"\n \n", "file"),
    ("jsonl", b'{"input": {}}\nnonsense', "file"),
    ("jsonl", b'{"input": {}}\n[1]', "file"),
    ("jsonl", b'{"input": {"a": NaN}}', "file"),
    ("jsonl", b'{"input": {"a": "\\u0000"}}', "cases.0.input.a"),
    ("jsonl", b'{"input": {"a": "\\ud800"}}', "file"),
    ("jsonl", b'{"input": {"a": "\xff"}}', "file"),
    ("jsonl", b'{"input": {"a": 123456789012345678901}}', "cases.0.input.a"),
    ("jsonl", b'{"input": {"a": "' + b"x" * 1_000_001 + b'"}}', "cases.0"),
    ("jsonl", b'{"input": {"a": "' + b"x" * 2_000_001 + b'"}}', "file"),
    ("jsonl", b'{"input": ' + b"[" * 500 + b"]" * 500 + b"}", "cases.0.input"),
    ("jsonl", b'{"input": ' + b"[" * 1_010 + b"1234567890123456789" + b"]" * 1_010 + b"}", "file"),
    ("jsonl", b'{"input": {}, "surprise": 1}', "cases.0.surprise"),
    ("jsonl", b'{"input": {}, "key": "a"}\n{"input": {}, "key": "a"}', "cases.1.key"),
    ("jsonl", b'{"input": {}}\n' * 10_001, "cases"),
    ("jsonl", b'{"input": {}}\n{"vars": {}}', "file"),
    ("jsonl", b"PK\x03\x04....", "file"),
    ("jsonl", b"\x1f\x8b\x08....", "file"),
    ("jsonl", b'{"cases": 5}', "file"),
    ("csv", b"", "file"),
    ("csv", b"a,b\n", "file"),
    ("csv", b"a,a\n1,2\n", "file"),
    ("csv", b"a\n1\t2\n", "cases.0"),
    ("csv", b",\n;;\n", "file"),
    ("csv", b"a,b\n1,2\n1,2,3\n", "cases.1"),
    ("csv", b'a\n"open', "file"),
    ("csv", b"a\n\xff\xfe", "file"),
    ("csv", b"a\nx\x00y\n", "file"),
    ("csv", b"a,\nx,y\n", "cases.0"),
    ("csv", b"a\n" + b"x" * 1_000_001, "file"),
    ("csv", b"a\n" + b"x\n" * 10_001, "cases"),
    ("csv", b",".join(b"c%d" % n for n in range(501)) + b"\n1\n", "file"),
    ("csv", b"a,split\nx,test\n", "cases.0.split"),
    ("csv", b"a,__json\nx,nonsense\n", "cases.0.__json"),
    ("csv", b'a,__json\nx,"[""a""]"\n', "cases.0.input.a"),
    ("csv", b"a,__generated\nx,perhaps\n", "cases.0.is_generated"),
    ("csv", b"a,__scorers\nx,perhaps\n", "cases.0.__scorers"),
    ("csv", b"PK\x03\x04....", "file"),
    ("yaml", b"a: &a [x]\nb: *a\n", "file"),
    ("yaml", b"a: &a [x,x]\nb: &b [*a,*a]\ncases: [*b,*b]\n", "file"),
    ("yaml", b"cases: [" * 100, "file"),
    ("yaml", b"cases: {a: b}", "file"),
    ("yaml", b"5", "file"),
    ("yaml", b"cases:\n- input: {a: !!python/object/apply:os.system [x]}\n", "file"),
    ("yaml", b'cases:\n- input: {a: "\\0"}\n', "cases.0.input.a"),
    ("yaml", b'cases:\n- input: {a: "\\ud800"}\n', "file"),
    ("yaml", b"cases:\n- input: {a: 1e999}\n", "cases.0.input.a"),
    ("yaml", b"# " + b"x" * (4 * 2**20), "file"),
    ("promptfoo", b"prompts: [x]\n", "file"),
    ("promptfoo", b"tests: file://tests.csv\n", "file"),
    ("promptfoo", b"tests: [5]\n", "tests.0"),
    ("promptfoo", b"tests:\n- vars: {a: b}\n  assert: x\n", "tests.0.assert"),
    ("promptfoo", b"tests:\n- vars: [a]\n", "tests.0.vars"),
    ("parquet", b"", "file"),
    ("parquet", b"nonsense", "file"),
    ("parquet", b"PAR1" + b"x" * 100 + b"PAR1", "file"),
]


@pytest.mark.parametrize(("name", "file", "field"), BAD)
async def test_a_file_that_does_not_hold_is_refused_as_a_whole(shelf: Shelf, name: str, file: bytes, field: str):
    dataset = await shelf.make(case("a"))
    refused = await shelf.send(dataset, file, format=name, mode="replace")
    assert refused.status == 400, refused.body
    assert refused.body["errors"][0]["field"].startswith(field), refused.body
    assert refused.body["errors"][0]["message"]
    assert (await shelf.call("GET", dataset, ""))["version"]["number"] == 1


async def test_large_files_are_taken_and_larger_ones_are_not(shelf: Shelf):
    dataset = await shelf.make()
    lines = b"\n".join(orjson.dumps(case("x" * 2_000, key=f"k{n}")) for n in range(5_000))
    assert 8 * 2**20 < len(lines) < 20 * 2**20 * 2
    few = b"\n".join(lines.split(b"\n")[:2_200])
    assert len(few) > 8 * 2**20
    assert (await shelf.send(dataset, few, format="jsonl")).body["added"] == 2_200
    assert (await shelf.send(dataset, lines + b"\n" + lines, format="jsonl")).status == 413


def parquet_of(columns: dict[str, Any]) -> bytes:
    """A file as data frames write it."""
    import pyarrow
    import pyarrow.parquet

    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file, compression="zstd")
    return file.getvalue()


async def test_a_data_frame_keeps_its_types(shelf: Shelf):
    columns = {
        "city": ["Graz", "Wien"],
        "count": [5, None],
        "share": [0.5, float("nan")],
        "is_big": [True, False],
        "list": [["a"], []],
        "raw": [b"x", b"y"],
        "expected": ["A", None],
        "split": ["smoke", "train"],
    }
    dataset = await shelf.make()
    sent = await shelf.send(dataset, parquet_of(columns), format="parquet")
    assert [note["place"] for note in sent.body["notes"]] == ["raw", "cases.1.share"]
    first, second = await shelf.cases(dataset)
    assert first["input"] == {"city": "Graz", "count": 5, "share": 0.5, "is_big": True, "list": ["a"]}
    assert (first["split"], first["expected_output"]) == ("smoke", {"type": "contains", "keywords": ["A"]})
    assert second["input"] == {"city": "Wien", "is_big": False, "list": []}


def test_numbers_of_a_data_frame_that_cannot_be_kept_are_noted_with_row_and_column():
    columns = {
        "city": ["Graz", "Wien"],
        "share": [0.5, float("nan")],
        "most": [float("-inf"), 1.0],
        "list": [[1.0, float("nan")], [2.0]],
        "price": [Decimal("0.10"), Decimal("12345678901234567.89")],
        "expected": [1.0, float("nan")],
    }
    read = told("parquet", parquet_of(columns))
    assert [body["input"] for body in read.bodies] == [
        {"city": "Graz", "share": 0.5, "list": [1.0, None], "price": 0.1},
        {"city": "Wien", "most": 1.0, "list": [2.0], "price": 12345678901234567.89},
    ]
    assert [(note.place, note.code) for note in read.notes] == [
        ("cases.0.most", "no_number"),
        ("cases.0.list", "no_number_within"),
        ("cases.1.share", "no_number"),
        ("cases.1.price", "rounded"),
        ("cases.1.expected", "no_number"),
    ]
    assert read.notes[2].message.startswith("Row 2, column share: ")


def test_a_file_of_ours_that_passed_through_a_data_frame_is_ours_still():
    import pyarrow.parquet

    cases = bodies(ODD)
    file = b"".join(FORMATS["parquet"].write({"name": "D", "version": 1}, cases))
    table = pyarrow.parquet.read_table(io.BytesIO(file)).replace_schema_metadata(None)
    again = told("parquet", parquet_of({name: table[name] for name in reversed(table.column_names)}))
    assert bodies(checked_cases(again.bodies, types=None)) == bodies(checked_cases(cases, types=None))


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"a": ["x"], "expected": ["x"], "expected_output": ["y"]}, "repeated"),
        ({"a": ["x"], "expected": [["x", "y"]]}, "type"),
    ],
)
def test_columns_of_a_data_frame_that_say_no_one_thing_are_refused(columns: dict[str, Any], code: str):
    assert refusal("parquet", parquet_of(columns))[1] == code


async def test_a_small_file_that_comes_to_gigabytes_is_refused(shelf: Shelf):
    bomb = parquet_of({"a": ["x" * 1_000_000] * 5_000})
    assert len(bomb) < 100_000
    dataset = await shelf.make()
    refused = await shelf.send(dataset, bomb, format="parquet")
    assert refused.status == 400, refused.body
    assert "bytes" in refused.body["errors"][0]["message"]
    many = await shelf.send(dataset, parquet_of({"a": ["x"] * 10_001}), format="parquet")
    assert (many.status, many.body["errors"][0]["field"]) == (400, "cases")


@pytest.mark.parametrize("at", [4, 40, -60, -20])
async def test_a_broken_file_breaks_nothing(shelf: Shelf, at: int):
    file = bytearray(parquet_of({"a": ["x", "y"], "b": [1, 2]}))
    file[at] ^= 0xFF
    dataset = await shelf.make()
    sent = await shelf.send(dataset, bytes(file), format="parquet")
    assert sent.status in (200, 400)
    assert (await shelf.call("GET", dataset, ""))["name"]


async def test_a_dataset_has_a_size_that_it_may_have(shelf: Shelf):
    dataset = await shelf.make()
    cases = [{"input": {"word": "x" * 900_000}} for _ in range(8)]
    for _ in range(9):
        await shelf.call("POST", dataset, "/cases", {"cases": cases}, status=201)
    refused = await shelf.call("POST", dataset, "/cases", {"cases": cases}, status=400)
    assert (refused["errors"][0]["field"], refused["errors"][0]["code"]) == ("cases", "too_large")
    assert (await shelf.call("GET", dataset, ""))["case_count"] == 72


def test_yaml_means_what_people_mean():
    read = FORMATS["yaml"].read(
        b"- input: {a: Yes, b: 12:30, c: 010, d: 2024-01-01, e: 1.5, f: null, g: true}\n", Reading()
    )
    assert read.bodies[0]["input"] == {
        "a": "Yes", "b": "12:30", "c": "010", "d": "2024-01-01", "e": 1.5, "f": None, "g": True,
    }  # fmt: skip


def test_what_is_written_as_yaml_is_read_by_others_too():
    file = b"".join(FORMATS["yaml"].write({"name": "D", "version": 1}, bodies(ODD)))
    assert [each["key"] for each in yaml.safe_load(file)["cases"]] == [each["key"] for each in ODD]
