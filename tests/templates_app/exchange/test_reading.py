"""Several files at once: what belongs together, what is left out, what is told of each."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from foundation.problems import Problem
from templates_app.exchange.reading import read
from templates_app.exchange.source import Source

CONFIG = "prompts:\n- file://prompts/hi.txt\nproviders: [openai:gpt-4o]\ntests:\n- vars: {x: A}\n"
OURS = {"format": "llm-playground-templates", "version": 1}


def zipped(**files: str | bytes) -> Source:
    """An archive of these files, whose names end after two underscores."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return Source(buffer.getvalue(), "mine.zip")


def test_a_prompt_beside_its_configuration_is_no_template_by_itself():
    found = read(
        [zipped(promptfooconfig_dot_yaml=CONFIG, prompts__hi_dot_txt="Hi {{x}}", notes_dot_md="# Other\n{{y}}")]
    )
    assert [(draft.entry["name"], name, file) for draft, name, file in found.drafts] == [
        ("hi", "promptfoo", "promptfooconfig.yaml"),
        ("Other", "text", "notes.md"),
    ]
    assert found.format == "mixed"


def test_what_is_of_no_format_is_left_out_of_an_archive_and_told():
    known = json.dumps({**OURS, "templates": [{"name": "A", "versions": [{"prompt": "x"}]}]})
    found = read(
        [zipped(a_dot_json=known, package_dot_json='{"name": "x", "private": true}', b_dot_png=b"\x89PNG\r\n")]
    )
    assert [name for _, name, _ in found.drafts] == ["llm-playground"]
    assert any(note.startswith("package.json is left out") for note in found.notes)
    assert any("b.png" in note for note in found.notes)


def test_an_archive_without_anything_that_is_known_is_refused_with_the_first_reason():
    with pytest.raises(Problem) as refused:
        read([zipped(package_dot_json='{"name": "x"}')])
    assert refused.value.errors[0]["code"] == "foreign"


def test_a_file_of_several_is_named_before_the_place():
    broken = json.dumps({**OURS, "templates": [7]}).encode()
    with pytest.raises(Problem) as refused:
        read([Source(b"act,prompt\nA,b\n", "a.csv"), Source(broken, "b.json")])
    assert refused.value.errors[0]["field"] == "b.json.templates.0"


def test_where_somebody_picks_a_file_that_cannot_be_read_keeps_no_other_out():
    broken = json.dumps({**OURS, "templates": [7]}).encode()
    found = read(
        [
            Source(b"act,prompt\nA,b\n", "a.csv"),
            Source(broken, "b.json"),
            Source(b"%PDF-1.7\n", "c.pdf"),
            Source(b"PK\x03\x04 cut off", "d.zip"),
        ],
        leaves_out=True,
    )
    assert [draft.entry["name"] for draft, _, _ in found.drafts] == ["A"]
    assert [note.split(":")[0] for note in found.notes] == [
        "d.zip is left out", "b.json is left out at templates.0", "c.pdf is left out",
    ]  # fmt: skip


def test_a_note_of_a_file_that_is_left_out_does_not_list_every_format():
    found = read([Source(b"# B\n{{x}}", "b.md"), Source(b'{"cells": []}', "c.ipynb")], leaves_out=True)
    assert found.notes == ["c.ipynb is left out: This is an object with cells, and is of no format that is known here."]


def test_files_of_which_none_can_be_read_are_refused_each_by_its_name():
    with pytest.raises(Problem) as refused:
        read([Source(b"%PDF-1.7\n", "a.pdf"), Source(b"", "b.txt")], leaves_out=True)
    assert [each["field"].split(".file")[0] for each in refused.value.errors] == ["a.pdf", "b.txt"]


def test_a_table_of_several_files_asks_for_its_columns():
    with pytest.raises(Problem) as refused:
        read([Source(b"Kopf,Leib,Rest\nA,b,c\n", "a.csv"), Source(b"# B\n{{x}}", "b.md")], leaves_out=True)
    assert refused.value.extra["columns"]


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (
            b"a: 1\nb: c: d\n",
            "a.yaml",
            "neither JSON nor YAML: mapping values are not allowed in this context (line 2, ",
        ),
        (b"---\nmodel: x\nb: c: d\n---\nHi\n", "a.prompt", "front matter is no YAML: mapping values are not allowed"),
        (b"---\nmodel: x\nb: c: d\n---\nHi\n", "a.prompt", "(line 3, column 5)"),
    ],
)
def test_yaml_that_does_not_hold_is_told_by_its_line_in_the_file(data, name, expected):
    with pytest.raises(Problem) as refused:
        read([Source(data, name)])
    message = refused.value.errors[0]["message"]
    assert expected in message
    assert "byte string" not in message


def test_a_pasted_prompt_is_told_to_be_called_a_text():
    with pytest.raises(Problem) as refused:
        read([Source(b"You are a poet: write: {{x}}")])
    assert "is asked for" in refused.value.errors[0]["message"]
    ((draft, name, _),) = read([Source(b"You are a poet: write: {{x}}")], format_name="text").drafts
    assert (name, draft.entry["versions"][0]["prompt"]) == ("text", "You are a poet: write: {{x}}")
