"""A file that comes again: what is remembered of it, what is added, what contradicts, and how it is taken back."""

from __future__ import annotations

import codecs
import json
from typing import Any

import aiohttp
import pytest

from tests.cast import Person
from tests.templates_app.conftest import MakeTemplate, anonymous, author, make_template, provider, stranger
from tests.waiting import until

__all__ = ["anonymous", "author", "make_template", "provider", "stranger"]

DOOR = "/api/templates/import"


def document(*entries: dict[str, Any]) -> dict[str, Any]:
    """A document of ours."""
    return {"format": "llm-playground-templates", "version": 1, "templates": list(entries)}


def entry(name: str = "Greeting", *prompts: str, **fields: Any) -> dict[str, Any]:
    """One of its templates, a version a prompt."""
    versions = [{"number": number, "prompt": prompt} for number, prompt in enumerate(prompts or ("Hi {{x}}",), 1)]
    return {"name": name, "category": "C", "versions": versions, **fields}


async def exported(person: Person, template_id: str) -> dict[str, Any]:
    """The document of one template."""
    return dict((await person.get(f"/api/templates/{template_id}/export")).body)


async def imported(person: Person, body: Any, query: str = "") -> dict[str, Any]:
    """What the door answers."""
    answer = await person.post(f"{DOOR}?{query}", body)
    assert answer.status == 200, answer.body
    return dict(answer.body)


async def found(person: Person, words: str) -> list[str]:
    """Names of what a search finds."""
    answer = await person.get(f"/api/templates?owner=me&search={words.replace(' ', '+')}")
    return [each["name"] for each in answer.body["results"]]


async def changed(person: Person, template_id: str, prompt: str) -> None:
    """One more version."""
    assert (await person.call("PATCH", f"/api/templates/{template_id}", {"prompt": prompt})).status == 200


async def test_a_document_that_comes_again_brings_what_is_new(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    made = await make_template()
    first = await imported(stranger, await exported(author, made["id"]))
    here = first["entries"][0]["id"]
    again = (await imported(stranger, await exported(author, made["id"]), "dry_run=true"))["entries"][0]
    assert (again["action"], again["id"]) == ("skip", here)
    assert "It was imported before, on" in again["reason"]
    await changed(author, made["id"], "Second {{name}}")
    await changed(author, made["id"], "Third {{name}}")
    told = await imported(stranger, await exported(author, made["id"]))
    assert (told["updated"], told["entries"][0]["id"]) == (1, here)
    assert "2 new versions will" in told["entries"][0]["reason"]
    now = (await stranger.get(f"/api/templates/{here}")).body
    assert (now["version"], now["prompt"]) == (3, "Third {{name}}")


async def test_what_was_changed_on_both_sides_is_a_conflict_with_the_difference(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    made = await make_template(prompt="Say hello to {{name}}.")
    here = (await imported(stranger, await exported(author, made["id"])))["entries"][0]["id"]
    await changed(author, made["id"], "Say goodbye to {{name}}.")
    await changed(stranger, here, "Say welcome to {{name}}.")
    body = await exported(author, made["id"])
    told = (await imported(stranger, body))["entries"][0]
    assert told["action"] == "conflict"
    assert "changed here and in the file" in told["reason"]
    assert [each["text"] for each in told["changes"]["prompt"] if each["op"] != "equal"] == ["welcome", "goodbye"]
    assert (await stranger.get(f"/api/templates/{here}")).body["version"] == 2
    copy = (await imported(stranger, body, "on_conflict=copy&dry_run=true"))["entries"][0]
    assert (copy["action"], copy["id"]) == ("create", None)
    on_top = (await imported(stranger, body, "on_conflict=append"))["entries"][0]
    assert (on_top["action"], on_top["id"]) == ("update", here)
    now = (await stranger.get(f"/api/templates/{here}")).body
    assert (now["version"], now["prompt"]) == (3, "Say goodbye to {{name}}.")
    # What came on top is known from now on.
    assert (await imported(stranger, body))["entries"][0]["action"] == "skip"


async def test_a_namesake_that_holds_the_same_is_no_conflict(make_template: MakeTemplate, author: Person):
    await make_template(name="Greeting", prompt="Hi {{x}}", variables=["x"])
    told = (await imported(author, document(entry("Greeting", "Other {{x}}"))))["entries"][0]
    assert (told["action"], "another template of this name" in told["reason"]) == ("conflict", True)
    known = entry(versions=[{"number": 1, "prompt": "Hi {{x}}", "variables": ["x"]}])
    assert (await imported(author, document(known)))["entries"][0]["action"] == "skip"


async def test_versions_keep_the_documents_times_in_their_order(author: Person):
    versions = [
        {"number": 1, "prompt": "One"},
        {"number": 2, "prompt": "Two", "created_at": "2024-05-01T00:00:00Z"},
        {"number": 3, "prompt": "Three", "created_at": "2023-01-01T00:00:00Z"},
        {"number": 4, "prompt": "Four", "created_at": "2999-01-01T00:00:00Z"},
    ]
    told = await imported(author, document(entry(versions=versions)))
    made = told["entries"][0]["id"]
    rows = (await author.get(f"/api/templates/{made}/versions")).body["results"]
    times = [each["created_at"] for each in sorted(rows, key=lambda row: row["version"])]
    assert times == sorted(times)
    assert [at[:4] for at in times[:3]] == ["2024"] * 3
    assert times[3] < "2999"
    assert (await author.get(f"/api/templates/{made}")).body["created_at"][:4] == "2024"


ENCODINGS = {
    "utf-8 with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16 with a mark": lambda text: text.encode("utf-16"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "latin-1": lambda text: text.encode("latin-1"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_a_file_is_read_in_the_encoding_that_it_is_in(author: Person, encoding: str):
    text = json.dumps(document(entry("Grüße", "Schöne Grüße an {{name}}, à bientôt")), ensure_ascii=False)
    headers = {"Content-Type": "application/octet-stream"}
    answer = await author.post(DOOR, data=ENCODINGS[encoding](text), headers=headers)
    assert (answer.status, [each["name"] for each in answer.body["entries"]]) == (200, ["Grüße"]), answer.body
    assert bool(answer.body["notes"]) == (encoding == "latin-1")


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"%PDF-1.7 \x80\x81", "not_text"), (bytes(range(256)) * 9, "encoding"), (b" \n", "empty")],
)
async def test_a_file_that_is_no_text_is_told_what_it_is(author: Person, body: bytes, code: str):
    answer = await author.post(DOOR, data=body, headers={"Content-Type": "application/octet-stream"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, code)


async def test_an_unknown_document_is_told_what_it_looks_like_and_what_is_taken(author: Person):
    answer = await author.post(DOOR, {"openapi": "3.1.0", "info": {}, "paths": {}})
    (error,) = answer.body["errors"]
    assert (answer.status, error["field"], error["code"]) == (400, "format", "foreign")
    assert "an object with openapi, info, paths" in error["message"]
    assert "LLM Playground document" in error["message"]


async def test_what_is_picked_comes_and_the_rest_need_not_hold(author: Person):
    body = document(entry("One"), entry("Two", "{% if %}"), entry("Three"))
    body["templates"][1]["versions"][0]["engine"] = "jinja2"
    refused = await author.post(DOOR, body)
    assert refused.body["errors"][0]["field"].startswith("templates.1.versions.0")
    told = await imported(author, body, "only=0,2")
    assert [(each["index"], each["action"]) for each in told["entries"]] == [(0, "create"), (2, "create")]
    missing = await author.post(f"{DOOR}?only=7", body)
    assert (missing.status, missing.body["errors"][0]["field"]) == (400, "only")


async def test_several_files_come_in_one_form_each_named_in_its_errors(author: Person):
    async def sent(**files: str) -> tuple[int, Any]:
        form = aiohttp.FormData()
        for name, text in files.items():
            form.add_field("file", text, filename=f"{name}.json", content_type="application/json")
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{author.url}{DOOR}", data=form, headers=author.headers) as response,
        ):
            return response.status, await response.json()

    status, told = await sent(a=json.dumps(document(entry("A"))), b=json.dumps(document(entry("B"))))
    assert (status, [(each["name"], each["file"]) for each in told["entries"]]) == (
        200, [("A", "a.json"), ("B", "b.json")],
    )  # fmt: skip
    status, told = await sent(a=json.dumps(document(entry("C"))), b=json.dumps(document(entry("D", ""))))
    assert (status, told["errors"][0]["field"]) == (400, "b.json.templates.0.versions.0.prompt")
    assert (await author.get("/api/templates?owner=me")).body["count"] == 2


async def test_an_import_is_taken_back(make_template: MakeTemplate, author: Person, stranger: Person):
    made = await make_template(name="Mine", prompt="One {{x}}")
    body = await exported(author, made["id"])
    body["templates"][0]["versions"].append({"number": 2, "prompt": "Two {{x}}"})
    body["templates"] += [entry("New"), entry("Touched")]
    told = await imported(author, body)
    new, touched = (each["id"] for each in told["entries"][1:])
    await changed(author, touched, "Somebody went on")
    door = f"{DOOR}/{told['import_id']}/undo"
    assert (await stranger.post(door)).status == 404
    done = (await author.post(door)).body["templates"]
    assert [each["undone"] for each in done] == [True, True, False]
    assert (await author.get(f"/api/templates/{new}")).status == 404
    now = (await author.get(f"/api/templates/{made['id']}")).body
    assert (now["version"], now["prompt"]) == (3, "One {{x}}")
    assert (await author.get(f"/api/templates/{touched}")).body["prompt"] == "Somebody went on"
    assert (await author.post(door)).body["templates"] == []
    # What was taken back is not remembered: it comes as new again.
    again = await imported(author, document(entry("New")))
    assert again["entries"][0]["action"] == "create"


async def test_a_table_that_was_edited_brings_a_new_version(author: Person):
    async def sent(text: str) -> dict[str, Any]:
        answer = await author.post(DOOR, data=text.encode(), headers={"Content-Type": "text/csv"})
        assert answer.status == 200, answer.body
        return dict(answer.body["entries"][0])

    first = await sent("act,prompt\nPoet,Write {{x}}\n")
    second = await sent("act,prompt\nPoet,Write on {{x}}\n")
    assert (second["action"], second["id"]) == ("update", first["id"])
    await changed(author, first["id"], "Somebody's own {{x}}")
    third = await sent("act,prompt\nPoet,Write of {{x}}\n")
    assert third["action"] == "conflict"


async def test_a_version_that_was_edited_in_its_document_goes_on_from_it(make_template: MakeTemplate, author: Person):
    made = await make_template()
    body = await exported(author, made["id"])
    body["templates"][0]["versions"][0]["prompt"] = "Edited {{name}} in {{language}}"
    assert (await imported(author, body, "dry_run=true"))["entries"][0]["action"] == "update"
    await changed(author, made["id"], "Changed here {{name}}")
    assert (await imported(author, body))["entries"][0]["action"] == "conflict"


async def test_an_import_with_files_is_done_once_for_a_key(author: Person):
    async def sent(name: str) -> tuple[int, Any]:
        form = aiohttp.FormData()
        form.add_field("file", json.dumps(document(entry(name))), filename="a.json")
        headers = {**author.headers, "Idempotency-Key": "once"}
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{author.url}{DOOR}", data=form, headers=headers) as response,
        ):
            return response.status, await response.json()

    first, again, other = [await sent(name) for name in ("A", "A", "B")]
    assert (first[0], again) == (200, first)
    assert other[0] == 422
    assert (await author.get("/api/templates?owner=me")).body["count"] == 1


async def test_a_large_table_comes_at_once_and_is_found_soon(author: Person):
    rows = "\n".join(f"Role {n},Act as number {n} of {{{{x}}}}" for n in range(130))
    answer = await author.post(DOOR, data=f"act,prompt\n{rows}\n".encode(), headers={"Content-Type": "text/csv"})
    assert (answer.status, answer.body.get("created")) == (200, 130), answer.body
    assert (await author.get("/api/templates?owner=me&search=Role+3")).body["count"] >= 1
    # What a task indexes is soon found, too.
    assert await until(lambda: found(author, "Role 129"))


async def test_two_entries_that_are_one_template_are_refused(make_template: MakeTemplate, author: Person):
    made = await make_template()
    body = await exported(author, made["id"])
    body["templates"][0]["versions"].append({"number": 2, "prompt": "Two"})
    body["templates"].append(json.loads(json.dumps(body["templates"][0])))
    answer = await author.post(DOOR, body)
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "templates.1")
