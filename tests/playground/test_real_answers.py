"""What real providers send, from the doors to the row: the kinds themselves stand in tests/providers/wire_kinds.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.playground.conftest import MakeProvider
from tests.providers.wire_kinds import (
    DONE,
    FIN,
    FOUND,
    HI,
    SEARCH,
    USE,
    begin,
    block,
    calls,
    data,
    function,
    part,
    say,
    stop,
)
from tests.servers.raw_provider import RawProvider
from tests.waiting import until

Q = {"q": "x"}
RAN = {"id": "s1", "tool_name": "web_search", "arguments": Q, "result": FOUND["content"]}
SEARCHED = (
    begin(input_tokens=11)
    + block(0, SEARCH, {"type": "input_json_delta", "partial_json": '{"q":"x"}'})
    + block(1, FOUND)
    + say("found", 2)
    + stop(output_tokens=7)
)


@pytest_asyncio.fixture(loop_scope="session")
async def raw() -> AsyncIterator[RawProvider]:
    async with RawProvider() as running:
        yield running


async def provider_of(make_provider: MakeProvider, raw: RawProvider, wire: str) -> str:
    base_url = f"{raw.url}/v1" if wire == "openai" else raw.url
    return await in_database_thread(lambda: make_provider(wire, base_url=base_url))


async def stored(body: dict[str, Any]) -> PromptExecution:
    return await in_database_thread(PromptExecution.objects.get, id=body["id"])


async def test_what_the_provider_ran_is_no_call_of_ours_and_is_kept(
    author: Person, make_provider: MakeProvider, raw: RawProvider
):
    slug = await provider_of(make_provider, raw, "anthropic")
    raw.plays(SEARCHED)
    events = await author.events(f"{slug}/m")
    told = [event.data for event in events if event.kind == "provider_tool"]
    assert told == [{name: RAN[name] for name in ("id", "tool_name", "arguments")}, RAN]
    body = events[-1].data
    assert (body["status"], body["response"], body["tool_executions"]) == ("completed", "found", [])
    assert body["provider_tools"] == [RAN]
    assert body["metadata"]["finish_reason"] == "stop"
    assert body["metadata"]["provider_finish_reason"] == "end_turn"
    assert (await author.get(f"/api/executions/{body['id']}")).body["provider_tools"] == [RAN]
    browser = await in_database_thread(browser_of, author)
    page = await browser.get(f"/?execution={body['id']}")
    assert "Ran by the provider:" in page.text
    assert "https://example.org" in page.text


async def test_an_answer_without_a_reason_is_not_cached(author: Person, make_provider: MakeProvider, raw: RawProvider):
    slug = await provider_of(make_provider, raw, "openai")
    raw.plays(HI + DONE)
    for _ in range(2):
        answer = (await author.execute(f"{slug}/m", "without", parameters={"temperature": 0})).body
        assert (answer["status"], answer["metadata"].get("cached") or False) == ("completed", False)
    assert raw.calls == 2
    raw.plays(HI + FIN + DONE)

    async def cached() -> bool:
        # An answer is kept a moment after it was given.
        told = (await author.execute(f"{slug}/m", "with", parameters={"temperature": 0})).body
        assert told["status"] == "completed"
        return bool(told["metadata"].get("cached"))

    await until(cached)


async def test_a_stump_is_a_failure(author: Person, make_provider: MakeProvider, raw: RawProvider):
    slug = await provider_of(make_provider, raw, "openai")
    raw.plays(part({"content": "one "}, "") + part({"content": "two"}, "null"), is_cut=True)
    body = (await author.events(f"{slug}/m", parameters={"temperature": 0}))[-1].data
    assert (body["status"], body["error"]["code"], body["response"]) == ("failed", "stream_cut", "one two")
    assert body["metadata"]["finish_reason"] is None


@pytest.mark.parametrize("how", ["cut", "failed", "cancelled"])
async def test_usage_outlives_how_a_run_ends(author: Person, make_provider: MakeProvider, raw: RawProvider, how: str):
    slug = await provider_of(make_provider, raw, "anthropic")
    sent = begin(input_tokens=1500, cache_read_input_tokens=500, output_tokens=1) + say("par")
    error = b'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"it broke"}}\n\n'
    raw.plays(sent + (error if how == "failed" else b""), is_cut=how == "cut", hangs=how == "cancelled")
    async with author.streaming(f"{slug}/m") as stream:
        async for event in stream:
            if event.kind == "started":
                execution_id = event.data["execution_id"]
            if event.kind == "token" and how == "cancelled":
                await author.post(f"/api/executions/{execution_id}/cancel")
    assert event.data["status"] == ("cancelled" if how == "cancelled" else "failed")
    assert event.data["usage"]["prompt_tokens"] == 2000
    assert event.data["metadata"]["usage_source"] == "partly estimated"
    assert event.data["metadata"]["usage_estimated"] == ["completion_tokens"]


HALF = calls(function("find", '{"q":"ha', index=0, id="a"))


@pytest.mark.parametrize("how", ["cut", "failed", "cancelled", "late"])
async def test_a_call_in_whose_middle_a_run_ended_is_kept_and_is_none_to_run(
    author: Person, make_provider: MakeProvider, raw: RawProvider, how: str
):
    slug = await provider_of(make_provider, raw, "openai")
    error = data({"error": {"message": "it broke"}})
    raw.plays([HALF, error if how == "failed" else b": x\n\n"], is_cut=how == "cut", hangs=how in ("cancelled", "late"))
    kinds, grown = [], ""
    async with author.streaming(f"{slug}/m", parameters={"timeout": 2} if how == "late" else {}) as stream:
        async for event in stream:
            kinds.append(event.kind)
            if event.kind == "started":
                execution_id = event.data["execution_id"]
            if event.kind == "tool_call_part":
                grown += event.data["arguments"]
                if how == "cancelled":
                    await author.post(f"/api/executions/{execution_id}/cancel")
    assert event.data["status"] == ("cancelled" if how == "cancelled" else "failed")
    assert event.data["tool_executions"] == [
        {"id": "a", "tool_name": "find", "arguments": '{"q":"ha', "status": "incomplete"}
    ]
    assert grown == '{"q":"ha'
    assert not {"tool_call", "retry"} & set(kinds)
    assert event.data["usage"]["completion_tokens"] > 0
    assert (await author.get(f"/api/executions/{execution_id}")).body["tool_executions"] == event.data[
        "tool_executions"
    ]
    browser = await in_database_thread(browser_of, author)
    page = (await browser.get(f"/?execution={execution_id}")).text
    assert "The answer ended in the middle of this call" in page
    assert "{&quot;q&quot;:&quot;ha" in page


@pytest.mark.parametrize("is_streamed", [True, False])
async def test_a_call_at_the_token_limit_is_none_to_run(
    author: Person, make_provider: MakeProvider, raw: RawProvider, is_streamed: bool
):
    slug = await provider_of(make_provider, raw, "openai")
    raw.plays(HALF + part({}, "length") + USE + DONE)
    asked = {"temperature": 0}

    async def told() -> bool:
        if is_streamed:
            events = await author.events(f"{slug}/m", parameters=asked)
            body = events[-1].data
            assert "tool_call" not in [event.kind for event in events]
        else:
            body = (await author.execute(f"{slug}/m", parameters=asked)).body
        assert (body["status"], body["metadata"]["finish_reason"]) == ("completed", "length")
        assert [(call["arguments"], call["status"]) for call in body["tool_executions"]] == [('{"q":"ha', "incomplete")]
        return bool(body["metadata"].get("cached"))

    assert not await told()
    # An answer is kept a moment after it was given.
    await until(told)


@pytest.mark.parametrize("is_streamed", [True, False])
async def test_halves_of_characters_are_stored_and_shown(
    author: Person, make_provider: MakeProvider, raw: RawProvider, is_streamed: bool
):
    slug = await provider_of(make_provider, raw, "openai")
    half = rb'{"choices":[{"index":0,"delta":{"content":"a\ud83d","reasoning":"b\ude00"}}]}'
    arguments = calls(function("f", '{"q":"\\ud83d"}', index=0, id="c"))
    raw.plays(data(half) + arguments + FIN + DONE)
    body = (await author.events(f"{slug}/m"))[-1].data if is_streamed else (await author.execute(f"{slug}/m")).body
    assert (body["status"], body["response"], body["reasoning"]) == ("completed", "a\ufffd", "b\ufffd")
    assert body["tool_executions"][0]["arguments"] == {"q": "\ufffd"}
    assert (await stored(body)).answer["response"] == "a\ufffd"
    browser = await in_database_thread(browser_of, author)
    assert "a\ufffd" in (await browser.get(f"/?execution={body['id']}")).text


async def test_parallel_calls_are_stored_apart(author: Person, make_provider: MakeProvider, raw: RawProvider):
    slug = await provider_of(make_provider, raw, "openai")
    raw.plays(
        calls(function("f", '{"q":"x"}', index=0, id="a"))
        + calls(function("f", {"q": "y"}, index=0, id="b"))
        + part({}, "TOOL_CALLS")
        + USE
        + DONE
    )
    body = (await author.events(f"{slug}/m"))[-1].data
    assert [(call["id"], call["arguments"]) for call in body["tool_executions"]] == [("a", Q), ("b", {"q": "y"})]
    assert body["metadata"]["finish_reason"] == "tool_calls"
    assert body["metadata"]["provider_finish_reason"] == "TOOL_CALLS"


async def test_a_finish_reason_that_is_an_error_fails_with_the_usage(
    author: Person, make_provider: MakeProvider, raw: RawProvider
):
    slug = await provider_of(make_provider, raw, "openai")
    raw.plays(HI + part({}, "abort") + USE + DONE)
    body = (await author.events(f"{slug}/m"))[-1].data
    assert (body["status"], body["error"]["code"], body["response"]) == ("failed", "provider_error", "hi")
    assert '"abort"' in body["error"]["message"]
    assert (body["usage"]["prompt_tokens"], body["usage"]["completion_tokens"]) == (11, 7)


@pytest.mark.parametrize("is_streamed", [True, False])
async def test_an_error_behind_a_whole_answer_is_told_beside_it(
    author: Person, make_provider: MakeProvider, raw: RawProvider, is_streamed: bool
):
    slug = await provider_of(make_provider, raw, "openai")
    raw.plays(HI + FIN + data({"error": {"code": 502, "message": "it broke"}}) + USE + DONE)
    asked = {"temperature": 0}
    for _ in range(2):  # It is not cached.
        events = await author.events(f"{slug}/m", parameters=asked) if is_streamed else []
        body = events[-1].data if events else (await author.execute(f"{slug}/m", parameters=asked)).body
        assert (body["status"], body["response"], body["error"]) == ("completed", "hi", None)
        assert body["metadata"]["late_error"]["code"] == "provider_error"
        assert "it broke" in body["metadata"]["late_error"]["message"]
        assert body["usage"]["prompt_tokens"] == 11
        assert body["metadata"]["attempts"] == 1
    row = await stored(body)
    assert "late_error" not in row.metadata
    assert row.whole_metadata["late_error"] == body["metadata"]["late_error"]


async def test_thoughts_before_a_lone_closing_tag_are_recast(
    author: Person, make_provider: MakeProvider, raw: RawProvider
):
    slug = await provider_of(make_provider, raw, "openai")
    raw.plays(part({"content": "plan\n</think>\n\nans"}) + FIN + DONE)
    body = (await author.events(f"{slug}/m"))[-1].data
    assert (body["reasoning"], body["response"]) == ("plan", "ans")
