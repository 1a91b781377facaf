"""Sessions, runs and models are found by folded parts of what they are called and of their texts."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.cast import Person

QUERIES = ("zurich", "ZÜR", "gpt-4.1", "4.1", "本語", "🚀", "it", "straße", "strasse zurich", "e-mail", "node.js")
TEXT = "Zürich, Straße: IT e\u2011mail on GPT-4.1 and Node.js 日本語 🚀"


async def found(person: Person, path: str, text: str) -> int:
    answer = await person.get(f"{path}search={quote(text, safe='')}")
    assert answer.status == 200, answer.body
    return len(answer.body["results"])


@pytest.mark.parametrize("field", ["name", "description"])
async def test_a_session_is_found_by_parts_of_its_name_and_description(author: Person, field: str):
    await author.post("/api/sessions", {"name": "Trials", field: TEXT, "tags": ["größe"]})
    for query in (*QUERIES, "grosse"):
        assert await found(author, "/api/sessions?", query) == 1, query
    assert await found(author, "/api/sessions?", "zurich nowhere") == 0


async def test_a_run_is_found_by_parts_of_its_texts(author: Person, provider: str):
    session = (await author.post("/api/sessions", {"name": "Trials"})).body
    await author.execute(f"{provider}/echo", session_id=session["id"], prompt=TEXT)
    for query in QUERIES:
        assert await found(author, f"/api/sessions/{session['id']}/history?", query) == 1, query
    assert await found(author, f"/api/sessions/{session['id']}/history?", "zurich nowhere") == 0


async def test_a_dataset_is_found_by_parts_of_its_name(author: Person):
    assert (await author.post("/api/datasets", {"name": TEXT})).status == 201
    for query in QUERIES:
        assert await found(author, "/api/datasets?", query) == 1, query
    assert await found(author, "/api/datasets?", "zurich nowhere") == 0
