"""Whole calls in documents and in code."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import aiohttp
import orjson
import pytest
import yaml

from templates_app.export_code.formats import FORMATS
from templates_app.export_code.handover import Handover
from templates_app.linting.lint import lint
from templates_app.rendering.render import render
from templates_app.starter.library import starter_templates
from tests.cast import Person
from tests.templates_app.whole_calls import FORMAT, HISTORY, IMAGE, PICTURE, PIXEL, TOOL, TURNS, handed_over, made_of


@pytest.mark.parametrize("kind", ["json", "yaml"])
async def test_a_whole_call_comes_back_from_a_document(author: Person, stranger: Person, kind: str):
    made = await made_of(
        author,
        messages=[*TURNS[:-1], {"role": "user", "content": [{"type": "text", "text": "{{text}}\n"}, IMAGE]}],
        tools=[TOOL],
        response_format=FORMAT,
        model_id="openai/gpt-4o",
    )
    await author.call("PATCH", f"/api/templates/{made['id']}", {"messages": None, "prompt": "simple"})
    url = f"{author.url}/api/templates/{made['id']}/export?format={kind}"
    async with aiohttp.ClientSession() as session, session.get(url, headers=author.headers) as response:
        document = await response.read()
    headers = {"Content-Type": f"application/{kind}"}
    same = await author.post("/api/templates/import", data=document, headers=headers)
    assert [each["action"] for each in same.body["entries"]] == ["skip"]
    entry = (await stranger.post("/api/templates/import", data=document, headers=headers)).body["entries"][0]
    versions = (await stranger.get(f"/api/templates/{entry['id']}/versions")).body["results"]
    known = (await author.get(f"/api/templates/{made['id']}/versions")).body["results"]
    assert [each["content_hash"] for each in versions] == [each["content_hash"] for each in known]


def test_what_a_simple_template_is_has_not_changed():
    recorded = json.loads(Path(__file__).with_name("recorded_simple_calls.json").read_text())
    for starter in starter_templates():
        content = starter.content
        handover = Handover(
            "0" * 8,
            starter.name,
            3,
            "production",
            content,
            "openai/gpt-4o-mini",
            starter.example,
            "https://llm.example",
        )
        exports = "".join(FORMATS[name].render(handover) for name in sorted(FORMATS))
        told = {
            "hash": content.hash,
            "sealed": sha256(orjson.dumps(content.as_json())),
            "exports": sha256(exports.encode()),
            "lint": sha256(orjson.dumps([finding.as_json() for finding in lint(content)])),
        }
        if content.engine == "plain":
            rendered = render(content, starter.example)
            told["rendered"] = sha256(orjson.dumps([rendered.prompt, rendered.system_prompt, rendered.values]))
        assert told == recorded[starter.key], starter.key


def sha256(data: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("engine", ["plain", "jinja2"])
@pytest.mark.parametrize("kind", ["python-openai", "python-litellm", "python-anthropic"])
def test_exported_python_sends_the_whole_call(kind: str, engine: str):
    handover = handed_over(engine=engine)
    sent = sent_by(FORMATS[kind].render(handover), kind)
    picture = (
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
        if kind == "python-anthropic"
        else {"type": "image_url", "image_url": {"url": PICTURE["data_url"]}}
    )
    turns = [
        *TURNS[1:3],
        *HISTORY,
        {"role": "user", "content": [{"type": "text", "text": "Classify: So-so "}, picture]},
    ]
    if kind == "python-anthropic":
        assert (sent["system"], sent["messages"]) == ("You classify reviews.", turns)
        assert sent["tools"][0]["input_schema"] == TOOL["parameters"]
    else:
        assert sent["messages"] == [{"role": "system", "content": "You classify reviews."}, *turns]
        assert sent["tools"] == [{"type": "function", "function": TOOL}]
        assert sent["response_format"] == FORMAT


def sent_by(source: str, kind: str) -> dict[str, Any]:
    """What the exported program calls its SDK with."""
    calls: list[dict[str, Any]] = []

    def create(**given: Any) -> Any:
        calls.append(given)
        message = SimpleNamespace(content="" if kind != "python-anthropic" else [])
        return SimpleNamespace(choices=[SimpleNamespace(message=message)], content=[])

    endpoint = SimpleNamespace(create=create)
    client = SimpleNamespace(chat=SimpleNamespace(completions=endpoint), messages=endpoint)
    sdks = {
        "openai": SimpleNamespace(OpenAI=lambda **_: client),
        "anthropic": SimpleNamespace(Anthropic=lambda **_: client),
        "litellm": SimpleNamespace(completion=create),
    }
    keys = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"}
    with patch.dict(sys.modules, sdks), patch.dict(os.environ, keys):
        exec(compile(source, "exported.py", "exec"), {"__name__": "__main__"})
    return calls[-1]


def test_the_other_exports_hold_the_whole_call():
    handover = handed_over()
    promptfoo = yaml.safe_load(FORMATS["promptfoo"].render(handover))
    messages = json.loads(promptfoo["prompts"][0]["raw"])
    assert [each["role"] for each in messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert messages[0]["content"] == "You classify {{ what }}."
    assert promptfoo["providers"][0]["config"]["tools"] == [{"type": "function", "function": TOOL}]
    source = FORMATS["typescript"].render(handover)
    assert '"placeholder": "history"' in source
    assert '"look_up"' in source
    body = json.loads(
        FORMATS["request-json"].render(
            replace(handover, content=replace(handover.content, model_id="a/b"), model_id="a/b")
        )
    )
    assert "model_id" not in body
    assert body["variables"]["history"] == HISTORY
