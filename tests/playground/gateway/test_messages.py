"""T37: Anthropic's own client against `/v1/messages`, with nothing changed but address and key."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from anthropic import AsyncAnthropic

from tests.cast import Person
from tests.playground.gateway.test_chat import PIXEL

HELLO: Any = [{"role": "user", "content": "Hello there"}]
BERN: Any = [{"role": "user", "content": '{"city": "Bern"}'}]
SCHEMA: Any = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER: Any = {"name": "weather", "input_schema": SCHEMA}
OTHER: Any = {"name": "forecast", "input_schema": SCHEMA}


def client_of(person: Person, **more: Any) -> Any:
    """Anthropic's client of this person, whose key goes in x-api-key."""
    return AsyncAnthropic(base_url=person.url, api_key=person.token, **more)


async def test_a_plain_message_has_anthropics_shape(author: Person, provider: str):
    made: Any = await client_of(author).messages.create(
        model=f"{provider}/echo", max_tokens=64, system="Be kind", messages=HELLO
    )
    assert (made.type, made.role, made.stop_reason) == ("message", "assistant", "end_turn")
    assert made.content[0].text == "Hello there"
    assert made.usage.output_tokens > 0
    kept = (await author.get(f"/api/executions/{made.id.removeprefix('msg_')}")).body
    assert (kept["system_prompt"], kept["prompt"]) == ("Be kind", "Hello there")
    assert kept["parameters"]["max_tokens"] == 64


async def test_a_bearer_token_opens_it_too(author: Person, provider: str):
    client = AsyncAnthropic(base_url=author.url, auth_token=author.token)
    made: Any = await client.messages.create(model=f"{provider}/echo", max_tokens=64, messages=HELLO)
    assert made.content[0].text == "Hello there"


async def test_a_stream_is_built_up_block_by_block(author: Person, provider: str):
    async with client_of(author).messages.stream(
        model=f"{provider}/reasoning", max_tokens=64, messages=HELLO
    ) as stream:
        kinds = [event.type async for event in stream]
        final: Any = await stream.get_final_message()
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"
    assert [block.type for block in final.content] == ["thinking", "text"]
    assert final.stop_reason == "end_turn"
    assert final.usage.output_tokens > 0


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_tools_go_there_and_back(author: Person, provider: str, is_streamed: bool):
    client = client_of(author)
    asked: Any = {"model": f"{provider}/tool-call-two", "max_tokens": 64, "tools": [WEATHER, OTHER]}
    first: Any
    if is_streamed:
        async with client.messages.stream(messages=BERN, **asked) as stream:
            first = await stream.get_final_message()
    else:
        first = await client.messages.create(messages=BERN, tool_choice={"type": "any"}, **asked)
    uses = [block for block in first.content if block.type == "tool_use"]
    assert first.stop_reason == "tool_use"
    assert [use.input for use in uses] == [{"city": "Bern"}] * 2
    results = [{"type": "tool_result", "tool_use_id": use.id, "content": "Rain in Bern"} for use in uses]
    turns = [*BERN, {"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    second: Any = await client.messages.create(messages=turns, **asked)
    assert "Rain in Bern" in second.content[0].text


async def test_a_picture_is_passed_on(author: Person, provider: str):
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL.partition(",")[2]}
    content: Any = [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]
    made: Any = await client_of(author).messages.create(
        model=f"{provider}/gpt-4o", max_tokens=64, messages=[{"role": "user", "content": content}]
    )
    assert "What is it?" in made.content[0].text


async def test_errors_are_the_clients_own_classes(author: Person, anonymous: Person, provider: str):
    create: Any = client_of(author, max_retries=0).messages.create
    with pytest.raises(anthropic.NotFoundError) as missing:
        await create(model="nobody/none", max_tokens=64, messages=HELLO)
    body: Any = missing.value.body
    assert body["error"]["type"] == "not_found_error"
    for name, value in (("temperature", 9), ("mcp_servers", [{}]), ("no_such_field", 1)):
        with pytest.raises(anthropic.BadRequestError, match=name):
            await create(model=f"{provider}/echo", max_tokens=64, messages=HELLO, extra_body={name: value})
    with pytest.raises(anthropic.InternalServerError):
        await create(model=f"{provider}/fault-500", max_tokens=64, messages=HELLO)
    with pytest.raises(anthropic.InternalServerError):
        await create(model=f"{provider}/fault-500", max_tokens=64, messages=HELLO, stream=True)
    stranger = AsyncAnthropic(base_url=anonymous.url, api_key="llmp_wrong", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError):
        await stranger.messages.create(model=f"{provider}/echo", max_tokens=64, messages=HELLO)


async def test_models_are_listed_in_anthropics_shape(author: Person):
    listed = [each async for each in client_of(author).models.list()]
    assert listed
    assert {each.type for each in listed} == {"model"}
