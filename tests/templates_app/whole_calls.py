"""Whole calls for tests: turns with variables, a placeholder, a tool, a format, a picture."""

from __future__ import annotations

import base64
import json
from typing import Any

import aiohttp

from templates_app.content import Content
from templates_app.export_code.handover import Handover
from tests.cast import Person
from tests.playground.media import png
from tests.servers.service import Service
from tests.templates_app.conftest import BODY
from tests.waiting import until

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
FORMAT: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {"name": "label", "schema": {"type": "object", "properties": {"label": {"type": "string"}}}},
}
HISTORY = [{"role": "user", "content": "Awful."}, {"role": "assistant", "content": "negative"}]
VALUES: dict[str, Any] = {"what": "reviews", "text": "So-so", "history": HISTORY}
PIXEL = base64.b64encode(png()).decode()
PICTURE = {"data_url": f"data:image/png;base64,{PIXEL}", "media_type": "image/png"}
IMAGE = {"type": "image", **PICTURE}


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
    """The latest body that the provider got with this text in it; a run from a page is asked for a moment later."""

    async def bodies() -> list[dict[str, Any]]:
        async with aiohttp.ClientSession() as session, session.get(f"{service.simulator.url}/requests") as response:
            return [each["body"] for each in await response.json() if text in json.dumps(each["body"])]

    return dict((await until(bodies))[-1])


def handed_over(**fields: Any) -> Handover:
    """The whole call with a picture, as code gets it."""
    variables = [{"name": name} for name in ("what", "text")]
    variables += [{"name": "history", "type": "messages"}, {"name": "photo", "type": "image"}]
    messages = [*TURNS[:-1], {"role": "user", "content": "Classify: {{text}} {{photo}}"}]
    shape = {"prompt": "", "messages": messages, "variables": variables, "tools": [TOOL], "response_format": FORMAT}
    content = Content.from_json({**shape, **fields})
    example = {**VALUES, "photo": PICTURE}
    return Handover("0" * 8, "Label", 1, None, content, "openai/gpt-4o", example, "https://llm.example")
