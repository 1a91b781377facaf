"""Tables of prompts."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.problems import Problem
from templates_app.exchange.formats.csv_table import CSV
from templates_app.exchange.formats.format import MOST_TEMPLATES, Choices
from templates_app.exchange.source import Source
from templates_app.rendering import plain
from tests.templates_app.exchange.files import faults, places, read


def written(rows: list[list[str]], delimiter: str = ",") -> str:
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter).writerows(rows)
    return made.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["a.csv", ""])
def test_a_table_is_read_however_it_is_saved(delimiter, encoding, name):
    rows = [["Act", "Prompt"], ["Übersetzer, alt; neu", 'Say "{{x}}",\nthen;\tstop'], ["B", "b"]]
    drafts = CSV.read(Source(written(rows, delimiter).encode(encoding), name), Choices())
    assert CSV.recognises(Source(written(rows, delimiter).encode(encoding), name))
    assert [
        (each.entry["name"], each.entry["versions"][0]["prompt"].replace("\r", "")) for each in drafts.templates
    ] == [
        ("Übersetzer, alt; neu", 'Say "{{x}}",\nthen;\tstop'),
        ("B", "b"),
    ]
    assert [each.place for each in drafts.templates] == ["rows.2", "rows.3"]
    assert drafts.notes == []


def test_every_column_that_has_a_place_here_is_carried_and_the_others_are_told():
    table = written(
        [
            [
                "title",
                "text",
                "System Prompt",
                "category",
                "tags",
                "description",
                "contributor",
                "for_devs",
                "type",
                "votes",
            ],
            ["T", "Ask {{a}}", "Be {{b}}", "Code", "a; b", "D", "me", "TRUE", "IMAGE", "5"],
        ]
    )
    drafts = read(CSV, table, "a.csv")
    (draft,) = drafts.templates
    assert draft.entry == {
        "name": "T",
        "category": "Code",
        "description": "D\n\nBy me",
        "tags": ["a", "b", "developers", "image"],
        "versions": [{"prompt": "Ask {{a}}", "system_prompt": "Be {{b}}"}],
    }
    assert drafts.notes == ["Columns that are not carried over: votes."]


def test_rows_without_a_prompt_are_told_and_rows_without_a_name_get_one():
    table = "act,prompt\n,First words of it\nEmpty,\n\nLong,a,b\nLong,c\nshort\n"
    drafts = read(CSV, table, "a.csv")
    assert [each.entry["name"] for each in drafts.templates] == ["Row 2: First words of it", "Long", "Long (2)"]
    assert drafts.templates[1].notes == ["The row has 3 cells, the first line 2: the others are left out."]
    assert drafts.notes == ["Rows without a prompt are left out: 3, 7."]


@pytest.mark.parametrize(
    "header", ["question,answer", "text,label", "text,content", "instruction,input,output", "prompt,prompt", "a,b"]
)
def test_columns_are_asked_for_when_they_are_not_plain(header):
    table = f"{header}\n" + ",".join("x" for _ in header.split(",")) + "\n"
    with pytest.raises(Problem) as caught:
        read(CSV, table, "a.csv")
    assert (caught.value.status, caught.value.code) == (400, "columns")
    assert places(caught.value) == ["columns"]
    assert caught.value.extra["columns"] == header.split(",")


def test_columns_that_are_chosen_are_taken():
    choices = Choices(columns={"prompt": "question", "name": "id"})
    drafts = read(CSV, "id,question,answer\nA,Why {{x}}?,So\n", "a.csv", choices)
    assert drafts.templates[0].entry == {"name": "A", "versions": [{"prompt": "Why {{x}}?"}]}
    for columns, place in (
        ({"prompt": "none"}, "columns.prompt"),
        ({"other": "id"}, "columns.other"),
        ({"name": "id"}, "columns"),
    ):
        with pytest.raises(Problem) as caught:
            read(CSV, "id,question,answer\nA,b,c\n", "a.csv", Choices(columns=columns))
        assert (places(caught.value), caught.value.code) == ([place], "columns")


def test_variables_of_prompts_chat_are_ours_and_other_places_stay():
    (draft,) = read(CSV, 'act,prompt\nA,"For ${Position:Developer} and ${name}, {x}, [topic]"\n', "a.csv").templates
    (version,) = draft.entry["versions"]
    assert version["prompt"] == "For {{Position}} and {{name}}, {x}, [topic]"
    assert version["variables"] == [
        {"name": "Position", "default_value": "Developer", "required": False},
        {"name": "name"},
    ]
    assert len(draft.notes) == 1
    (draft,) = read(CSV, 'name,prompt\nA,"For ${x}"\n', "a.csv").templates
    assert draft.entry["versions"] == [{"prompt": "For ${x}"}]
    assert len(draft.notes) == 1


def test_more_rows_than_an_import_takes_are_refused():
    table = "prompt\n" + "x\n" * MOST_TEMPLATES
    assert len(read(CSV, table, "a.csv").templates) == MOST_TEMPLATES
    with pytest.raises(Problem) as caught:
        read(CSV, table + "x\n", "a.csv")
    assert places(caught.value) == ["rows"]


@pytest.mark.parametrize("text", ["", "\n\n", "act,prompt\n", 'act,prompt\na,"open\n', "act,prompt\na,b\x00c\n"])
def test_what_is_no_table_is_refused(text):
    with pytest.raises(Problem) as caught:
        CSV.read(Source(text.encode(), "a.csv"), Choices())
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"act": "a,prompt"}\n', ""),
        ("# Prompt, act\ntext\n", ""),
        ("---\nprompt: a, text\n---\nHi", ""),
        ("Write a prompt, text, and more.\nThen stop.", "a.txt"),
        ("act,prompt\na,b\n", "a.md"),
        ("Hello there\nyou\n", ""),
        ("\xff\x00\x01", "a.bin"),
    ],
)
def test_other_texts_are_none(text, name):
    assert not CSV.recognises(Source(text.encode("latin-1"), name))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.text(max_size=20), max_size=4), max_size=6), st.sampled_from([",", ";", "\t"]))
def test_any_table_is_read_or_refused(rows, delimiter):
    texts = [[cell.encode("utf-8", "ignore").decode() for cell in row] for row in rows]
    made = Source(written([["act", "prompt", "tags"], *texts], delimiter).encode(), "a.csv")
    try:
        drafts = CSV.read(made, Choices())
    except Problem:
        return
    for draft in drafts.templates:
        assert faults(draft) == {}, draft.entry


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from(list('{}\\ax,;"\t#é')), min_size=1, max_size=30))
def test_a_cell_is_sent_as_it_stands(text):
    if not text.strip() or "{{" in text:
        return
    (draft,) = read(CSV, written([["name", "prompt"], ["A", text]]), "a.csv").templates
    assert plain.render(draft.entry["versions"][0]["prompt"], {}) == text
