"""Names in DADMS's spelling and in ours; what people or models wrote keeps its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_HUMP: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")
FREE: Final = frozenset(
    {
        "arguments",
        "context",
        "default_value",
        "expected_values",
        "examples",
        "input",
        "labels",
        "metadata",
        "output",
        "response_format",
        "result",
        "schema",
        "variables",
    }
)
"""Fields whose value is somebody's own: the names in it are not ours to spell."""


def snake(name: str) -> str:
    """`modelId` as `model_id`."""
    return _HUMP.sub(lambda found: f"_{found[1].lower()}", name)


def camel(name: str) -> str:
    """`model_id` as `modelId`."""
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others) if first else name


def in_snake(value: Any, *, free: frozenset[str] = FREE) -> Any:
    """JSON with our names."""
    return _spelled(value, snake, free)


def in_camel(value: Any, *, free: frozenset[str] = FREE) -> Any:
    """JSON with DADMS's names."""
    return _spelled(value, camel, free)


def _spelled(value: Any, spell: Any, free: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_spelled(each, spell, free) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        spell(name): inner if snake(name) in free else _spelled(inner, spell, free) for name, inner in value.items()
    }
