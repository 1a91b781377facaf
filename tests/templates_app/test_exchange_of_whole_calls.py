"""A whole call through every format that it can leave the service in: what is carried is there, what is not is named.

| feature              | json, yaml      | python, typescript       | promptfoo                  | curl, request-json |
|----------------------|-----------------|--------------------------|----------------------------|--------------------|
| turns, few-shot      | back again      | carried                  | carried                    | by reference       |
| placeholder          | back again      | an argument              | named: example's messages  | a variable         |
| tools, format, model | back again      | carried                  | carried                    | by reference       |
| image, file variable | back again      | an argument              | named: only as text        | a variable         |
| partials             | back, as bound  | named: their text        | named: their text          | by reference       |
| versions, labels     | back again      | one, in the headline     | one, in the headline       | one pointer        |
| files by artifact    | named           | named                    | named                      | by reference       |
"""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
import yaml

from templates_app.export_code.formats import FORMATS
from tests.cast import Person
from tests.playground.media import png
from tests.playground.uploads import uploaded
from tests.templates_app.conftest import MakeTemplate
from tests.templates_app.whole_calls import FORMAT, IMAGE, PICTURE, TOOL, TURNS, VALUES, made_of

CODE = ("python-openai", "python-anthropic", "python-litellm", "typescript")
BY_REFERENCE = ("curl", "request-json")
DOCUMENT = {"data_url": "data:text/plain;base64,VGV4dA==", "name": "notes.txt"}


async def exported(person: Person, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(person.url + path, headers=person.headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


async def a_library(author: Person, make_template: MakeTemplate, **fields: Any) -> dict[str, dict[str, Any]]:
    """A whole call of everything, in two versions and with a label; and the partial that it is made of."""
    rules = await make_template(name="Rules", prompt="Be kind.", variables=[])
    await author.call("PATCH", f"/api/templates/{rules['id']}", {"prompt": "Be {{tone}}."})
    await author.call("PUT", f"/api/templates/{rules['id']}/labels/prod", {"version": 1})
    variables = [
        {"name": "what", "description": "What it is", "validation_rules": [{"rule": "max_length", "value": 50}]},
        {"name": "text"},
        {"name": "tone", "required": False, "default_value": "fair"},
        {"name": "history", "type": "messages", "required": False},
        {"name": "photo", "type": "image"},
        {"name": "paper", "type": "file", "required": False, "default_value": DOCUMENT},
    ]
    turns = [
        {"role": "system", "content": "You classify {{what}}. {{> rules@1}} {{> rules}} {{> rules@prod}}"},
        *TURNS[1:-1],
        {"role": "user", "content": [{"type": "text", "text": "Classify: {{text}} {{photo}} {{paper}}"}, IMAGE]},
    ]
    call = {
        "name": "Whole",
        "messages": turns,
        "variables": variables,
        "tools": [TOOL],
        "response_format": FORMAT,
        "model_id": "openai/gpt-4o",
        "default_parameters": {"temperature": 0.2, "tool_choice": "auto"},
        **fields,
    }
    whole = await made_of(author, **call)
    await author.call("PATCH", f"/api/templates/{whole['id']}", {"tools": None, "note": "Without tools"})
    await author.call("POST", f"/api/templates/{whole['id']}/restore", {"version": 1})
    for label, version in (("production", 1), ("next", 3)):
        answer = await author.call("PUT", f"/api/templates/{whole['id']}/labels/{label}", {"version": version})
        assert answer.status == 200
    return {"rules": rules, "whole": whole}


@pytest.mark.parametrize("kind", ["json", "yaml"])
async def test_a_document_brings_everything_back(
    author: Person, stranger: Person, make_template: MakeTemplate, kind: str
) -> None:
    library = await a_library(author, make_template)
    ids = ",".join(each["id"] for each in library.values())
    document = await exported(author, f"/api/templates/export?format={kind}&ids={ids}")
    headers = {"Content-Type": f"application/{kind}"}
    answer = await stranger.post("/api/templates/import", data=document.encode(), headers=headers)
    assert answer.status == 200, answer.body
    new = {each["name"]: each for each in answer.body["entries"]}
    assert [each["notes"] for each in new.values()] == [[], []]
    values = {**VALUES, "photo": PICTURE}
    for version in (1, 2, 3):
        path = f"?version={version}"
        mine = (await author.get(f"/api/templates/{library['whole']['id']}{path}")).body
        theirs = (await stranger.get(f"/api/templates/{new['Whole']['id']}{path}")).body
        for name in (
            "content_hash", "messages", "variable_definitions", "tools", "response_format", "model_id",
            "default_parameters", "labels", "category", "description", "tags", "slug", "note",
        ):  # fmt: skip
            assert theirs.get(name) == mine.get(name), (version, name)
        assert [each["reference"] for each in theirs["partials"]] == ["rules@1", "rules", "rules@prod"]
        body = {"variables": values, "version": version}
        rendered = await author.post(f"/api/templates/{library['whole']['id']}/render", body)
        again = await stranger.post(f"/api/templates/{new['Whole']['id']}/render", body)
        assert (rendered.status, again.body) == (200, rendered.body)
        assert rendered.body["messages"][0]["content"] == "You classify reviews. Be kind. Be fair. Be kind."
    # And the other way round: nothing new, nothing lost.
    back = await exported(stranger, f"/api/templates/{new['Whole']['id']}/export?format={kind}")
    mine = await exported(author, f"/api/templates/{library['whole']['id']}/export?format={kind}")
    read = json.loads if kind == "json" else yaml.safe_load
    (first,), (second,) = read(mine)["templates"], read(back)["templates"]
    assert first.pop("id") != second.pop("id")
    assert first == second


async def test_labels_that_stay_and_slugs_that_are_taken_are_told(
    author: Person, stranger: Person, make_template: MakeTemplate
) -> None:
    library = await a_library(author, make_template)
    whole, rules = library["whole"]["id"], library["rules"]["id"]
    document = json.loads(await exported(author, f"/api/templates/export?ids={whole},{rules}"))
    await author.call("PUT", f"/api/templates/{whole}/labels/production", {"version": 2})
    await author.call("DELETE", f"/api/templates/{whole}/labels/next")
    told = (await author.post("/api/templates/import?dry_run=true", document)).body["entries"]
    notes = next(each["notes"] for each in told if each["name"] == "Whole")
    assert notes == [
        "The label next is not set: labels of a template that is here stay as they are.",
        "The label production stays at version 2: moving one is a decision of its own.",
    ]
    await make_template(stranger, name="Other", slug="rules", prompt="Mine.")
    # What the references would mean now has no such label: nothing is bound to another text in silence.
    refused = await stranger.post("/api/templates/import?dry_run=true", document)
    assert {each["code"] for each in refused.body["errors"]} == {"partial_missing"}
    document = json.loads(await exported(author, f"/api/templates/{rules}/export"))
    ((note,),) = (
        each["notes"] for each in (await stranger.post("/api/templates/import?dry_run=true", document)).body["entries"]
    )
    assert note.startswith("The slug rules is that of another template of yours")


async def test_a_file_that_stays_in_the_service_is_named_everywhere(
    author: Person, stranger: Person, make_template: MakeTemplate
) -> None:
    artifact = await uploaded(author, png(5, 5))
    turns = [{"role": "user", "content": [{"type": "text", "text": "See"}, {"type": "image", "artifact_id": artifact}]}]
    photo = {"name": "photo", "type": "image", "required": False, "default_value": {"artifact_id": artifact}}
    made = await made_of(author, messages=turns, variables=[photo])
    places = (f"messages.0.content.1 (artifact {artifact})", f"variables.photo (artifact {artifact})")
    for kind in ("json", "yaml", *CODE, "promptfoo"):
        text = await exported(author, f"/api/templates/{made['id']}/export?format={kind}")
        for place in places:
            assert place in " ".join(text.replace("\n#", "").split()), kind
    document = json.loads(await exported(author, f"/api/templates/{made['id']}/export"))
    told = (await stranger.post("/api/templates/import", document)).body["entries"][0]
    assert told["action"] == "create"
    for place, note in zip(places, told["notes"], strict=True):
        assert place in note


@pytest.mark.parametrize("kind", FORMATS)
async def test_code_carries_a_whole_call_or_names_what_it_does_not(
    author: Person, make_template: MakeTemplate, kind: str
) -> None:
    library = await a_library(author, make_template)
    text = await exported(author, f"/api/templates/{library['whole']['id']}/export?format={kind}&label=production")
    if kind in BY_REFERENCE:
        assert library["whole"]["id"] in text
        assert '"label": "production"' in text
        for name in ("what", "text", "photo"):
            assert f'"{name}": ' in text
        return
    assert "version 1, labelled production." in text
    assert "Partials stand in it as text: rules (version 1), rules (version 2)." in text
    for carried in ("Great!", "positive", "Be kind.", "look_up", "json_schema", "gpt-4o", "0.2"):
        assert carried in text, carried
    if kind == "promptfoo":
        assert "The example's messages stand in the place of history." in text
        assert "Not carried over as pictures or files, only as text: photo, paper." in text
        raw = json.loads(yaml.safe_load(text)["prompts"][0]["raw"])
        assert raw[-1]["content"][-1] == {"type": "image_url", "image_url": {"url": PICTURE["data_url"]}}
        return
    for argument in ("history", "photo", "paper"):
        assert argument in text.partition("def " if kind != "typescript" else "export interface")[2], argument
