"""What we export comes back: the document the very same, and every other file as its template, or told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from templates_app.exchange.document import FORMAT
from templates_app.export_code.formats import FORMATS
from tests.cast import Person
from tests.templates_app.conftest import anonymous, author, provider, stranger
from tests.templates_app.exchange.test_importing import DOOR
from tests.templates_app.exchange.test_service_calls import sent, written
from tests.templates_app.exchange.test_service_code import PROMPT, TYPED
from tests.templates_app.whole_calls import FORMAT as ANSWER
from tests.templates_app.whole_calls import TOOL, TURNS

__all__ = ["anonymous", "author", "provider", "stranger"]

MESSAGES = [*TURNS[:-1], {"role": "user", "content": "Classify: {{text}} {{photo}}"}]
KINDS: dict[str, dict[str, Any]] = {
    "simple": {"prompt": " Hi {{name}}\r\n\n\ttail  \n", "system_prompt": "Be \\{{kind}} \u2028 日本 😀"},
    "typed": {
        "prompt": PROMPT,
        "variable_definitions": [{**each, "description": f"*/ # {each['name']}"} for each in TYPED],
        "default_parameters": {"temperature": 0.0, "stop_sequences": ["\n"], "fallback_models": ["openai/x"]},
    },
    "jinja": {"prompt": "{% for x in items %}{{ x.name }}\n{% endfor %}{# c #}", "engine": "jinja2"},
    "whole": {
        "messages": MESSAGES,
        "tools": [TOOL],
        "response_format": ANSWER,
        "model_id": "openai/gpt-4o",
        "variable_definitions": [
            {"name": "what"},
            {"name": "text", "default_value": "", "required": False},
            {"name": "history", "type": "messages"},
            {"name": "photo", "type": "image", "required": False},
        ],
    },
}


async def made_of(author: Person, kind: str) -> str:
    """A template of two versions with a label."""
    fields = {name: value for name, value in KINDS[kind].items() if name != "variable_definitions"}
    variables = KINDS[kind].get("variable_definitions")
    given = {**fields, **({"variables": variables} if variables else {})}
    details = {"name": f"Ü {kind}", "category": "C", "description": " d\n", "tags": ["a,b", "c"]}
    answer = await author.post("/api/templates", {**details, **given})
    assert answer.status == 201, answer.body
    made = str(answer.body["id"])
    changed = {"default_parameters": {"temperature": 1.0}, "note": "n\nm"}
    assert (await author.call("PATCH", f"/api/templates/{made}", changed)).status == 200
    assert (await author.call("PUT", f"/api/templates/{made}/labels/production", {"version": 1})).status == 200
    return made


def told(document: dict[str, Any]) -> dict[str, Any]:
    """The document without what is another one's on every instance."""
    assert document["format"] == FORMAT
    return {**document, "templates": [{**each, "id": None} for each in document["templates"]]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["json", "yaml"])
async def test_the_document_comes_back_the_very_same(author: Person, stranger: Person, kind: str, way: str):
    made = await made_of(author, kind)
    answer = await sent(stranger, await written(author, made, way))
    assert answer.status == 200, answer.body
    here = answer.body["entries"][0]["id"]
    ours = json.loads(await written(author, made, "json"))
    theirs = json.loads(await written(stranger, here, "json"))
    assert told(theirs) == told(ours)
    assert await hashes(stranger, here) == await hashes(author, made)


async def hashes(person: Person, template_id: str) -> list[str]:
    """Of its versions."""
    rows = (await person.get(f"/api/templates/{template_id}/versions")).body["results"]
    return [each["content_hash"] for each in rows]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", [*FORMATS])
async def test_each_export_of_each_kind_is_read_or_told(author: Person, stranger: Person, kind: str, way: str):
    made = await made_of(author, kind)
    file = await written(author, made, way)
    own = await sent(author, file, "dry_run=true")
    other = await sent(stranger, file, "dry_run=true")
    if way == "promptfoo":
        assert (own.status, other.status) == (200, 200), (own.body, other.body)
        assert other.body["format"] == "promptfoo"
        return
    assert [(each["action"], each["id"]) for each in own.body["entries"]] == [("skip", made)]
    if way.startswith("python-"):
        assert (other.status, other.body["created"]) == (200, 1), other.body
    else:
        assert (other.status, other.body["errors"][0]["code"]) == (400, "not_here")


@pytest.mark.parametrize("way", ["curl", "request-json", "typescript"])
async def test_a_file_with_a_name_is_named_in_what_is_missing(author: Person, stranger: Person, way: str):
    made = await made_of(author, "simple")
    named = f"{DOOR}?file_name=mine.txt"
    answer = await stranger.post(named, data=await written(author, made, way), headers={"Content-Type": "text/plain"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "not_here"), answer.body
