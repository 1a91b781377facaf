"""Tools on their way out: what every wire wants of a description, whether or not its author wrote it down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SENT: Final = ("name", "description", "parameters")


def as_sent(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tool without what is our own business."""
    return {name: tool[name] for name in SENT if name in tool}


def parameters_of(tool: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of its arguments: an object's, without properties where the tool takes none."""
    given = dict(tool.get("parameters") or {})
    return {"type": "object", "properties": {}, **given}


def function_of(tool: Mapping[str, Any]) -> dict[str, Any]:
    """The tool as OpenAI and Ollama want it."""
    return {"type": "function", "function": {**as_sent(tool), "parameters": parameters_of(tool)}}
