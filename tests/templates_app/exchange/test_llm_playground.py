from __future__ import annotations

import orjson
import pytest

from templates_app.exchange.formats.format import MOST_TEMPLATES
from templates_app.exchange.formats.llm_playground import LLM_PLAYGROUND
from tests.templates_app.exchange.reading import content, drafts, faults

ENTRY = {"name": "A", "category": "Code", "versions": [{"number": 1, "prompt": "Hi {{name}}"}]}
DOCUMENT = {"format": "llm-playground-templates", "version": 1, "templates": [ENTRY]}


def test_entries_are_as_they_stand():
    entry = {**ENTRY, "id": "5f0d2a44-3b9e-4a2e-9f4e-5a9a1d9f7c11"}
    found = drafts(
        LLM_PLAYGROUND, orjson.dumps({**DOCUMENT, "templates": [ENTRY, entry], "notes": ["A file stays.", 3]})
    )

    first, second = found.templates
    assert (first.entry, first.place, first.key) == (ENTRY, "templates.0", "")
    assert (second.entry, second.place, second.key) == (entry, "templates.1", entry["id"])
    assert content(first).prompt == "Hi {{name}}"
    assert found.notes == ["A file stays."]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"format": "other"}, [("format", "foreign")]),
        ({"version": 2}, [("version", "foreign")]),
        ({"more": 1}, [("more", "unknown")]),
        ({"templates": []}, [("templates", "invalid")]),
        ({"templates": [ENTRY] * (MOST_TEMPLATES + 1)}, [("templates", "invalid")]),
        ({"templates": 3, "more": 1}, [("more", "unknown"), ("templates", "invalid")]),
        ({"templates": [ENTRY, 3, "x"]}, [("templates.1", "invalid"), ("templates.2", "invalid")]),
    ],
)
def test_envelopes_that_do_not_hold(change, expected):
    found = faults(LLM_PLAYGROUND, orjson.dumps({**DOCUMENT, **change}))
    assert [(error.field, error.code) for error in found] == expected


@pytest.mark.parametrize("value", [b"3", b'"x"', b"[]", b"[1]", b"null"])
def test_what_is_no_document(value):
    assert [error.code for error in faults(LLM_PLAYGROUND, value)] == ["invalid"]
