"""Structured output: whether an answer is what its response_format asked for.

The answer is judged as it came. JSON inside a Markdown fence, or with words around it, does not fit: whoever parses it
would fail too. Nothing is said of an answer that was cut, refused, or asks for a tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from foundation.json_schema.reach import InvalidSchema
from foundation.json_schema.validators import Misfit, TooMuch, validator_of
from playground.tools.calling import ANSWERED

WHOLE: Final = "stop"
"""The finish reason of an answer that is all there."""


class Verdict(NamedTuple):
    """`is_valid` is None where nothing can be said; `error` says what does not fit, or why nothing is said."""

    is_valid: bool | None
    error: dict[str, str] | None = None


def verdict(parameters: Mapping[str, Any], *, text: str, finish_reason: str | None, has_calls: bool) -> Verdict | None:
    """Whether `text` fits the response_format; None where no JSON was asked for."""
    wanted = parameters.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, Mapping) else wanted
    if kind not in ("json_object", "json_schema"):
        return None
    if finish_reason != WHOLE or has_calls:
        return Verdict(None)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _no_fit(Misfit("", "json", _no_json(text, error)))
    if kind == "json_object":
        return (
            Verdict(True) if isinstance(value, dict) else _no_fit(Misfit("", "type", "The answer is no JSON object."))
        )
    return _by_schema(wanted, value)


def judge(
    parameters: Mapping[str, Any], answer: dict[str, Any], metadata: dict[str, Any], *, finish_reason: str | None
) -> None:
    """Notes whether the answer has the structure that was asked for.

    The verdict stands in clear; what does not fit may quote the answer or the schema, and is sealed with them.
    """
    has_calls = any(call["status"] not in ANSWERED for call in answer.get("tool_executions", ()))
    judged = verdict(parameters, text=answer["response"], finish_reason=finish_reason, has_calls=has_calls)
    if judged is None:
        return
    metadata["schema_valid"] = judged.is_valid
    if judged.error:
        answer["schema_error"] = judged.error


def _by_schema(wanted: Any, value: Any) -> Verdict:
    try:
        misfit = validator_of((wanted.get("json_schema") or {}).get("schema")).misfit(value)
    except (TooMuch, InvalidSchema) as error:
        return Verdict(None, {"pointer": "", "keyword": "", "message": str(error)})
    return Verdict(True) if misfit is None else _no_fit(misfit)


def _no_fit(misfit: Misfit) -> Verdict:
    return Verdict(False, misfit._asdict())


def _no_json(text: str, error: orjson.JSONDecodeError) -> str:
    start = text.lstrip()
    if not start:
        return "The answer is empty."
    if start.startswith("```"):
        return "The answer stands in a Markdown fence: it is not JSON by itself."
    return f"The answer is not JSON: {error}."
