"""Tools on their way out: what every wire wants of a description, whether or not its author wrote it down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def parameters_of(tool: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of its arguments: an object's, without properties where the tool takes none."""
    given = dict(tool.get("parameters") or {})
    return {"type": "object", "properties": {}, **given}


def function_of(tool: Mapping[str, Any]) -> dict[str, Any]:
    """The tool as OpenAI and Ollama want it."""
    return {"type": "function", "function": {**tool, "parameters": parameters_of(tool)}}
