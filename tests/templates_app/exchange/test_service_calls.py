"""Calls of a template of ours, as our own exports write them, come back as that template."""

from __future__ import annotations

import json
import uuid
from typing import Any

import aiohttp
import pytest

from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from templates_app.exchange.formats.format import Choices
from templates_app.exchange.formats.openai_prompt import OPENAI_PROMPT
from templates_app.export_code.formats import FORMATS
from tests.cast import Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.conftest import MakeTemplate, anonymous, author, make_template, provider, stranger
from tests.templates_app.exchange.files import places, source
from tests.templates_app.exchange.test_importing import DOOR, exported, imported
from tests.templates_app.exporting_code import handover, plain_content

__all__ = ["anonymous", "author", "browser_of", "make_template", "provider", "stranger"]

CALLS = ("request-json", "curl")
TEXT = {"Content-Type": "text/plain"}


async def written(person: Person, template_id: str, format_name: str) -> bytes:
    """The export as a file."""
    address = f"{person.url}/api/templates/{template_id}/export?format={format_name}"
    async with aiohttp.ClientSession() as client, client.get(address, headers=person.headers) as response:
        assert response.status == 200
        return await response.read()


async def sent(person: Person, file: bytes, query: str = "") -> Any:
    """The door's answer to a file without a name."""
    return await person.post(f"{DOOR}?{query}", data=file, headers=TEXT)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_read_as_a_reference(name: str):
    made = FORMATS[name].render(handover(plain_content("Say {{a}}"), {"a": "it's"}))
    (draft,) = OPENAI_PROMPT.read(source(made, "a.sh"), Choices()).templates
    found = draft.reference
    assert found is not None
    assert str(found.template_id) == "3f2b8c1e-0000-4000-8000-000000000001"
    assert (found.version, found.label, dict(found.values)) == (3, "", {"a": "it's"})
    assert found.address == ("http://localhost:3006" if name == "curl" else "")


@pytest.mark.parametrize(
    "changes",
    [
        {"template_id": "3f2b8c1e-d000-4000-8000-d00000000001"},
        {"name": "How to use -d '{}' and --data-raw \"x\""},
        {"name": "<<EOF"},
        {"service_url": "https://llm-d.example/-d"},
        {"example": {"a": "-d '{}' <<EOF\n--json {}\nEOF\n"}},
    ],
)
def test_what_stands_beside_the_body_is_not_taken_for_it(changes: dict[str, Any]):
    given = handover(plain_content("Say {{a}}"), **{"example": {"a": "x"}, **changes})
    (draft,) = OPENAI_PROMPT.read(source(FORMATS["curl"].render(given), "a.sh"), Choices()).templates
    assert draft.reference is not None
    assert str(draft.reference.template_id) == given.template_id
    assert draft.reference.values == given.example_call


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"template_id": 5}, "template_id"),
        ({"template_id": "summaries"}, "template_id"),
        ({"template_id": ["a"]}, "template_id"),
        ({"template_id": None, "prompt": ""}, "prompt"),
        ({"label": 5}, "label"),
        ({"version": "three"}, "version"),
        ({"version": True}, "version"),
        ({"version": 0}, "version"),
        ({"version": 2**31}, "version"),
        ({"version": 1.5}, "version"),
        ({"variables": [1]}, "variables"),
    ],
)
def test_a_sloppy_call_is_refused_at_its_place(changes: dict[str, Any], place: str):
    call = {"template_id": str(uuid.uuid4()), "version": 1, "variables": {}}
    with pytest.raises(Problem) as caught:
        OPENAI_PROMPT.read(source({**call, **changes}), Choices())
    assert places(caught.value) == [place]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("is_dry", ["false", "true"])
async def test_a_call_leads_to_the_template(make_template: MakeTemplate, author: Person, name: str, is_dry: str):
    made = await make_template()
    file = await written(author, made["id"], name)
    answer = await sent(author, file, f"dry_run={is_dry}")
    assert answer.status == 200, answer.body
    (entry,) = answer.body["entries"]
    assert (entry["action"], entry["id"], entry["name"]) == ("skip", made["id"], "Welcome")
    assert entry["reason"] == "It is here already: Welcome, version 1."
    assert entry["notes"] == ["Values for one run are no part of a template: name: <name>, language: <language>"]
    assert answer.body["created"] == answer.body["updated"] == 0


async def test_a_call_follows_its_label_as_far_as_there_is_one(make_template: MakeTemplate, author: Person):
    made = await make_template()
    call = {"template_id": made["id"], "variables": {}}
    assert (await author.call("PUT", f"/api/templates/{made['id']}/labels/staging", {"version": 1})).status == 200
    (entry,) = (await imported(author, {**call, "label": "staging"}))["entries"]
    assert entry["reason"].endswith("Welcome, version 1 (label staging).")
    for pointer, told in (({"label": "production"}, "label production"), ({"version": "9"}, "version 9")):
        (entry,) = (await imported(author, {**call, **pointer}))["entries"]
        assert (entry["action"], entry["notes"]) == ("skip", [f"Welcome has no {told} here."])


@pytest.mark.parametrize("name", CALLS)
async def test_what_is_not_here_and_what_is_hidden_are_told_alike(
    make_template: MakeTemplate, author: Person, stranger: Person, name: str
):
    hidden = await make_template()
    file = await written(author, hidden["id"], name)
    other = str(uuid.uuid4())
    told = []
    for each in (file, file.replace(hidden["id"].encode(), other.encode())):
        answer = await sent(stranger, each)
        assert answer.status == 400
        (error,) = answer.body["errors"]
        assert (error["field"], error["code"]) == ("template_id", "not_here")
        told.append(error["message"].replace(hidden["id"], "ID").replace(other, "ID"))
    assert told[0] == told[1]
    assert "llm-playground" in told[0]
    assert "playground pull" in told[0]
    assert "Welcome" not in told[0]


async def test_a_public_template_is_led_to_and_a_deleted_one_is_not(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    made = await make_template(is_public=True)
    call = {"template_id": made["id"], "variables": {}}
    (entry,) = (await imported(stranger, call))["entries"]
    assert (entry["action"], entry["id"]) == ("skip", made["id"])
    assert (await author.call("DELETE", f"/api/templates/{made['id']}")).status == 204
    for person in (author, stranger):
        assert (await person.post(DOOR, call)).body["errors"][0]["code"] == "not_here"


async def test_a_template_that_an_import_brought_is_led_to(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    made = await make_template()
    document = await exported(author, made["id"])
    here = (await imported(stranger, document))["entries"][0]["id"]
    (entry,) = (await imported(stranger, {"template_id": made["id"], "version": 1, "variables": {}}))["entries"]
    assert (entry["action"], entry["id"]) == ("skip", here)
    assert "an import brought it on" in entry["reason"]


async def test_a_call_beside_its_template_is_told_so(make_template: MakeTemplate, author: Person, stranger: Person):
    made = await make_template()
    form = aiohttp.FormData()
    form.add_field("file", json.dumps({"template_id": made["id"], "variables": {}}), filename="call.json")
    form.add_field("file", json.dumps(await exported(author, made["id"])), filename="all.json")
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{stranger.url}{DOOR}", data=form, headers=stranger.headers) as response,
    ):
        told = await response.json()
    call, document = told["entries"]
    assert (document["action"], call["action"]) == ("create", "skip")
    assert call["reason"] == "It calls Welcome, which is among these files."


async def test_the_page_leads_to_the_template(make_template: MakeTemplate, author: Person, browser_of: BrowserOf):
    made = await make_template()
    browser = await in_database_thread(browser_of, author)
    looked = await browser.post(
        "/templates/import", form={"document": (await written(author, made["id"], "curl")).decode()}
    )
    page = await browser.get(looked.headers["Location"])
    assert f'href="/templates/{made["id"]}"' in page.text
    assert "It is here already: Welcome" in page.text
    other = await browser.post(
        "/templates/import", form={"document": json.dumps({"template_id": str(uuid.uuid4()), "variables": {}})}
    )
    page = await browser.get(other.headers["Location"])
    assert "playground pull" in page.text
    assert "There is nothing to import" in page.text
