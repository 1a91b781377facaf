"""The parameters of a call by the names that our own executions have for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from playground.gateway.traces.conventions.values import as_number, as_text, first, loaded

NUMBERS: Final = {
    "temperature": ("gen_ai.request.temperature", "llm.temperature"),
    "top_p": ("gen_ai.request.top_p", "llm.top_p"),
    "frequency_penalty": ("gen_ai.request.frequency_penalty", "llm.frequency_penalty"),
    "presence_penalty": ("gen_ai.request.presence_penalty", "llm.presence_penalty"),
}
COUNTS: Final = {
    "max_tokens": ("gen_ai.request.max_tokens", "llm.request.max_tokens", "max_completion_tokens", "max_output_tokens"),
    "seed": ("gen_ai.request.seed", "gen_ai.openai.request.seed"),
}
STOPS: Final = ("gen_ai.request.stop_sequences", "llm.chat.stop_sequences", "stop", "stop_sequences")
BOUNDS: Final = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "max_tokens": (1, 1_000_000),
    "seed": (-(2**53), 2**53),
}
"""What our own doors take (templates_app.parameters): what lies outside could not be run again."""
MOST_STOPS: Final = 8
LONGEST_STOP: Final = 200


def parameters_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What the call was made with, as far as it can be run again here with it."""
    told = loaded(attributes.get("llm.invocation_parameters"))
    known = {**(told if isinstance(told, Mapping) else {}), **attributes}
    found: dict[str, Any] = {}
    for name, names in {**NUMBERS, **COUNTS}.items():
        value = as_number(first(known, *names, name))
        if value is not None and BOUNDS[name][0] <= value <= BOUNDS[name][1]:
            found[name] = int(value) if name in COUNTS else value
    stops = loaded(first(known, *STOPS))
    listed = stops if isinstance(stops, list) else [] if stops is None else [stops]
    if texts := [as_text(each) for each in listed if each and len(as_text(each)) <= LONGEST_STOP]:
        found["stop_sequences"] = texts[:MOST_STOPS]
    return found


def tools_as_ours(listed: list[Any]) -> list[dict[str, Any]]:
    """Tools in the shapes of OpenAI, Anthropic and the conventions as `{name, description, parameters}`."""
    return [tool for each in listed if isinstance(each, Mapping) and (tool := _tool(each))]


def _tool(told: Mapping[str, Any]) -> dict[str, Any]:
    inner = told.get("function")
    of = inner if isinstance(inner, Mapping) else told
    if not isinstance(of.get("name"), str) or not of["name"]:
        return {}
    schema = loaded(first(of, "parameters", "input_schema", "inputSchema"))
    return {
        "name": of["name"][:64],
        "description": as_text(of.get("description"))[:4_000],
        "parameters": schema if isinstance(schema, dict) else {},
    }
