"""A tool in JSON."""

from __future__ import annotations

from typing import Any

from playground.tools.tool import Tool


def tool_json(tool: Tool) -> dict[str, Any]:
    """As `GET /api/tools` lists it."""
    return {
        "name": tool.name,
        "category": tool.category,
        "description": tool.description,
        "parameters": dict(tool.parameters),
        "examples": list(tool.examples),
        "needs_approval": tool.needs_approval,
        "is_available": not tool.unavailable_reason,
        "unavailable_reason": tool.unavailable_reason,
    }
