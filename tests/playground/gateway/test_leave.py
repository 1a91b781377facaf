"""T18: a call that waits for a person's leave, told by the vendors' doors as a refusal in words, each in its shape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.cast import Person
from tests.playground.gateway.test_chat import HELLO, Place
from tests.playground.gateway.test_chat import client_of as openai_of
from tests.playground.gateway.test_messages import client_of as anthropic_of
from tests.playground.tools.test_http_tools import Behind, behind, tool
from tests.playground.tools.test_rounds import MINE, compute, script

__all__ = ["behind"]

STREAMED = pytest.mark.parametrize("is_streamed", [False, True])
Asked = tuple[str, str]


@asynccontextmanager
async def waiting(
    author: Person, provider: str, url: str, *more: Any, say: str = "", own: bool = False
) -> AsyncIterator[Asked]:
    """A template whose model calls a tool that asks first, and `more` beside it: the id that runs it, the tool."""
    async with tool(url, needs_approval=True) as row:
        calls = [[row.name, {"city": "Graz"}], *more]
        offered: list[Any] = [{"name": row.name, "registered": True}, {"name": "calculator", "registered": True}]
        content: dict[str, Any] = {
            "name": "Asks first",
            "category": "c",
            "prompt": script({"say": say, "calls": calls}),
        }
        content |= {"model_id": f"{provider}/tool-script", "tools": [*offered, *([MINE] if own else [])]}
        made = await author.post("/api/templates", content)
        assert made.status == 201, made.body
        yield f"template:{made.body['id']}", row.name


def check(refusal: str | None, tool_name: str, execution_id: str) -> None:
    """It names the tool, where a person is asked, and the run."""
    assert refusal is not None
    assert f"The tool {tool_name} waits" in refusal
    assert f"/executions/{execution_id}," in refusal
    assert f"POST /api/executions/{execution_id}/resume" in refusal


async def goes_on(author: Person, execution_id: str, behind: Behind) -> str:
    """Allows the call by our own API: the run was only waiting. The id of what goes on."""
    assert behind.calls == []
    (call,) = (await author.get(f"/api/executions/{execution_id}")).body["tool_executions"]
    resumed = await author.post(f"/api/executions/{execution_id}/resume", {"approve": [call["id"]]})
    assert resumed.status == 201, resumed.body
    assert resumed.body["response"] == 'The tool said: {"sky":"blue"}'
    assert len(behind.calls) == 1
    return str(resumed.body["id"])


@STREAMED
async def test_t18_chat_completions_tell_it_as_a_refusal(
    author: Person, provider: str, behind: Behind, is_streamed: bool
):
    client = openai_of(author)
    async with waiting(author, provider, behind.url) as (model, name):
        if is_streamed:
            async with client.chat.completions.stream(model=model, messages=[]) as stream:
                kinds = {event.type async for event in stream}
                made: Any = await stream.get_final_completion()
            assert {"refusal.delta", "refusal.done"} <= kinds
        else:
            made = await client.chat.completions.create(model=model, messages=[])
        (choice,) = made.choices
        id = made.id.removeprefix("chatcmpl-")
        assert (choice.finish_reason, choice.message.content or None) == ("stop", None)
        assert not choice.message.tool_calls
        check(choice.message.refusal, name, id)
        await goes_on(author, id, behind)
    # What the client sends back as the assistant's turn is one that a model can read.
    turn = choice.message.model_dump(exclude_none=True, include={"role", "refusal"})
    more = await client.chat.completions.create(model=f"{provider}/echo", messages=[turn, *HELLO])
    assert more.choices[0].message.content == "Hello there"
    kept = (await author.get(f"/api/executions/{more.id.removeprefix('chatcmpl-')}")).body
    assert kept["messages"] == [{"role": "assistant", "content": choice.message.refusal}]


async def test_t18_a_refusal_is_parsed_as_no_answer(author: Person, provider: str, behind: Behind):
    client = openai_of(author)
    async with waiting(author, provider, behind.url, say="Let me see.") as (model, _):
        chat = await client.chat.completions.parse(model=model, messages=[], response_format=Place)
        assert chat.choices[0].message.parsed is None
        assert chat.choices[0].message.content == "Let me see."
        assert chat.choices[0].message.refusal
    async with waiting(author, provider, behind.url) as (model, _):
        response = await client.responses.parse(model=model, input=[], text_format=Place)
        assert response.output_parsed is None


@STREAMED
async def test_t18_responses_tell_it_as_a_part_that_refuses(
    author: Person, provider: str, behind: Behind, is_streamed: bool
):
    client = openai_of(author)
    async with waiting(author, provider, behind.url, say="Let me see.") as (model, name):
        if is_streamed:
            events = [event async for event in await client.responses.create(model=model, input=[], stream=True)]
            assert [event.sequence_number for event in events] == list(range(len(events)))
            (part,) = [event for event in events if event.type == "response.refusal.done"]
            told = [event.delta for event in events if event.type == "response.refusal.delta"]
            assert "".join(told) == part.refusal
            done = [event.item for event in events if event.type == "response.output_item.done"]
            made: Any = events[-1].response
            assert [item.model_dump() for item in done] == [item.model_dump() for item in made.output]
        else:
            made = await client.responses.create(model=model, input=[])
        id = made.id.removeprefix("resp_")
        assert (made.status, made.output_text) == ("completed", "Let me see.")
        (part,) = made.output[-1].content
        assert part.type == "refusal"
        check(part.refusal, name, id)
        assert (await client.responses.retrieve(made.id)).output[-1].content == [part]
        after = await goes_on(author, id, behind)
    read = await client.responses.retrieve(f"resp_{after}")
    assert read.output_text == 'The tool said: {"sky":"blue"}'
    for earlier, turns in (
        (read.id, ["user", "assistant", "tool", "assistant"]),
        (made.id, ["user", *["assistant"] * 2]),
    ):
        more = await client.responses.create(
            model=f"{provider}/echo", input="Hello there", previous_response_id=earlier
        )
        kept = (await author.get(f"/api/executions/{more.id.removeprefix('resp_')}")).body
        assert [turn["role"] for turn in kept["messages"]] == turns
    by_items = await client.responses.create(
        model=f"{provider}/echo", input=[*made.output, {"role": "user", "content": "Hello there"}]
    )
    assert by_items.output_text == "Hello there"


@STREAMED
async def test_t18_messages_tell_it_in_a_block_of_text(
    author: Person, provider: str, behind: Behind, is_streamed: bool
):
    client = anthropic_of(author)
    async with waiting(author, provider, behind.url, say="Let me see.") as (model, name):
        if is_streamed:
            async with client.messages.stream(model=model, max_tokens=64, messages=[]) as stream:
                made: Any = await stream.get_final_message()
        else:
            made = await client.messages.create(model=model, max_tokens=64, messages=[])
        id = made.id.removeprefix("msg_")
        assert [block.type for block in made.content] == ["text", "text"]
        assert (made.content[0].text, made.stop_reason) == ("Let me see.", "refusal")
        check(made.content[1].text, name, id)
        assert made.stop_details.explanation == made.content[1].text
        await goes_on(author, id, behind)


@STREAMED
async def test_t18_beside_a_call_of_the_clients_own_both_are_told(
    author: Person, provider: str, behind: Behind, is_streamed: bool
):
    more = [compute("6*7"), ["weather", {"city": "Bern"}]]
    async with waiting(author, provider, behind.url, *more, own=True) as (model, _):
        async with openai_of(author).chat.completions.stream(model=model, messages=[]) as stream:
            chat: Any = await stream.get_final_completion()
        if not is_streamed:
            chat = await openai_of(author).chat.completions.create(model=model, messages=[])
        (call,) = chat.choices[0].message.tool_calls
        assert (call.function.name, chat.choices[0].finish_reason) == ("weather", "tool_calls")
        assert chat.choices[0].message.refusal
        response: Any = await openai_of(author).responses.create(model=model, input=[])
        assert [item.type for item in response.output] == ["function_call", "message"]
        result = {"type": "function_call_output", "call_id": response.output[0].call_id, "output": "Rain in Bern"}
        went_on = await openai_of(author).responses.create(
            model=f"{provider}/tool-script", input=[result], previous_response_id=response.id
        )
        kept = (await author.get(f"/api/executions/{went_on.id.removeprefix('resp_')}")).body
        # The calculator's call and the client's are there with their results, the one that waits is not.
        made = kept["messages"][1]["tool_calls"]
        assert [each["function"]["name"] for each in made] == ["calculator", "weather"]
        assert {turn["tool_call_id"] for turn in kept["messages"] if turn["role"] == "tool"} == {
            each["id"] for each in made
        }
        message: Any = await anthropic_of(author).messages.create(model=model, max_tokens=64, messages=[])
        assert [block.type for block in message.content] == ["tool_use", "text"]
        assert (message.stop_reason, message.stop_details.type) == ("tool_use", "refusal")
    assert behind.calls == []
