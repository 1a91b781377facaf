"""Where a thing of ours stood in the client's request, so that what is refused is named by its own place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from foundation.problems import FieldError, Problem, as_problem


class Placed(dict[str, Any]):
    """A turn or a part of ours, which knows its place in the request and what its fields are called there."""

    def __init__(self, value: Mapping[str, Any], place: str, names: Mapping[str, str] | None = None) -> None:
        super().__init__(value)
        self.place, self.names = place, names or {}

    def field(self, path: str) -> str:
        """The client's name of a field of this one."""
        return f"{self.place}.{_renamed(path, self.names)}".rstrip(".")


class Places:
    """The places of one request: its turns in order, its tools, and our fields by the client's names."""

    def __init__(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], names: Mapping[str, str]
    ) -> None:
        self._turns, self._tools, self._names = turns, tools, names

    def of(self, field: str, *, before: int = 0) -> str:
        """The client's name of a field of an execution's body, before whose turns stand `before` of a template's."""
        first, _, rest = field.partition(".")
        number, _, below = rest.partition(".")
        turn = None
        if first == "prompt":
            turn, below = _at(self._turns, len(self._turns) - 1), f"content.{rest}".rstrip(".")
        elif first == "messages" and number.isdecimal():
            turn = _at(self._turns, int(number) - before)
        elif first == "tools" and number.isdecimal():
            turn = _at(self._tools, int(number))
        return _renamed(field, self._names) if turn is None else self._in_turn(turn, below)

    def _in_turn(self, turn: Placed, path: str) -> str:
        name, _, rest = path.partition(".")
        at, _, below = rest.partition(".")
        content = turn.get(name)
        if isinstance(content, list) and at.isdecimal() and int(at) < len(content):
            part = content[int(at)]
            if isinstance(part, Placed):
                return part.field(below)
        return turn.field(path)

    @asynccontextmanager
    async def named(self, *, before: int = 0) -> AsyncIterator[None]:
        """Inside, what does not hold is refused by the client's names."""
        try:
            yield
        except Exception as error:
            problem = as_problem(error)
            if problem is None or problem.status != 400 or not problem.errors:
                raise
            told = [
                FieldError(self.of(each["field"], before=before), each["code"], each["message"])
                for each in problem.errors
            ]
            raise Problem(400, problem.code, problem.detail, errors=told, **problem.extra) from None


def _at(those: Sequence[Mapping[str, Any]], at: int) -> Placed | None:
    found = those[at] if 0 <= at < len(those) else None
    return found if isinstance(found, Placed) else None


def _renamed(path: str, names: Mapping[str, str]) -> str:
    """With the longest beginning that has a name replaced by it."""
    for end in sorted(names, key=len, reverse=True):
        if path == end or path.startswith(f"{end}."):
            return (names[end] + path[len(end) :]).lstrip(".")
    return path
