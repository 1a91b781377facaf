"""Our request as OpenAI's body, and OpenAI's listing as ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from providers.base import ListedModel, Message, ProviderRequest
from providers.families.table import family_of
from providers.wires import structure
from providers.wires.images import with_right_images
from providers.wires.json_shapes import count
from providers.wires.parts import texts_inlined
from providers.wires.retirement import retirement_of
from providers.wires.tools import function_of

SAME_NAME = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "reasoning_effort")
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]")
"""Of a schema (API reference, `response_format`)."""
CONTEXT_NAMES = ("context_length", "max_model_len", "context_window", "max_context_length")
OUTPUT_NAMES = ("max_completion_tokens", "max_output_tokens")


def body_of(request: ProviderRequest) -> dict[str, Any]:
    """The JSON body of POST /chat/completions; messages have OpenAI's shape already."""
    given, family = request.parameters, request.family or family_of(request.model, "openai")
    body: dict[str, Any] = {"model": request.model, "messages": [_message(message) for message in request.messages]}
    body |= {name: given[name] for name in SAME_NAME if given.get(name) is not None}
    if given.get("max_tokens") is not None:
        body[family.limit_name] = given["max_tokens"]
    if given.get("stop_sequences"):
        body["stop"] = list(given["stop_sequences"])
    if given.get("response_format"):
        _add_response_format(body, given["response_format"])
    if request.tools:
        body["tools"] = [function_of(tool) for tool in request.tools]
        if given.get("tool_choice"):
            body["tool_choice"] = _tool_choice(given["tool_choice"])
    if request.is_streamed:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body


def _message(message: Message) -> Message:
    message = with_right_images(texts_inlined(message))
    calls = message.get("tool_calls")
    return {**message, "tool_calls": [{"type": "function", **call} for call in calls]} if calls else message


def json_schema_of(response_format: Mapping[str, Any]) -> dict[str, Any] | None:
    """The JSON Schema that a response_format asks for, bare or in OpenAI's envelope; None when it asks for none."""
    if response_format.get("type") != "json_schema":
        return None
    given = response_format.get("json_schema") or {}
    schema: dict[str, Any] = given["schema"] if isinstance(given.get("schema"), dict) else given
    return schema


def _add_response_format(body: dict[str, Any], given: Mapping[str, Any]) -> None:
    """`strict` where nothing is said and OpenAI can hold its model to the schema; older models are told in words."""
    schema = json_schema_of(given)
    if schema is None:
        body["response_format"] = {"type": given.get("type", "text")}
        return
    if structure.OPENAI_WITHOUT_SCHEMA.search(body["model"]):
        body["messages"] = [{"role": "system", "content": structure.in_words(schema)}, *body["messages"]]
        if structure.OPENAI_WITH_JSON_MODE.search(body["model"]) and schema.get("type") == "object":
            body["response_format"] = {"type": "json_object"}
        return
    told = given["json_schema"] if isinstance((given.get("json_schema") or {}).get("schema"), dict) else {}
    envelope = {"name": "answer", **told, "schema": schema}
    envelope["name"] = NOT_IN_A_NAME.sub("_", envelope["name"])[:64] or "answer"
    if "strict" not in told and structure.is_strict(schema):
        envelope["strict"] = True
    body["response_format"] = {"type": "json_schema", "json_schema": envelope}


def _tool_choice(given: Any) -> Any:
    return {"type": "function", "function": {"name": given["name"]}} if isinstance(given, Mapping) else given


def listed(row: Any) -> ListedModel | None:
    """A row of GET /models; beyond OpenAI's own fields, those of OpenRouter, vLLM, Groq and LM Studio."""
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        return None
    details: dict[str, Any] = {}
    if isinstance(row.get("name"), str):
        details["name"] = row["name"]
    top = row.get("top_provider")
    for field, names in (("context_window", CONTEXT_NAMES), ("max_output_tokens", OUTPUT_NAMES)):
        places = (place for place in (row, top) if isinstance(place, dict))
        values = (count(place.get(name)) for place in places for name in names)
        if value := next(filter(None, values), None):
            details[field] = value
    return ListedModel(row["id"], {**details, **retirement_of(row)})
