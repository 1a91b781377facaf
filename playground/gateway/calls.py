"""Calls of tools that are the client's to make, whole and as they grow in a stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from playground.tools.calling import INCOMPLETE, REQUESTED


def calls_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The calls that are the client's to make."""
    return [call for call in answer.get("tool_executions") or () if call["status"] in (REQUESTED, INCOMPLETE)]


def arguments_text(arguments: Any) -> str:
    """A call's arguments as JSON text; as the model's own text where they were none."""
    return arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()


class Calls:
    """The calls of a stream as they grow: the index of each, and those that come whole."""

    def __init__(self) -> None:
        self._indexes: dict[int, int] = {}
        self._whole = 0

    def part(self, position: int) -> tuple[int, bool]:
        """The index of the call at this position, and whether it is new."""
        is_new = position not in self._indexes
        return self._indexes.setdefault(position, len(self._indexes)), is_new

    def whole(self) -> int | None:
        """The index of a call that came without parts; None for one whose parts were told."""
        self._whole += 1
        if self._whole <= len(self._indexes):
            return None
        return self.part(-self._whole)[0]
