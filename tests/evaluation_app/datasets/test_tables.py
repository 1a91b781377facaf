"""Tables of spreadsheets, as files and pasted: read as they are written, kept in their field where refused."""

from __future__ import annotations

import codecs
import csv
import html
import io

import pytest

from foundation.database.threads import in_database_thread
from tests.doors.browser import browser_of
from tests.evaluation_app.datasets.conftest import Shelf, case
from tests.evaluation_app.datasets.odd_cases import refusal, told


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


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"document": "word,expected\none,two"}, ">\nword,expected\none,two</textarea>"),
        (
            {"packed": "d29yZCxleHBlY3RlZApvbmUsdHdv", "file_name": "Mine.csv"},
            ">d29yZCxleHBlY3RlZApvbmUsdHdv</textarea>",
        ),
    ],
    ids=["text", "file"],
)
async def test_what_was_looked_at_is_still_there_where_its_import_is_refused(
    shelf: Shelf, sent: dict[str, str], kept: str
):
    mine = await in_database_thread(browser_of, shelf.person)
    dataset = await shelf.make()
    looked = await mine.post(f"/datasets/{dataset}/import", form={**sent, "format": "csv", "act": "look"})
    assert (looked.status, looked.text.count(kept)) == (200, 2), "the next look has it, too"
    archived = await shelf.person.call("PATCH", f"/api/datasets/{dataset}", {"archived": True})
    assert archived.status == 200
    page = await mine.post(f"/datasets/{dataset}/import", form={**sent, "format": "csv", "act": "import"})
    assert (page.status, page.text.count(kept)) == (409, 1)
    assert ("Mine.csv is kept" in page.text) == ("packed" in sent)


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


async def test_an_export_for_spreadsheets_comes_back_as_it_was(shelf: Shelf):
    dataset = await shelf.make({"input": {"größe": "日本", "b": "\ufeffx"}})
    file = await shelf.export(dataset, format="csv")
    assert file.startswith(codecs.BOM_UTF8)
    again = await shelf.make({"input": {"x": "y"}})
    assert (await shelf.send(again, file, format="csv")).status == 200
    assert (await shelf.cases(again))[-1]["input"] == {"größe": "日本", "b": "\ufeffx"}


async def test_no_cell_of_an_export_is_a_formula(shelf: Shelf):
    dataset = await shelf.make(
        {"input": {"a": "=cmd|' /C calc'!A0", "b": "+1", "c": "\t=1"}, "name": "@x", "cluster": "-1"}
    )
    rows = list(csv.DictReader(io.StringIO((await shelf.export(dataset, format="csv")).decode("utf-8-sig"))))
    assert not [cell for cell in rows[0].values() if cell.lstrip().startswith(("=", "+", "-", "@"))]


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
