"""What no whole call can be is refused at its place, when it is saved and when it is filled."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from templates_app.models import PromptTemplate
from tests.cast import Person
from tests.templates_app.whole_calls import FORMAT, IMAGE, TOOL, VALUES, call, made_of

RECURSIVE = {"type": "object", "properties": {"child": {"$ref": "#"}}}
BY_ANCHOR = {"type": "object", "properties": {"default": {"$anchor": "n", "properties": {"n": {"$ref": "#n"}}}}}
ROUND = {"$defs": {"a": {"properties": {"b": {"$ref": "#/$defs/b"}}}, "b": {"items": {"$ref": "#/$defs/a"}}}}
SYSTEM = {"role": "system", "content": "Late."}
USER = {"role": "user", "content": "x"}


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
        ({"messages": [{"role": "user", "content": "x" * 1_000_001}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": "x" * 350_000}] * 20}, "messages"),
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
