"""Default parameters in the words of each SDK, and those that it does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

ANSWER_TOKENS: Final = 4096
"""Anthropic wants `max_tokens`; every model since Claude 3 can write this much."""
JSON_OBJECT: Final = "Answer with one JSON object and nothing else."
_REASONING_MODEL: Final = re.compile(r"(?:^|/)(?:o\d|gpt-5(?!-chat))")
_SAME_IN_OPENAI: Final = (
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "reasoning_effort",
    "timeout",
)
_NOT_FOR_REASONING: Final = frozenset({"temperature", "top_p", "frequency_penalty", "presence_penalty"})


class Mapped(NamedTuple):
    """Arguments of the SDK's call, and the names of parameters that it has no place for."""

    arguments: dict[str, Any]
    dropped: list[str]


def for_openai(given: Mapping[str, Any], *, model: str) -> Mapped:
    """Chat Completions (API reference, "Create chat completion"); o and gpt-5 models take no sampling parameters."""
    is_reasoning = _REASONING_MODEL.search(model) is not None
    refused = _NOT_FOR_REASONING if is_reasoning else frozenset()
    arguments = {name: given[name] for name in _SAME_IN_OPENAI if name in given and name not in refused}
    if "max_tokens" in given:
        arguments["max_completion_tokens" if is_reasoning else "max_tokens"] = given["max_tokens"]
    arguments |= _stop_and_format(given)
    return _with_the_rest(
        given, arguments, {*_SAME_IN_OPENAI, "max_tokens", "stop_sequences", "response_format"} - refused
    )


def for_litellm(given: Mapping[str, Any]) -> Mapped:
    """`litellm.completion`, which knows OpenAI's names and turns them into each provider's."""
    arguments = {name: given[name] for name in (*_SAME_IN_OPENAI, "max_tokens") if name in given}
    arguments |= _stop_and_format(given)
    if given.get("fallback_models"):
        arguments["fallbacks"] = given["fallback_models"]
    known = {*_SAME_IN_OPENAI, "max_tokens", "stop_sequences", "response_format", "fallback_models"}
    # What a provider has no word for is left out instead of refused, as the playground does it.
    return _with_the_rest(given, {**arguments, "drop_params": True}, known)


def for_anthropic(given: Mapping[str, Any]) -> Mapped:
    """Messages API; temperatures end at 1 there. A JSON object is asked for in words: see `system_addition`."""
    arguments: dict[str, Any] = {"max_tokens": given.get("max_tokens") or ANSWER_TOKENS}
    if "temperature" in given:
        arguments["temperature"] = min(given["temperature"], 1.0)
    arguments |= {name: given[name] for name in ("top_p", "timeout") if name in given}
    if given.get("stop_sequences"):
        arguments["stop_sequences"] = given["stop_sequences"]
    if schema := json_schema(given):
        # Not every version of the SDK has the argument; extra_body reaches the API from all of them.
        arguments["extra_body"] = {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
    return _with_the_rest(
        given, arguments, {"max_tokens", "temperature", "top_p", "timeout", "stop_sequences", "response_format"}
    )


def system_addition(given: Mapping[str, Any]) -> str:
    """A sentence for providers without a JSON mode; empty when none is asked for."""
    return JSON_OBJECT if response_format(given).get("type") == "json_object" else ""


def response_format(given: Mapping[str, Any]) -> dict[str, Any]:
    """The format as an object, with a name for its schema; empty when none is set."""
    wanted = given.get("response_format") or {}
    if isinstance(wanted, str):
        return {"type": wanted}
    if wanted.get("type") != "json_schema":
        return dict(wanted)
    return {"type": "json_schema", "json_schema": {"name": "answer", **wanted.get("json_schema", {})}}


def json_schema(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """The JSON Schema that the answer has to fit, if there is one."""
    schema = response_format(given).get("json_schema", {}).get("schema")
    return schema if isinstance(schema, dict) else None


def _stop_and_format(given: Mapping[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    if given.get("stop_sequences"):
        arguments["stop"] = given["stop_sequences"]
    if wanted := response_format(given):
        arguments["response_format"] = wanted
    return arguments


def _with_the_rest(given: Mapping[str, Any], arguments: dict[str, Any], known: set[str]) -> Mapped:
    return Mapped(arguments, sorted(given.keys() - known))
