"""T37: OpenAI's own client against `/v1/responses`, with nothing changed but address and key."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from tests.cast import Person
from tests.playground.gateway.test_chat import PIXEL, WEATHER, Place, client_of

TOOL: Any = {"type": "function", "strict": True, **WEATHER["function"]}


async def test_a_plain_response_has_openais_shape_and_is_read_again(author: Person, stranger: Person, provider: str):
    client = client_of(author)
    made = await client.responses.create(model=f"{provider}/echo", input="Hello there", instructions="Be kind")
    assert (made.object, made.status, made.output_text) == ("response", "completed", "Hello there")
    assert made.usage is not None
    assert made.usage.output_tokens > 0
    assert (await client.responses.retrieve(made.id)).output_text == "Hello there"
    kept = (await author.get(f"/api/executions/{made.id.removeprefix('resp_')}")).body
    assert (kept["system_prompt"], kept["prompt"]) == ("Be kind", "Hello there")
    for asking, id in ((client_of(stranger), made.id), (client, "resp_none")):
        with pytest.raises(openai.NotFoundError):
            await asking.responses.retrieve(id)


@pytest.mark.parametrize("model", ["echo", "reasoning", "length"])
async def test_a_streams_events_add_up_to_the_response(author: Person, provider: str, model: str):
    stream = await client_of(author).responses.create(model=f"{provider}/{model}", input="Hello there", stream=True)
    events: list[Any] = [event async for event in stream]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events[:2]] == ["response.created", "response.in_progress"]
    assert events[-1].type == ("response.incomplete" if model == "length" else "response.completed")
    words = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert words == events[-1].response.output_text
    done = [event.item.id for event in events if event.type == "response.output_item.done"]
    assert done == [item.id for item in events[-1].response.output]


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_a_conversation_with_a_tool_goes_on_from_the_earlier_response(
    author: Person, provider: str, is_streamed: bool
):
    client: Any = client_of(author)
    asked = {"model": f"{provider}/tool-call", "tools": [TOOL]}
    if is_streamed:
        async with client.responses.stream(input='{"city": "Bern"}', **asked) as stream:
            first = await stream.get_final_response()
    else:
        first = await client.responses.create(input='{"city": "Bern"}', **asked)
    (call,) = [item for item in first.output if item.type == "function_call"]
    assert (call.name, call.arguments.replace(" ", "")) == ("weather", '{"city":"Bern"}')
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "Rain in Bern"}
    second = await client.responses.create(input=[result], previous_response_id=first.id, **asked)
    assert "Rain in Bern" in second.output_text
    assert second.previous_response_id == first.id
    kept = (await author.get(f"/api/executions/{second.id.removeprefix('resp_')}")).body
    assert [message["role"] for message in kept["messages"]] == ["user", "assistant", "tool"]
    by_items = await client.responses.create(
        input=[{"role": "user", "content": '{"city": "Bern"}'}, *first.output, result], **asked
    )
    assert "Rain in Bern" in by_items.output_text


async def test_structured_output_is_parsed(author: Person, provider: str):
    made = await client_of(author).responses.parse(model=f"{provider}/json", input="A place", text_format=Place)
    assert isinstance(made.output_parsed, Place)


async def test_a_picture_is_passed_on(author: Person, provider: str):
    content = [{"type": "input_text", "text": "What is it?"}, {"type": "input_image", "image_url": PIXEL}]
    asked: Any = [{"role": "user", "content": content}]
    made = await client_of(author).responses.create(model=f"{provider}/gpt-4o", input=asked)
    assert "What is it?" in made.output_text


async def test_openais_prompt_field_runs_a_template(author: Person, provider: str):
    content: dict[str, Any] = {"name": "Greeting", "category": "C", "prompt": "Greet {{name}}"}
    content |= {"model_id": f"{provider}/echo"}
    content |= {"variables": [{"name": "name", "type": "string", "required": True}]}
    made = (await author.post("/api/templates", content)).body
    assert (await author.call("PUT", f"/api/templates/{made['id']}/labels/production", {"version": 1})).status == 200
    prompt: Any = {"id": made["id"], "version": "production", "variables": {"name": "Ada"}}
    told = await client_of(author).responses.create(prompt=prompt)
    assert told.output_text == "Greet Ada"


async def test_what_is_not_offered_is_refused_by_name(author: Person, provider: str):
    create: Any = client_of(author, max_retries=0).responses.create
    for field, more in (
        ("background", {"background": True}),
        ("tools.0.type", {"tools": [{"type": "web_search"}]}),
        ("conversation", {"conversation": "conv_1"}),
        ("max_output_tokens", {"max_output_tokens": 0}),
    ):
        with pytest.raises(openai.BadRequestError) as refused:
            await create(model=f"{provider}/echo", input="x", **more)
        assert refused.value.param == field
    with pytest.raises(openai.NotFoundError):
        await create(model=f"{provider}/echo", input="x", previous_response_id="resp_1")
    with pytest.raises(openai.InternalServerError):
        await create(model=f"{provider}/fault-500", input="x", stream=True)
    stream = await create(model=f"{provider}/fault-cut-at-5", input="x", stream=True)
    events = [event async for event in stream]
    assert (events[-1].type, events[-1].response.status) == ("response.failed", "failed")
