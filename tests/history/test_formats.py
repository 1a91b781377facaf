"""Conversations of ChatGPT, Claude and OpenAI's files: every branch, in order, and a word on all that is lost."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from history.importing import reading
from history.importing.formats.registry import FORMATS, format_of
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.history.stored import download
from tests.history.test_import import IMPORT, bundle_of, nothing_written

__all__ = ["browser_of"]


def node(key: str, parent: str | None, role: str, *parts: Any, **message: Any) -> dict[str, Any]:
    """One node of a ChatGPT conversation."""
    metadata = message.pop("metadata", {})
    return {
        "id": key,
        "parent": parent,
        "children": [],
        "message": {
            "id": key,
            "author": {"role": role, "name": message.pop("name", None), "metadata": {}},
            "create_time": message.pop("at", None),
            "content": message.pop("content", {"content_type": "text", "parts": list(parts)}),
            "recipient": message.pop("recipient", "all"),
            "metadata": metadata,
        },
    }


def chatgpt(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A conversation with children as parents tell."""
    root: dict[str, Any] = {"id": "root", "message": None, "parent": None, "children": []}
    mapping = {each["id"]: each for each in (root, *nodes)}
    for each in nodes:
        if each["parent"] in mapping:
            mapping[each["parent"]]["children"].append(each["id"])
    given = {"title": "Rome", "create_time": 1700000000.5, "update_time": 1700000100.0, "mapping": mapping}
    return {**given, "current_node": nodes[-1]["id"] if nodes else None, "conversation_id": KEY, **more}


KEY = "6c1f0f8c-7f0e-4c39-9d0a-3f1f5d1f7a10"
ROME = chatgpt(
    node("s", "root", "system", ""),
    node("u1", "s", "user", "When was Rome founded?", at=1700000001.25),
    node("a1", "u1", "assistant", "753 BC.", at=1700000002.0, metadata={"model_slug": "gpt-4o"}),
    node("u2", "a1", "user", "By whom?", at=1700000003.0),
    node("a2", "u2", "assistant", "Remus.", at=1700000004.0, metadata={"model_slug": "gpt-4o"}),
    node("a3", "u2", "assistant", "Romulus.", at=1700000005.0, metadata={"model_slug": "o3"}),
    node("u3", "a3", "user", "Thanks", at=1700000006.0),
    node("a4", "u3", "assistant", "Welcome.", at=1700000007.0, metadata={"model_slug": "o3"}),
)


async def imported(person: Person, value: Any, query: str = "") -> dict[str, Any]:
    """The answer to a file."""
    answer = await person.post(IMPORT + query, value)
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def rows_of(person: Person, session: dict[str, Any]) -> list[dict[str, Any]]:
    """The executions of an imported session."""
    return list((await bundle_of(person, session["session"]["id"]))["executions"])


async def test_a_chatgpt_conversation_comes_with_all_its_branches(author: Person):
    told = await imported(author, [ROME])
    assert (told["format"], told["session"]["name"], told["executions"]) == ("chatgpt", "Rome", 4)
    assert told["session"]["created_at"] == "2023-11-14T22:13:20.500000Z"
    rows = await rows_of(author, told["sessions"][0])
    assert [(row["prompt"], row["response"], row["model_id"]) for row in rows] == [
        ("When was Rome founded?", "753 BC.", "openai/gpt-4o"),
        ("By whom?", "Remus.", "openai/gpt-4o"),
        ("By whom?", "Romulus.", "openai/o3"),
        ("Thanks", "Welcome.", "openai/o3"),
    ]
    first, second, third, last = rows
    assert [row["parent_id"] for row in rows] == [None, first["id"], first["id"], third["id"]]
    assert [row["metadata"]["on_current_path"] for row in rows] == [True, False, True, True]
    assert second["messages"] == [
        {"role": "user", "content": "When was Rome founded?"},
        {"role": "assistant", "content": "753 BC."},
    ]
    assert [turn["content"] for turn in last["messages"]][-2:] == ["By whom?", "Romulus."]
    again = await author.post(f"{IMPORT}?dry_run=true", [ROME])
    assert "imported before, on 20" in again.body["notes"][-1]


async def test_what_chatgpt_says_beside_text_is_kept_or_told(author: Person):
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Sum", "content": "Two and two"}]}
    code = {"content_type": "code", "language": "python", "text": "2+2"}
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
    body = chatgpt(
        node("p", "root", "user", content={"content_type": "user_editable_context", "user_profile": "I am Ada."}),
        node("u", "p", "user", content={"content_type": "multimodal_text", "parts": [picture, "What is it?"]}),
        node("t", "u", "assistant", content=thoughts),
        node("c", "t", "assistant", content=code, recipient="python"),
        node("o", "c", "tool", name="python", content={"content_type": "execution_output", "text": "4"}),
        node("x", "o", "assistant", content={"content_type": "hologram", "shape": 1}),
        node("a", "x", "assistant", "Four."),
        node("w", "a", "user", "And?"),
        is_archived=True,
        default_model_slug="gpt-5",
    )
    told = await imported(author, [body], "?format=chatgpt")
    assert told["session"]["archived"] is True
    first, second = await rows_of(author, told["sessions"][0])
    assert first["system_prompt"] == "I am Ada."
    assert "What is it?" in first["prompt"]
    assert (first["response"], first["reasoning"]) == ("Four.", "Sum\nTwo and two")
    assert first["tool_executions"] == [
        {"tool_name": "python", "arguments": {"text": "```python\n2+2\n```"}},
        {"tool_name": "python", "result": "4"},
    ]
    assert (second["status"], second["model_id"]) == ("cancelled", "openai/gpt-5")
    notes = " ".join(told["notes"])
    for word in ("pictures are not in the export", "hologram", "without an answer"):
        assert word in notes


def message(key: str | None, sender: str, said: str, **more: Any) -> dict[str, Any]:
    """One of a Claude conversation."""
    content = more.pop("content", [{"type": "text", "text": said}])
    return {
        "uuid": key,
        "text": said,
        "content": content,
        "sender": sender,
        "created_at": "2025-01-02T03:04:05Z",
        **more,
    }


async def test_a_claude_conversation_comes_with_branches_tools_and_files(author: Person):
    blocks = [
        {"type": "thinking", "thinking": "Hm"},
        {"type": "tool_use", "name": "search", "input": {"q": "x"}},
        {"type": "tool_result", "name": "search", "content": [{"type": "text", "text": "found"}]},
        {"type": "text", "text": "Here."},
    ]
    root = "00000000-0000-4000-8000-000000000000"
    messages = [
        message(
            "1",
            "human",
            "Hello",
            parent_message_uuid=root,
            attachments=[{"file_name": "a.txt", "extracted_content": "A"}],
        ),
        message("2", "assistant", "", content=blocks, parent_message_uuid="1", files=[{"file_name": "b.png"}]),
        message("3", "assistant", "Other", parent_message_uuid="1"),
        message("4", "human", "More", parent_message_uuid="3"),
        message("5", "assistant", "Done", parent_message_uuid="4"),
    ]
    body = [{"uuid": KEY, "name": "Talk", "created_at": "2025-01-02T03:04:05.678Z", "chat_messages": messages}]
    told = await imported(author, body)
    assert (told["format"], told["session"]["created_at"]) == ("claude", "2025-01-02T03:04:05.678000Z")
    rows = await rows_of(author, told["sessions"][0])
    assert [row["response"] for row in rows] == ["Here.", "Other", "Done"]
    assert rows[0]["prompt"] == "Hello\n\n[a.txt]\nA"
    assert (rows[0]["reasoning"], rows[0]["tool_executions"][1]["result"]) == ("Hm", "found")
    assert rows[2]["parent_id"] == rows[1]["id"]
    notes = " ".join(told["notes"])
    assert "attached files are not in the export" in notes
    assert "anthropic/unknown" in notes


async def test_claude_messages_without_parents_follow_each_other(author: Person):
    messages = [
        message(None, "human", "A"),
        message(None, "assistant", "B"),
        message(None, "human", "C"),
        message(None, "assistant", "D"),
    ]
    told = await imported(author, {"conversations": [{"name": "", "chat_messages": messages}, {"chat_messages": []}]})
    rows = await rows_of(author, told["sessions"][0])
    assert [(row["prompt"], row["response"]) for row in rows] == [("A", "B"), ("C", "D")]
    assert any("no messages" in note for note in told["notes"])


async def sent(person: Person, data: bytes, kind: str, query: str = "") -> Any:
    """The answer to bytes."""
    return await person.post(IMPORT + query, data=data, headers={"Content-Type": kind})


def lines(*values: Any) -> bytes:
    """JSON Lines."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


async def test_lines_of_openai_are_turns_with_tools_and_branches(author: Person):
    tools = [{"type": "function", "function": {"name": "t", "description": "d", "parameters": {"type": "object"}}}]
    call = {"id": "c", "type": "function", "function": {"name": "t", "arguments": '{"x": 1}'}}
    asked = [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}]
    data = lines(
        {"messages": [*asked, {"role": "assistant", "content": "A"}], "weight": 1},
        {"messages": [*asked, {"role": "assistant", "content": "B"}]},
        {
            "messages": [
                {"role": "user", "content": "Use"},
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c", "content": "out"},
                {"role": "assistant", "content": "Used"},
            ],
            "tools": tools,
        },
    )
    answer = await sent(author, data, "application/jsonl")
    assert answer.status == 201, answer.body
    assert answer.body["format"] == "openai-jsonl"
    rows = await rows_of(author, answer.body["sessions"][0])
    assert [(row["system_prompt"], row["prompt"], row["response"]) for row in rows] == [
        ("S", "Q", "A"),
        ("S", "Q", "B"),
        (None, "Use", "Used"),
    ]
    assert rows[2]["tools"][0]["name"] == "t"
    assert rows[2]["tool_executions"] == [
        {"tool_name": "t", "arguments": {"x": 1}},
        {"tool_name": "tool", "result": "out"},
    ]
    assert "“weight”" in " ".join(answer.body["notes"])


async def test_batches_of_openai_come_with_their_results(author: Person):
    request = {
        "custom_id": "one",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Q"}]},
    }
    body = {
        "model": "gpt-4o-mini-2024",
        "created": 1700000000,
        "choices": [{"message": {"role": "assistant", "content": "A"}}],
    }
    result = {"id": "b", "custom_id": "one", "response": {"status_code": 200, "body": body}, "error": None}
    answer = await sent(author, lines(request, result, {**result, "custom_id": "two"}), "application/octet-stream")
    assert answer.status == 201, answer.body
    rows = await rows_of(author, answer.body["sessions"][0])
    told = sorted((row["prompt"], row["response"], row["model_id"]) for row in rows)
    assert told == [("", "A", "openai/gpt-4o-mini-2024"), ("Q", "A", "openai/gpt-4o-mini-2024")]
    assert "no question in the file" in " ".join(answer.body["notes"])


async def test_our_own_lines_come_back_as_they_were(author: Person):
    told = await imported(
        author,
        [
            chatgpt(
                *list(ROME["mapping"].values())[1:5],
                node("z", "a1", "user", "Last"),
                node("y", "z", "assistant", "Yes"),
            )
        ],
    )
    address = f"/api/sessions/{told['session']['id']}/export?format=openai-jsonl"
    first = await download(author, address)
    answer = await sent(author, first.content, "application/jsonl")
    assert answer.status == 201, answer.body
    again = await download(author, f"/api/sessions/{answer.body['session']['id']}/export?format=openai-jsonl")
    assert again.content == first.content


def zipped(**members: bytes) -> bytes:
    """An archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_json", ".json"), data)
    return made.getvalue()


async def test_a_zip_is_looked_into_and_bombs_are_refused(author: Person):
    data = zipped(export__conversations_json=json.dumps([ROME]).encode(), user_json=b"{}", chat=b"<html>")
    assert (await sent(author, data, "application/zip")).status == 201
    for bad in (zipped(a_json=b"{}", b_json=b"{}"), zipped(readme=b"x"), data[: len(data) // 2], b"PK\x03\x04"):
        refused = await sent(author, bad, "application/zip")
        assert refused.status == 400, refused.body
        assert refused.body["errors"][0]["field"] == "file"
    parts = {
        f"conversations-00{part}_json": json.dumps([{**ROME, "title": f"Part {part}"}]).encode() for part in (1, 0)
    }
    several = await sent(author, zipped(**parts), "application/zip")
    assert [each["session"]["name"] for each in several.body["sessions"]] == ["Part 0", "Part 1"]
    bomb = zipped(conversations_json=b" " * (201 * 2**20))
    assert len(bomb) < 2**20
    refused = await sent(author, bomb, "application/zip")
    assert (refused.status, refused.body["code"]) == (413, "too_large")


@pytest.mark.parametrize("value", [{"a": 1}, {}, [1], ["x"], [{"name": "x"}], [[]], [{"mapping": 1}]], ids=repr)
async def test_what_is_none_of_them_is_told_what_is_taken(author: Person, value: Any):
    refused = await author.post(IMPORT, value)
    assert refused.status == 400
    for name in FORMATS:
        assert name in refused.body["errors"][0]["message"]
    assert await in_database_thread(nothing_written)


async def test_bytes_that_are_no_text_and_lines_that_break_are_named(author: Person):
    refused = await sent(author, b"\xff\xfe\x00", "application/octet-stream")
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "file")
    refused = await sent(author, lines({"messages": []}, {"messages": []}) + b"{cut\n", "application/jsonl")
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "line 3")


async def test_the_page_lists_conversations_and_imports_what_is_picked(author: Person, browser_of: BrowserOf):
    browser = await in_database_thread(browser_of, author)
    others = [{**ROME, "title": name, "conversation_id": name} for name in ("Paris", "Oslo")]
    data = json.dumps([ROME, *others]).encode()

    def form(**fields: Any) -> Any:
        made = aiohttp.FormData(fields)
        made.add_field("bundle", data, filename="conversations.json", content_type="application/json")
        return made

    page = await browser.post("/sessions/import", form=form(), headers={"HX-Request": "true"})
    assert page.status == 200
    for word in ("Rome", "Paris", "Oslo", "ChatGPT"):
        assert word in page.text
    none = await browser.post("/sessions/import", form=form(act="import", picks="1"))
    assert none.status == 400
    made = await browser.post("/sessions/import", form=form(act="import", picks="1", pick="1"))
    assert made.status == 302
    names = await in_database_thread(lambda: list(PlaygroundSession.objects.values_list("name", flat=True)))
    assert names == ["Paris"]


SLOPPY: list[Any] = [
    [chatgpt(), ROME],
    [{"mapping": {"a": None, "b": 1, "c": {}}}, ROME],
    [{**ROME, "title": None, "create_time": "x", "current_node": 7, "conversation_id": None}],
    [chatgpt(node("a", "b", "user", "1"), node("b", "a", "assistant", "2"))],
    [chatgpt(node("u", "gone", "user", "Q"), node("a", None, "assistant", "A"))],
    [chatgpt({"id": "u", "parent": "root", "children": 3, "message": {"author": None, "content": None}}), ROME],
    [chatgpt(node("u", "root", "user", None, 5, {"text": "t"}), node("a", "u", "critic", "A"))],
    [{"chat_messages": [None, 1, {}, {"sender": "human"}, message("1", "human", "Q")]}],
    [{"chat_messages": [message("1", "human", "Q", content=None, attachments=5, files="x", parent_message_uuid=3)]}],
    [{"messages": [None, {"role": 5, "content": 7}, {"role": "user", "content": [{"type": "image_url"}, 5]}]}],
    [{"messages": [{"role": "user", "content": "Q"}]}] * 3,
    [{"custom_id": 1, "response": None}, {"custom_id": 2, "response": {"body": {"choices": [{}, None]}}, "error": {}}],
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(SLOPPY)))
async def test_a_sloppy_file_is_read_as_far_as_it_goes_or_refused(author: Person, number: int):
    answer = await author.post(IMPORT, SLOPPY[number])
    assert answer.status in (201, 400), answer.body
    if answer.status == 201:
        assert answer.body["executions"] >= 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["mapping", "message", "author", "role", "content", "parts", "parent", "children", "messages",
                         "chat_messages", "sender", "text", "body", "response", "choices", "custom_id", "type"]),
        inner, max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
@hypothesis_settings(max_examples=300, deadline=None)
def test_any_value_is_read_or_refused_by_every_format(value: Any):
    for each in FORMATS.values():
        each.recognise(value)
        with suppress(Problem):
            each.read(value)
    with suppress(Problem):
        format_of(value, "auto")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes):
    # Whatever is neither read nor refused by a problem is an error that nobody would catch.
    with suppress(Problem):
        reading.value_of(data)
