"""Our own exports, brought back: what holds the template comes back as it is, what runs it leads to it."""

from __future__ import annotations

import uuid
from typing import Any

import aiohttp
import pytest

from templates_app.export_code.formats import FORMATS
from tests.cast import Person
from tests.templates_app.conftest import MakeTemplate, author, make_template, stranger

__all__ = ["author", "make_template", "stranger"]

HOLDS_IT = ("promptfoo",)
RUNS_IT = ("request-json", "curl")
WHOLE = {
    "prompt": "Say {{word}} to {{who}}.",
    "system_prompt": "Be brief.",
    "variables": [{"name": "word", "type": "string"}, {"name": "who", "type": "string", "default_value": "all"}],
    "default_parameters": {"temperature": 0.5, "max_tokens": 64},
}


async def as_text(person: Person, template_id: str, name: str) -> str:
    """The export, as it is downloaded."""
    async with (
        aiohttp.ClientSession(headers=person.headers) as session,
        session.get(f"{person.url}/api/templates/{template_id}/export?format={name}") as response,
    ):
        assert response.status == 200, await response.text()
        return await response.text()


async def brought(person: Person, text: str, query: str = "") -> Any:
    """What the import door answers to a text."""
    headers = {"Content-Type": "text/plain"}
    return await person.call("POST", f"/api/templates/import?{query}", data=text.encode(), headers=headers)


@pytest.mark.parametrize("name", RUNS_IT)
async def test_a_call_that_runs_a_template_leads_to_it_and_writes_nothing(
    make_template: MakeTemplate, author: Person, stranger: Person, name: str
):
    made = await make_template(**WHOLE)
    text = await as_text(author, made["id"], name)
    for query in ("dry_run=true", ""):
        answer = await brought(author, text, query)
        assert answer.status == 200, answer.body
        (entry,) = answer.body["entries"]
        assert (entry["action"], entry["id"], entry["name"]) == ("skip", made["id"], made["name"])
        assert entry["reason"] == "It runs this template, which is here already."
        assert entry["notes"] == ["Values that are not carried over: word."]
    assert (await author.get(f"/api/templates/{made['id']}")).body["version"] == 1
    # To whom it is not theirs to see, it is as if there were none.
    theirs = await brought(stranger, text)
    nowhere = await brought(stranger, text.replace(made["id"], str(uuid.uuid4())))
    assert theirs.body["errors"] == nowhere.body["errors"]
    assert (theirs.status, theirs.body["errors"][0]["field"], theirs.body["errors"][0]["code"]) == (
        400, "template_id", "not_here",
    )  # fmt: skip
    assert "as JSON or YAML" in theirs.body["errors"][0]["message"]


@pytest.mark.parametrize("name", sorted(FORMATS))
async def test_every_export_is_taken_or_told_what_to_bring(
    make_template: MakeTemplate, author: Person, stranger: Person, name: str
):
    made = await make_template(**WHOLE)
    answer = await brought(stranger, await as_text(author, made["id"], name), "dry_run=true&file_name=a")
    if name in HOLDS_IT:
        assert answer.status == 200, answer.body
        (entry,) = answer.body["entries"]
        assert entry["action"] == "create"
        return
    assert answer.status == 400, answer.body
    assert "JSON or YAML" in str(answer.body["errors"]), answer.body
