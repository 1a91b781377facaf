"""Pictures and files in the vendors' requests: taken as our own are, else refused by the place where they stand."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.playground.conftest import MakeProvider
from tests.playground.gateway.test_refusals import CHAT, DOORS, MESSAGES, RESPONSES, told
from tests.playground.media import data_url, pdf
from tests.playground.uploads import sent, uploaded
from tests.servers.service import Service

PDF = "application/pdf"
SEE = {CHAT: {"type": "text", "text": "See"}, RESPONSES: {"type": "input_text", "text": "See"}}
FIELDS = {
    CHAT: {"data": "file.file_data", "id": "file.file_id", "url": "file.file_url"},
    RESPONSES: {"data": "file_data", "id": "file_id", "url": "file_url"},
    MESSAGES: {"data": "source.data", "id": "source.file_id", "url": "source.url"},
}
"""Where each way of sending a file stands in its part."""


def part_of(path: str, **source: str) -> dict[str, Any]:
    """A file by its `data` (base64), `id` or `url`."""
    ((kind, value),) = source.items()
    if path == MESSAGES:
        told = {
            "data": {"type": "base64", "media_type": PDF, "data": value},
            "id": {"type": "file", "file_id": value},
            "url": {"type": "url", "url": value},
        }
        return {"type": "document", "source": told[kind], "title": "plan.pdf"}
    held = {FIELDS[path][kind].rpartition(".")[2]: value, "filename": "plan.pdf"}
    return {"type": "file", "file": held} if path == CHAT else {"type": "input_file", **held}


def body_with(path: str, model: str, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A request whose second message has these parts after a text."""
    content = [SEE.get(path, SEE[CHAT]), *parts]
    turns = [{"role": "user", "content": "Hello"}, {"role": "user", "content": content}]
    limit = {"max_tokens": 64} if path == MESSAGES else {}
    return {"model": model, "input" if path == RESPONSES else "messages": turns, **limit, **more}


def place(path: str, field: str = "") -> str:
    """The place of the first part behind the text."""
    return f"{'input' if path == RESPONSES else 'messages'}.1.content.1.{field}".rstrip(".")


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("path", DOORS)
async def test_a_pdf_comes_with_its_data_or_by_the_id_of_an_upload(
    author: Person, provider: str, service: Service, path: str, is_streamed: bool
):
    model, data = f"echo@{uuid.uuid4().hex[:8]}", pdf(note=uuid.uuid4().hex.encode())
    id = await uploaded(author, data, "plan.pdf")
    plain = base64.b64encode(data).decode()
    ways = (
        [{"data": plain}, {"id": id}]
        if path == MESSAGES
        else [{"data": data_url(data, PDF)}, {"data": plain}, {"id": id}]
    )
    for way in ways:
        answer = await author.post(
            path, body_with(path, f"{provider}/{model}", part_of(path, **way), stream=is_streamed)
        )
        assert answer.status == 200, answer.body
        kept = (await author.get(f"/api/executions/{answer.headers['X-Execution-Id']}")).body
        file = kept["prompt"][1]
        assert (file["type"], file["name"]) == ("file", "plan.pdf")
        assert file.keys() >= {"artifact_id"}
    files = [body["messages"][-1]["content"][1]["file"] for body in await sent(service.simulator.url, model)]
    assert files == [{"filename": "plan.pdf", "file_data": data_url(data, PDF)}] * len(ways)


@pytest.mark.parametrize("path", DOORS)
async def test_t03_what_is_no_file_here_is_named_by_its_place(
    author: Person, stranger: Person, provider: str, path: str
):
    theirs = await uploaded(stranger, pdf(note=b"theirs"), "plan.pdf")
    for way, value in (
        ("data", "%%%"),
        ("data", base64.b64encode(b"\x00\x01 no PDF \xff").decode()),
        ("id", "file-abc123"),
        ("id", str(uuid.uuid4())),
        ("id", theirs),
        ("url", "https://files.example.com/plan.pdf"),
    ):
        body = body_with(path, f"{provider}/echo", part_of(path, **{way: value}))
        for is_streamed in (False, True):
            answer = await author.post(path, {**body, "stream": is_streamed})
            assert answer.status == 400, (way, value, answer.body)
            error, field = told(path, answer), place(path, FIELDS[path][way])
            assert error["message"].startswith(f"{field}: "), error
            assert path == MESSAGES or error["param"] == field


@pytest.mark.parametrize("path", DOORS)
async def test_a_model_that_reads_no_files_is_told_by_the_place(author: Person, make_provider: MakeProvider, path: str):
    slug = await in_database_thread(make_provider, "ollama")
    data = base64.b64encode(pdf()).decode()
    answer = await author.post(path, body_with(path, f"{slug}/echo", part_of(path, data=data)))
    assert (answer.status, told(path, answer)["message"].partition(": ")[0]) == (400, place(path)), answer.body


@pytest.mark.parametrize("path", DOORS)
async def test_behind_a_templates_turns_the_place_is_that_of_the_request(author: Person, provider: str, path: str):
    turns = [
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "Two"},
        {"role": "user", "content": "x"},
    ]
    content = {"name": "Turns", "category": "c", "messages": turns, "model_id": f"{provider}/echo"}
    made = await author.post("/api/templates", content)
    assert made.status == 201, made.body
    model = f"template:{made.body['id']}"
    answer = await author.post(path, body_with(path, model, part_of(path, id=str(uuid.uuid4()))))
    assert answer.status == 400, answer.body
    assert told(path, answer)["message"].startswith(f"{place(path, FIELDS[path]['id'])}: "), answer.body


async def test_files_that_are_none_or_two_are_refused(author: Person, provider: str):
    for file in ({}, {"file_data": "eA==", "file_id": str(uuid.uuid4())}, {"filename": "plan.pdf"}):
        answer = await author.post(CHAT, body_with(CHAT, f"{provider}/echo", {"type": "file", "file": file}))
        assert answer.status == 400
        assert told(CHAT, answer)["param"].startswith(place(CHAT, "file.file_")), answer.body


async def test_documents_of_text_are_text(author: Person, provider: str):
    source = {"type": "text", "media_type": "text/plain", "data": "The plan"}
    answer = await author.post(
        MESSAGES, body_with(MESSAGES, f"{provider}/echo", {"type": "document", "source": source})
    )
    assert answer.body["content"][0]["text"] == "See\n\nThe plan"
    odd = {"type": "document", "source": {"type": "content", "content": "x"}}
    refused = await author.post(MESSAGES, body_with(MESSAGES, f"{provider}/echo", odd))
    assert told(MESSAGES, refused)["message"].startswith(place(MESSAGES, "source.type"))


@pytest.mark.parametrize("path", DOORS)
async def test_tools_and_parameters_are_named_as_the_client_has_them(author: Person, provider: str, path: str):
    schema = {"type": "array"}
    tools: dict[str, Any] = {
        CHAT: {"type": "function", "function": {"name": "a", "parameters": schema}},
        RESPONSES: {"type": "function", "name": "a", "parameters": schema},
        MESSAGES: {"name": "a", "input_schema": schema},
    }
    fields = {CHAT: "function.parameters", RESPONSES: "parameters", MESSAGES: "input_schema"}
    refused = await author.post(path, body_with(path, f"{provider}/echo", tools=[tools[path]]))
    assert refused.status == 400, refused.body
    assert told(path, refused)["message"].startswith(f"tools.0.{fields[path]}"), refused.body
    limits = {CHAT: "max_completion_tokens", RESPONSES: "max_output_tokens", MESSAGES: "max_tokens"}
    refused = await author.post(path, body_with(path, f"{provider}/echo", **{limits[path]: 0}))
    assert told(path, refused)["message"].startswith(f"{limits[path]}: "), refused.body
