"""A version is the whole call: turns, placeholders, tools, the answer's format and the model."""

from __future__ import annotations

import base64
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

from foundation.database.threads import in_database_thread
from templates_app.content import Content
from templates_app.export_code.formats import FORMATS
from templates_app.export_code.handover import Handover
from templates_app.linting.lint import lint
from templates_app.models import PromptTemplate
from templates_app.rendering.render import render
from templates_app.starter.library import starter_templates
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
    assert sent["response_format"]["json_schema"]["schema"] == FORMAT["json_schema"]["schema"]
    assert sent["top_p"] == 0.5
    assert ran.body["prompt"] == "Classify: So-so"
    assert ran.body["template"] == {"id": made["id"], "version": 1}


async def test_each_part_of_the_call_gives_way_to_the_body(author: Person, provider: str, service: Service):
    made = await made_of(author, tools=[TOOL], response_format=FORMAT, model_id="openai/nowhere")
    body = {
        "template_id": made["id"],
        "variables": VALUES,
        "model_id": f"{provider}/echo",
        "tools": [{**TOOL, "name": "other"}],
        "system_prompt": "Be brief.",
        "messages": [{"role": "user", "content": "Mine, and only mine"}],
        "parameters": {"response_format": {"type": "text"}},
    }
    ran = await author.post("/api/prompts/execute", body)
    assert ran.status == 200, ran.body
    sent = await sent_with(service, "Mine, and only mine")
    assert sent["messages"] == [{"role": "system", "content": "Be brief."}, *body["messages"]]
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["other"]
    assert sent["response_format"] == {"type": "text"}


async def test_a_whole_call_goes_on_and_is_replayed(author: Person, provider: str):
    made = await made_of(author, model_id=f"{provider}/echo")
    first = (await author.post("/api/prompts/execute", {"template_id": made["id"], "variables": VALUES})).body
    again = (await author.post(f"/api/executions/{first['id']}/replay", {})).body
    assert (again["messages"], again["prompt"]) == (first["messages"], first["prompt"])
    on = {"template_id": made["id"], "variables": {**VALUES, "text": "Now"}, "parent_id": first["id"]}
    second = (await author.post("/api/prompts/execute", on)).body
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert second["prompt"] == "Classify: Now"


async def test_without_a_model_anywhere_the_field_is_named(author: Person):
    made = await made_of(author)
    refused = await author.post("/api/prompts/execute", {"template_id": made["id"], "variables": VALUES})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "model_id")
    refused = await author.post("/api/prompts/execute", {"prompt": "x"})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "model_id")


RECURSIVE = {"type": "object", "properties": {"child": {"$ref": "#"}}}
BY_ANCHOR = {"type": "object", "properties": {"default": {"$anchor": "n", "properties": {"n": {"$ref": "#n"}}}}}
ROUND = {"$defs": {"a": {"properties": {"b": {"$ref": "#/$defs/b"}}}, "b": {"items": {"$ref": "#/$defs/a"}}}}
SYSTEM = {"role": "system", "content": "Late."}
USER = {"role": "user", "content": "x"}
IMAGE = {"type": "image", **PICTURE}


def tool(**parameters: Any) -> dict[str, Any]:
    """A tool with these arguments."""
    return {"name": "t", "parameters": parameters}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user"}]}, "messages.0.content"),
        ({"messages": [USER, {"role": "user", "content": " "}]}, "messages.1.content"),
        ({"messages": [USER, {"role": "user", "content": []}]}, "messages.1.content"),
        ({"messages": [USER, {"role": "user", "content": 5}]}, "messages.1.content"),
        ({"messages": [{**USER, "name": "n"}]}, "messages.0.name"),
        ({"messages": [{**USER, "placeholder": "a"}]}, "messages.0.content"),
        ({"messages": [USER, SYSTEM]}, "messages.1.role"),
        ({"messages": [{"placeholder": "a"}, SYSTEM]}, "messages.1.role"),
        ({"messages": [SYSTEM]}, "messages"),
        ({"messages": ["x"]}, "messages.0"),
        ({"messages": "x"}, "messages"),
        ({"messages": {"a": 1}}, "messages"),
        ({"messages": [USER] * 201}, "messages"),
        ({"messages": [{"role": "user", "content": "x" * 200_001}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": "x" * 199_000}] * 20}, "messages"),
        ({"messages": [{"placeholder": "a b"}]}, "messages.0.placeholder"),
        ({"messages": [{"placeholder": ["a"]}]}, "messages.0.placeholder"),
        ({"messages": [USER, {"placeholder": "a"}], "variables": ["a"]}, "messages.1.placeholder"),
        (
            {"messages": [{"role": "user", "content": "{{a}}"}], "variables": [{"name": "a", "type": "messages"}]},
            "messages.0.content",
        ),
        (
            {
                "messages": [{"role": "system", "content": "{{a}}"}, USER],
                "variables": [{"name": "a", "type": "image"}],
            },
            "messages.0.content",
        ),
        ({"messages": [{"role": "user", "content": [{"type": "odd"}]}]}, "messages.0.content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": ["a"]}]}]}, "messages.0.content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "messages.0.content.0.artifact_id"),
        (
            {"messages": [{"role": "user", "content": [{**IMAGE, "media_type": "image/svg+xml"}]}]},
            "messages.0.content.0.type",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image", "url": "http://a/"}]}]},
            "messages.0.content.0.url",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "file", "data_url": "data:text/html;base64,e"}]}]},
            "messages.0.content.0.data_url",
        ),
        ({"messages": [{"role": "assistant", "content": [IMAGE]}, USER]}, "messages.0.content.0.type"),
        ({"prompt": "x"}, "prompt"),
        ({"system_prompt": "x"}, "system_prompt"),
        ({"tools": [tool(**RECURSIVE)]}, "tools.0.parameters"),
        ({"tools": [tool(**BY_ANCHOR)]}, "tools.0.parameters"),
        ({"tools": [tool(type="object", properties={"a": {"$ref": "#/$defs/a"}}, **ROUND)]}, "tools.0.parameters"),
        ({"tools": [tool(type="object", properties={"a": {"$ref": "http://a/"}})]}, "tools.0.parameters"),
        ({"tools": [tool(type="object", properties={"a": {"type": "colour"}})]}, "tools.0.parameters"),
        ({"tools": [tool(type="array")]}, "tools.0.parameters"),
        ({"tools": [{"name": "t", "parameters": 5}]}, "tools.0.parameters"),
        ({"tools": [TOOL, TOOL]}, "tools.1.name"),
        ({"tools": [{"name": "a b"}]}, "tools.0.name"),
        ({"tools": [{"name": "a", "strict": True}]}, "tools.0.strict"),
        ({"tools": [5]}, "tools.0"),
        ({"tools": [{"name": f"t{n}"} for n in range(65)]}, "tools"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "colour"}}}},
            "response_format.json_schema.schema.type",
        ),
        ({"response_format": "yaml"}, "response_format"),
        ({"response_format": FORMAT, "default_parameters": {"response_format": "text"}}, "response_format"),
        ({"model_id": "gpt"}, "model_id"),
        ({"engine": "jinja2", "messages": [USER, {"role": "user", "content": "{% for %}"}]}, "messages.1.content"),
        ({"variables": [{"name": "a", "type": "array", "validation_rules": [{"rule": "item_type", "value": []}]}]},
         "variables.0.validation_rules.0"),
        ({"variables": [{"name": "a", "type": "image", "default_value": {"data_url": "x"}}]},
         "variables.0.default_value.data_url"),
    ],
)  # fmt: skip
async def test_what_no_call_can_be_is_refused_at_its_place(author: Person, fields: dict[str, Any], place: str):
    refused = await author.post("/api/templates", call(**fields))
    assert refused.status == 400, refused.body
    assert place in {error["field"] for error in refused.body["errors"]}, refused.body["errors"]
    assert await in_database_thread(PromptTemplate.objects.filter(owner=author.user).count) == 0


@pytest.mark.parametrize(
    ("history", "place"),
    [
        (..., "variables.history"),
        ("x", "variables.history"),
        (["x"], "variables.history.0"),
        ([{"role": "tool", "content": "x"}], "variables.history.0.role"),
        ([USER, {"role": "user", "content": None}], "variables.history.1.content"),
        ([USER, {**USER, "tool_calls": []}], "variables.history.1.tool_calls"),
        ([USER, SYSTEM], "variables.history.1.role"),
        ([SYSTEM], "variables.history.0.role"),
        ([USER] * 501, "variables.history"),
    ],
)
async def test_a_placeholder_takes_messages_only(author: Person, provider: str, history: Any, place: str):
    made = await made_of(author, model_id=f"{provider}/echo")
    values = {name: value for name, value in {**VALUES, "history": history}.items() if value is not ...}
    for door in ("/api/prompts/execute", f"/api/templates/{made['id']}/render"):
        body = {"variables": values} | ({"template_id": made["id"]} if "execute" in door else {})
        refused = await author.post(door, body)
        assert refused.status == 400, refused.body
        assert [error["field"] for error in refused.body["errors"]] == [place]


async def test_a_picture_in_a_text_becomes_a_part_of_the_message(author: Person, provider: str, service: Service):
    for engine in ("plain", "jinja2"):
        made = await made_of(
            author,
            engine=engine,
            messages=[{"role": "user", "content": "Before {{photo}} after {{word}}"}],
            variables=[{"name": "photo", "type": "image"}, "word"],
            model_id=f"{provider}/echo",
        )
        word = f"[[photo 0]] {engine}"
        body = {"template_id": made["id"], "variables": {"photo": PICTURE, "word": word}}
        ran = await author.post("/api/prompts/execute", body)
        assert ran.status == 200, ran.body
        assert (await sent_with(service, word))["messages"] == [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Before "},
                    {"type": "image_url", "image_url": {"url": PICTURE["data_url"]}},
                    {"type": "text", "text": f" after {word}"},
                ],
            }
        ]
        refused = await author.post(f"/api/templates/{made['id']}/render", {"variables": {"photo": "x", "word": "y"}})
        assert [error["field"] for error in refused.body["errors"]] == ["variables.photo"]


async def test_jinja_fills_in_all_turns_and_names_the_one_that_fails(author: Person):
    turns = [{"role": "system", "content": "{{ a|upper }}"}, {"role": "user", "content": "{{ 1 // b }}"}]
    made = await made_of(author, engine="jinja2", messages=turns, variables=["a", {"name": "b", "type": "number"}])
    path = f"/api/templates/{made['id']}/render"
    rendered = (await author.post(path, {"variables": {"a": "x", "b": 1}})).body
    assert [each["content"] for each in rendered["messages"]] == ["X", "1"]
    refused = (await author.post(path, {"variables": {"a": "x", "b": 0}})).body
    assert [error["field"] for error in refused["errors"]] == ["messages.1.content"]


async def test_a_change_keeps_the_call_or_turns_it_into_the_other_form(author: Person):
    made = await made_of(author, tools=[TOOL], model_id="openai/gpt-4o")
    path = f"/api/templates/{made['id']}"
    kept = (await author.call("PATCH", path, {"default_parameters": {"top_p": 1}})).body
    assert (kept["messages"], kept["tools"], kept["version"]) == (TURNS, [TOOL], 2)
    refused = await author.call("PATCH", path, {"prompt": "x"})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "prompt")
    simple = (await author.call("PATCH", path, {"prompt": "x", "messages": []})).body
    assert (simple["messages"], simple["prompt"]) == ([], "x")
    restored = (await author.post(f"{path}/restore", {"version": 1})).body
    assert (restored["messages"], restored["content_hash"]) == (TURNS, made["content_hash"])
    diff = (await author.get(f"{path}/diff?from=1&to=3")).body["changes"]
    assert [(each["op"], each.get("role") or each["placeholder"]) for each in diff["messages"]] == [
        ("delete", "system"),
        ("change", "user"),
        ("delete", "assistant"),
        ("delete", "history"),
        ("delete", "user"),
    ]
    assert diff["messages"][1]["content"] == [{"op": "delete", "text": "Great!"}, {"op": "insert", "text": "x"}]
    assert diff["tools"]["added"] == diff["tools"]["removed"] == {}
    own = {"tools": [{**TOOL, "name": "b"}], "response_format": FORMAT, "model_id": None}
    await author.call("PATCH", path, own)
    diff = (await author.get(f"{path}/diff?from=4&to=5")).body["changes"]
    assert (list(diff["tools"]["added"]), list(diff["tools"]["removed"])) == (["b"], ["look_up"])
    assert diff["response_format"] == {"from": None, "to": FORMAT}
    assert diff["model_id"] == {"from": "openai/gpt-4o", "to": None}


async def test_a_call_of_two_forms_is_lint_in_every_text(author: Person):
    turns = [
        {"role": "system", "content": "Key sk-abcdefghijklmnop1234"},
        {"role": "user", "content": "Key sk-abcdefghijklmnop5678"},
        {"role": "assistant", "content": "Key sk-abcdefghijklmnop9012"},
        {"role": "user", "content": "{{undeclared}}"},
    ]
    answer = await author.post("/api/templates/lint", {"messages": turns, "variables": []})
    found = {(each["rule"], each["field"]) for each in answer.body["findings"]}
    assert {("secret", f"messages.{n}.content") for n in range(3)} <= found
    assert ("undeclared-variable", "messages.3.content") in found


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


def handed_over(**fields: Any) -> Handover:
    """The whole call with a picture, as code gets it."""
    variables = [{"name": name} for name in ("what", "text")]
    variables += [{"name": "history", "type": "messages"}, {"name": "photo", "type": "image"}]
    messages = [*TURNS[:-1], {"role": "user", "content": "Classify: {{text}} {{photo}}"}]
    shape = {"prompt": "", "messages": messages, "variables": variables, "tools": [TOOL], "response_format": FORMAT}
    content = Content.from_json({**shape, **fields})
    example = {**VALUES, "photo": PICTURE}
    return Handover("0" * 8, "Label", 1, None, content, "openai/gpt-4o", example, "https://llm.example")


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


async def test_words_of_any_turn_find_the_template(author: Person):
    made = await made_of(author, messages=[*TURNS, {"role": "assistant", "content": "perspicacious"}], tools=[TOOL])
    for word in ("perspicacious", "classify", "look_up"):
        found = (await author.get(f"/api/templates?search={word}&owner=me")).body["results"]
        assert [each["id"] for each in found] == [made["id"]], word
