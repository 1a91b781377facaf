"""The tool calls of a run: those that came whole, and what came of one that its answer's end cut off."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from playground.tools.calling import INCOMPLETE, REQUESTED
from providers.base import ToolCall, ToolCallPart
from providers.wires.json_shapes import load_clean
from providers.wires.surrogates import joined


@dataclass(slots=True)
class Growing:
    """A call that is still being written."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class ToolCalls:
    """The calls of one answer, as they come."""

    def __init__(self) -> None:
        self._ended: list[dict[str, Any]] = []
        self._growing: dict[int, Growing] = {}
        self._written = 0
        self._earlier = 0
        """Calls of earlier rounds."""

    def __bool__(self) -> bool:
        return bool(self._ended or self._growing)

    @property
    def written(self) -> int:
        """Characters of names and arguments so far."""
        return self._written + sum(len(each.name) + sum(map(len, each.arguments)) for each in self._growing.values())

    def grow(self, part: ToolCallPart) -> None:
        """Takes what was added to a call."""
        call = self._growing.setdefault(part.position, Growing())
        call.id, call.name = part.id, part.name
        call.arguments.append(part.arguments)

    def end(self, call: ToolCall) -> dict[str, Any]:
        """Takes a call as it stands at the answer's end; the entry that it has from now on."""
        self._growing = {}
        self._written += len(call.name) + len(call.arguments)
        entry = entry_of(self._own_id(call.id), call.name, call.arguments, is_whole=call.is_whole)
        self._ended.append(entry)
        return entry

    def keep(self, entry: dict[str, Any]) -> None:
        """Takes an entry as it was made before, for one that was growing under the id that its model gave it."""
        ids = {"", entry["id"]}
        begun = ((place, each) for place, each in self._growing.items() if {each.id, self._own_id(each.id)} & ids)
        self._growing.pop(next((place for place, each in begun if each.name == entry["tool_name"]), -1), None)
        self._ended.append(entry)

    @property
    def of_round(self) -> list[dict[str, Any]]:
        """The calls of this round that have come to their end; what is written into them is kept."""
        return self._ended[self._earlier :]

    def take_outcome(self, entry: dict[str, Any]) -> None:
        """Takes what a call of this round came to, as it was said."""
        next((call for call in self.of_round if call["id"] == entry["id"]), {}).update(entry)

    def begin_round(self, *, number: int) -> None:
        """Another answer begins, which reads what these calls, of round `number` (from 1), came to."""
        for call in self.of_round:
            call["round"] = number
        self._growing, self._written, self._earlier = {}, 0, len(self._ended)

    def _own_id(self, id: str) -> str:
        """The id that no call before it has: some count anew in every answer, and some have given one twice."""
        taken = {each["id"] for each in self._ended}
        return next(own for own in chain([id], (f"{id}_{number}" for number in count(2))) if own not in taken)

    def as_json(self) -> list[dict[str, Any]]:
        """The entries of `tool_executions`; those still growing are incomplete."""
        cut = (
            entry_of(each.id or f"call_{position}", each.name, "".join(each.arguments), is_whole=False)
            for position, each in self._growing.items()
            if each.id or each.name or any(each.arguments)
        )
        return [*self._ended, *cut]


def entry_of(id: str, name: str, arguments: str, *, is_whole: bool) -> dict[str, Any]:
    """A call as the answer has it."""
    told = loaded(arguments) if is_whole else joined(arguments)
    return {"id": id, "tool_name": name, "arguments": told, "status": REQUESTED if is_whole else INCOMPLETE}


def loaded(text: str) -> Any:
    """A tool's arguments as JSON; as the model's own text where that is none."""
    try:
        return load_clean(text or "{}")
    except ValueError:
        return joined(text)
