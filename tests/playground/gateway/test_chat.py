"""OpenAI's own client against `/v1/chat/completions` (T37), with nothing changed but address and key."""

from __future__ import annotations

from typing import Any

import openai
import orjson
import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

from tests.cast import Person

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "weather",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
OTHER: dict[str, Any] = {"type": "function", "function": {**WEATHER["function"], "name": "forecast"}}
PIXEL_DATA = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PIXEL = f"data:image/png;base64,{PIXEL_DATA}"

HELLO: Any = [{"role": "user", "content": "Hello there"}]


def client_of(person: Person, **more: Any) -> Any:
    """OpenAI's client of this person."""
    return AsyncOpenAI(base_url=f"{person.url}/v1", api_key=person.token, **more)


async def test_a_plain_completion_has_openais_shape_and_is_in_the_history(author: Person, provider: str):
    made = await client_of(author).chat.completions.create(
        model=f"{provider}/echo", messages=[{"role": "developer", "content": "Be kind"}, *HELLO], temperature=0.3
    )
    assert made.object == "chat.completion"
    assert made.choices[0].message.role == "assistant"
    assert made.choices[0].message.content == "Hello there"
    assert made.choices[0].finish_reason == "stop"
    assert made.usage is not None
    assert made.usage.total_tokens == made.usage.prompt_tokens + made.usage.completion_tokens > 0
    kept = (await author.get(f"/api/executions/{made.id.removeprefix('chatcmpl-')}")).body
    assert kept["prompt"] == "Hello there"
    assert kept["messages"] == [{"role": "system", "content": "Be kind"}]
    assert kept["parameters"]["temperature"] == 0.3
    assert kept["metadata"]["door"] == "v1/chat/completions"


async def test_a_stream_tells_the_same_words_and_its_usage_last(author: Person, provider: str):
    stream = await client_of(author).chat.completions.create(
        model=f"{provider}/echo", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello there"
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert len({chunk.id for chunk in chunks}) == 1


async def test_tools_go_there_and_back(author: Person, provider: str):
    client, asked = client_of(author), [{"role": "user", "content": '{"city": "Bern"}'}]
    first: Any = await client.chat.completions.create(
        model=f"{provider}/tool-call", messages=asked, tools=[WEATHER], tool_choice="required"
    )
    message = first.choices[0].message
    assert first.choices[0].finish_reason == "tool_calls"
    assert message.tool_calls[0].function.name == "weather"
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "Rain in Bern"}
    second = await client.chat.completions.create(
        model=f"{provider}/tool-call", messages=[*asked, message.model_dump(), result], tools=[WEATHER]
    )
    assert "Rain in Bern" in str(second.choices[0].message.content)


@pytest.mark.parametrize(("model", "count"), [("tool-call", 1), ("tool-call-two", 2)])
async def test_streamed_tool_calls_add_up(author: Person, provider: str, model: str, count: int):
    async with client_of(author).chat.completions.stream(
        model=f"{provider}/{model}", messages=[{"role": "user", "content": '{"city": "Bern"}'}], tools=[WEATHER, OTHER]
    ) as stream:
        final: Any = await stream.get_final_completion()
    calls = final.choices[0].message.tool_calls
    assert [call.function.arguments.replace(" ", "") for call in calls] == ['{"city":"Bern"}'] * count
    assert len({call.id for call in calls}) == count


class Place(BaseModel):
    """What is asked for."""

    city: str
    people: int


async def test_structured_output_is_parsed(author: Person, provider: str):
    made = await client_of(author).chat.completions.parse(
        model=f"{provider}/json", messages=HELLO, response_format=Place
    )
    assert isinstance(made.choices[0].message.parsed, Place)


async def test_reasoning_and_length_are_told(author: Person, provider: str):
    thought: Any = await client_of(author).chat.completions.create(model=f"{provider}/reasoning", messages=HELLO)
    assert thought.choices[0].message.reasoning_content
    cut = await client_of(author).chat.completions.create(model=f"{provider}/length", messages=HELLO)
    assert cut.choices[0].finish_reason == "length"


async def test_errors_are_the_clients_own_classes(author: Person, anonymous: Person, provider: str):
    client = client_of(author, max_retries=0)
    create: Any = client.chat.completions.create
    with pytest.raises(openai.NotFoundError):
        await create(model="nobody/none", messages=HELLO)
    for name, value in (("n", 2), ("logprobs", True), ("temperature", 9), ("no_such_field", 1)):
        with pytest.raises(openai.BadRequestError) as refused:
            await create(model=f"{provider}/echo", messages=HELLO, extra_body={name: value})
        assert refused.value.param == name
    with pytest.raises(openai.InternalServerError):
        await create(model=f"{provider}/fault-500", messages=HELLO)
    with pytest.raises(openai.AuthenticationError):
        await AsyncOpenAI(base_url=f"{anonymous.url}/v1", api_key="llmp_wrong").chat.completions.create(
            model="openai/echo", messages=HELLO
        )


async def test_a_stream_that_fails_before_its_first_word_has_a_status(author: Person, provider: str):
    create: Any = client_of(author, max_retries=0).chat.completions.create
    with pytest.raises(openai.InternalServerError):
        await create(model=f"{provider}/fault-500", messages=HELLO, stream=True)
    stream = await create(model=f"{provider}/fault-cut-at-5", messages=HELLO, stream=True)
    with pytest.raises(openai.APIError):
        await anext(chunk async for chunk in stream if chunk.choices[0].finish_reason)


async def test_pictures_are_passed_on_and_plain_addresses_refused(author: Person, provider: str):
    def asked(url: str) -> Any:
        picture = {"type": "image_url", "image_url": {"url": url}}
        return [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]}]

    client = client_of(author, max_retries=0)
    made = await client.chat.completions.create(model=f"{provider}/gpt-4o", messages=asked(PIXEL))
    assert "What is it?" in str(made.choices[0].message.content)
    with pytest.raises(openai.BadRequestError):
        await client.chat.completions.create(model=f"{provider}/gpt-4o", messages=asked("http://example.com/a.png"))


async def test_models_are_listed_for_both_vendors(author: Person):
    client = client_of(author)
    listed = [each async for each in client.models.list()]
    assert {each.object for each in listed} <= {"model"}
    one = await client.models.retrieve("openai/echo")
    assert (one.id, one.owned_by) == ("openai/echo", "openai")
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("nobody/none")


async def test_what_changes_nothing_is_told(author: Person, provider: str):
    body = {"model": f"{provider}/echo", "messages": HELLO, "store": True, "user": "u1", "parallel_tool_calls": False}
    told = await author.post("/v1/chat/completions", body)
    assert told.status == 200
    assert told.headers["X-Ignored-Parameters"] == "parallel_tool_calls, store, user"


async def test_a_template_is_run_by_its_slug_and_by_openais_prompt_field(author: Person, provider: str):
    content: dict[str, Any] = {"name": "Greeting", "category": "C", "prompt": "Greet {{name}}"}
    content |= {"model_id": f"{provider}/echo"}
    content |= {"variables": [{"name": "name", "type": "string", "required": True}]}
    made = (await author.post("/api/templates", content)).body
    client = client_of(author, max_retries=0)
    create: Any = client.chat.completions.create
    given = {"id": made["id"], "version": "1", "variables": {"name": "Ada"}}
    told = await create(model=None, messages=[], extra_body={"prompt": given})
    assert told.choices[0].message.content == "Greet Ada"
    more = await create(model=None, messages=HELLO, extra_body={"prompt": given})
    kept = (await author.get(f"/api/executions/{more.id.removeprefix('chatcmpl-')}")).body
    assert [message["content"] for message in kept["messages"]] == ["Greet Ada"]
    assert kept["prompt"] == "Hello there"
    assert kept["template"] == {"id": made["id"], "version": 1}
    with pytest.raises(openai.NotFoundError):
        await create(model=f"template:{made['id']}@staging", messages=HELLO)


async def test_tools_of_a_template_are_run_here_and_are_no_calls_for_the_client(author: Person, provider: str):
    rounds = [{"say": "Let me see.", "calls": [["calculator", {"expression": "6 * 7"}]]}]
    saved = await author.post(
        "/api/templates",
        {
            "name": "Sums",
            "category": "analysis",
            "prompt": orjson.dumps(rounds).decode(),
            "model_id": f"{provider}/tool-script",
            "tools": [{"name": "calculator", "registered": True}],
        },
    )
    model, client = f"template:{saved.body['id']}", client_of(author)
    made = await client.chat.completions.create(model=model, messages=[])
    assert made.choices[0].message.content == 'The tool said: {"result":42}'
    assert made.choices[0].message.tool_calls is None
    assert made.choices[0].finish_reason == "stop"
    stream = await client.chat.completions.create(model=model, messages=[], stream=True)
    deltas = [chunk.choices[0].delta async for chunk in stream if chunk.choices]
    assert not any(delta.tool_calls for delta in deltas)
    said = "".join(delta.content or "" for delta in deltas)
    assert said == 'Let me see.\n\nThe tool said: {"result":42}'
