"""Our request as Anthropic's body, and Anthropic's listing as ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.base import ListedModel, ProviderRequest
from providers.families.family import Family
from providers.families.table import family_of
from providers.families.thinking import plan
from providers.wires import structure
from providers.wires.anthropic.messages import conversation
from providers.wires.json_shapes import count
from providers.wires.openai.mapping import json_schema_of
from providers.wires.retirement import retirement_of
from providers.wires.tools import parameters_of

JSON_OBJECT = "Answer with one JSON object and nothing else."


def body_of(request: ProviderRequest) -> dict[str, Any]:
    """The JSON body of POST /v1/messages.

    `json_object`, which Anthropic does not know, becomes a sentence at the end of the system prompt; so does a schema
    for a model that takes none, or one that its subset has no words for.
    Raises ProviderFailure(PROVIDER_REFUSED) for a part of a message that the wire cannot carry.
    """
    given, family = request.parameters, request.family or family_of(request.model, "anthropic")
    system, messages = conversation(request.messages)
    response_format = given.get("response_format") or {}
    schema, in_words = _structure(response_format, model=request.model)
    if in_words:
        system = f"{system}\n\n{in_words}" if system else in_words
    body: dict[str, Any] = {"model": request.model, "max_tokens": _limit(request, family)}
    body["messages"] = messages
    if system:
        body["system"] = system
    body |= {name: given[name] for name in ("temperature", "top_p") if given.get(name) is not None}
    if given.get("stop_sequences"):
        body["stop_sequences"] = list(given["stop_sequences"])
    if schema:
        body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    _add_thinking(body, request, family)
    _add_tools(body, request)
    if request.is_streamed:
        body["stream"] = True
    return body


def _structure(response_format: Mapping[str, Any], *, model: str) -> tuple[dict[str, Any] | None, str]:
    """The schema as it is sent, or what the model is told in its place."""
    if response_format.get("type") == "json_object":
        return None, JSON_OBJECT
    schema = json_schema_of(response_format)
    if schema is None:
        return None, ""
    if structure.CLAUDE_WITHOUT_SCHEMA.search(model):
        return None, structure.in_words(schema)
    try:
        return structure.for_claude(schema), ""
    except structure.NotExpressible:
        return None, structure.in_words(schema)


def _limit(request: ProviderRequest, family: Family) -> int:
    """`max_tokens`, which is required here: what is asked, else the model's own."""
    given = {**request.parameters, "reasoning_effort": _effort(request)}
    limit = plan(family.with_told({"needs_limit": True}), given, most=request.max_output_tokens).max_tokens
    assert limit is not None  # noqa: S101 - for the type checker: `needs_limit` has one made
    return limit


def _effort(request: ProviderRequest) -> str | None:
    """How hard to think; not while a tool's result is answered: the API wants thoughts back that are not kept."""
    effort: str | None = request.parameters.get("reasoning_effort")
    return None if request.messages[-1]["role"] == "tool" else effort


def _add_thinking(body: dict[str, Any], request: ProviderRequest, family: Family) -> None:
    effort = _effort(request)
    if effort is None:
        return
    if family.thinking == "adaptive":
        body["thinking"] = {"type": "adaptive"}
        body.setdefault("output_config", {})["effort"] = "low" if effort == "minimal" else effort
    elif budget := plan(family, request.parameters, most=request.max_output_tokens).budget:
        body["thinking"] = {"type": "enabled", "budget_tokens": budget}


def _add_tools(body: dict[str, Any], request: ProviderRequest) -> None:
    if not request.tools:
        return
    body["tools"] = [
        {"name": tool["name"], "description": tool.get("description") or "", "input_schema": parameters_of(tool)}
        for tool in request.tools
    ]
    choice = request.parameters.get("tool_choice")
    if isinstance(choice, Mapping):
        body["tool_choice"] = {"type": "tool", "name": choice["name"]}
    elif choice:
        body["tool_choice"] = {"type": "any" if choice == "required" else choice}


def listed(row: Any) -> ListedModel | None:
    """A row of GET /v1/models."""
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        return None
    details: dict[str, Any] = {}
    if isinstance(row.get("display_name"), str):
        details["name"] = row["display_name"]
    for field, name in (("context_window", "max_input_tokens"), ("max_output_tokens", "max_tokens")):
        if value := count(row.get(name)):
            details[field] = value
    return ListedModel(row["id"], {**details, **retirement_of(row)})
