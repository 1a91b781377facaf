"""Files in and out: a dry run tells what would come, and one that does not hold is refused as a whole."""

from __future__ import annotations

import json

import orjson
import pytest
import yaml

from evaluation_app.datasets.formats.format import Reading
from evaluation_app.datasets.formats.registry import FORMATS
from foundation import json_values
from foundation.problems import Problem
from tests.evaluation_app.datasets.conftest import Shelf, case
from tests.evaluation_app.datasets.odd_cases import ODD, bodies, refusal


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


async def test_a_part_of_a_version_is_exported(shelf: Shelf):
    dataset = await shelf.make(case("a", split="smoke"), case("b", tags=["t"]))
    await shelf.call("PUT", dataset, "/cases", {"cases": []})
    lines = (await shelf.export(dataset, format="jsonl", version=1, split="smoke")).splitlines()
    assert [json.loads(line)["input"]["word"] for line in lines] == ["a"]
    assert (await shelf.person.get(f"/api/datasets/{dataset}/export?version=9")).status == 404
    assert (await shelf.person.get(f"/api/datasets/{dataset}/export?format=xml")).status == 400


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
    ("csv", b"a\n\xff\xfe\x01\x02\x03", "file"),
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
