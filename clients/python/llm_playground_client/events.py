"""Server-sent events, as they come over the wire and as they are given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from llm_playground_client.errors import UnexpectedAnswer
from llm_playground_client.execution import Execution

LAST: Final = frozenset({"completed", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Event:
    """One numbered event of a run: started, token, reasoning, retry, fallback, usage, …, and one of `LAST`."""

    id: int
    kind: str
    data: dict[str, Any] = field(repr=False)

    @property
    def text(self) -> str:
        """What a token adds to the answer; empty for every other kind."""
        return str(self.data.get("text", "")) if self.kind == "token" else ""

    @property
    def is_last(self) -> bool:
        """Whether the run has ended, and how is told by `execution`."""
        return self.kind in LAST

    @property
    def execution(self) -> Execution | None:
        """The whole run, with its last event."""
        return Execution(self.data) if self.is_last else None


class Frames:
    """Cuts bytes into events (WHATWG HTML, section 9.2). Lines end as there, not wherever Unicode breaks one."""

    def __init__(self) -> None:
        self._rest = b""
        self._fields: dict[str, str] = {}

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that are whole with this chunk."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for raw in lines:
            line = raw.removesuffix(b"\r").decode("utf-8", "replace")
            if line:
                self._take(line)
            elif self._fields:
                yield self._event()

    def _take(self, line: str) -> None:
        name, _, value = line.partition(":")
        if name == "data" and "data" in self._fields:
            self._fields["data"] += "\n" + value.removeprefix(" ")
        elif name:
            self._fields[name] = value.removeprefix(" ")

    def _event(self) -> Event:
        fields, self._fields = self._fields, {}
        try:
            data = json.loads(fields["data"])
            return Event(int(fields["id"]), fields["event"], data if isinstance(data, dict) else {"value": data})
        except (KeyError, ValueError):
            raise UnexpectedAnswer("The stream holds what is no event of a run.") from None
