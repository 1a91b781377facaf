"""A version is the whole call: turns, placeholders, tools, the answer's format and the model."""

from __future__ import annotations

import base64
import json
from typing import Any

import aiohttp

from tests.cast import Person
from tests.servers.service import Service
from tests.templates_app.conftest import BODY

TURNS: list[dict[str, Any]] = [
    {"role": "system", "content": "You classify {{what}}."},
    {"role": "user", "content": "Great!"},
    {"role": "assistant", "content": "positive"},
    {"placeholder": "history"},
    {"role": "user", "content": "Classify: {{text}}"},
]
TOOL = {
    "name": "look_up",
    "description": "Looks a word up",
    "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
}
FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "label", "schema": {"type": "object", "properties": {"label": {"type": "string"}}}},
}
HISTORY = [{"role": "user", "content": "Awful."}, {"role": "assistant", "content": "negative"}]
VALUES: dict[str, Any] = {"what": "reviews", "text": "So-so", "history": HISTORY}
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 20).decode()
PICTURE = {"data_url": f"data:image/png;base64,{PIXEL}", "media_type": "image/png"}


def call(**fields: Any) -> dict[str, Any]:
    """A body of a whole call."""
    simple = {name: value for name, value in BODY.items() if name != "prompt"}
    return {**simple, "messages": TURNS, **fields}


async def made_of(author: Person, **fields: Any) -> dict[str, Any]:
    """The template with this call."""
    made = await author.post("/api/templates", call(**fields))
    assert made.status == 201, made.body
    return dict(made.body)


async def sent_with(service: Service, text: str) -> dict[str, Any]:
    """The latest body that the provider got with this text in it."""
    async with aiohttp.ClientSession() as session, session.get(f"{service.simulator.url}/requests") as response:
        bodies = [each["body"] for each in await response.json() if text in json.dumps(each["body"])]
    return dict(bodies[-1])


async def test_a_version_holds_its_turns_and_says_its_last_user_text_as_prompt(author: Person):
    made = await made_of(author, tools=[TOOL], response_format=FORMAT, model_id="openai/gpt-4o")
    told = (await author.get(f"/api/templates/{made['id']}")).body
    assert told["messages"] == TURNS
    assert (told["prompt"], told["system_prompt"]) == ("Classify: {{text}}", None)
    assert (told["tools"], told["response_format"], told["model_id"]) == ([TOOL], FORMAT, "openai/gpt-4o")
    assert [(each["name"], each["type"]) for each in told["variable_definitions"]] == [
        ("what", "string"),
        ("text", "string"),
        ("history", "messages"),
    ]


async def test_rendering_gives_everything_that_is_sent(author: Person):
    made = await made_of(author, tools=[TOOL], response_format=FORMAT, model_id="openai/gpt-4o")
    rendered = (await author.post(f"/api/templates/{made['id']}/render", {"variables": VALUES})).body
    assert rendered["messages"] == [
        {"role": "system", "content": "You classify reviews."},
        *TURNS[1:3],
        *HISTORY,
        {"role": "user", "content": "Classify: So-so"},
    ]
    assert (rendered["prompt"], rendered["system_prompt"]) == ("Classify: So-so", "You classify reviews.")
    assert (rendered["tools"], rendered["response_format"], rendered["model_id"]) == ([TOOL], FORMAT, "openai/gpt-4o")


async def test_a_run_sends_the_whole_call(author: Person, provider: str, service: Service):
    made = await made_of(
        author, tools=[TOOL], response_format=FORMAT, model_id=f"{provider}/echo", default_parameters={"top_p": 0.5}
    )
    ran = await author.post("/api/prompts/execute", {"template_id": made["id"], "variables": VALUES})
    assert ran.status == 200, ran.body
    sent = await sent_with(service, "Classify: So-so")
    assert sent["messages"] == [
        {"role": "system", "content": "You classify reviews."},
        *TURNS[1:3],
        *HISTORY,
        {"role": "user", "content": "Classify: So-so"},
    ]
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["look_up"]
    assert sent["response_format"]["json_schema"]["schema"] == FORMAT["json_schema"]["schema"]  # type: ignore[index]
    assert sent["top_p"] == 0.5
    assert ran.body["prompt"] == "Classify: So-so"
    assert ran.body["template"] == {"id": made["id"], "version": 1}
