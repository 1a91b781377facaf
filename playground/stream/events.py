"""The events of an execution, the same on server-sent events and sockets (design 4.3).

`started, token, reasoning, recast, tool_call_part, tool_call, tool_progress, tool_result, round,
provider_tool, retry, fallback, waiting, usage`, then
`completed | failed | cancelled`, numbered from 1 without a gap. Data is encoded once, however many readers there are.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from foundation.rest.rendering import dumps

TERMINAL: Final = frozenset({"completed", "failed", "cancelled"})
HEARTBEAT: Final = b": heartbeat\n\n"


class Event:
    """One numbered event; `data` is the JSON text of its object."""

    def __init__(self, sequence: int, kind: str, data: bytes) -> None:
        self.sequence = sequence
        self.kind = kind
        self.data = data

    @classmethod
    def of(cls, sequence: int, kind: str, value: dict[str, Any]) -> Event:
        """An event with `value` as its data."""
        return cls(sequence, kind, dumps(value))

    @property
    def is_terminal(self) -> bool:
        """Whether nothing follows."""
        return self.kind in TERMINAL

    @cached_property
    def as_sse(self) -> bytes:
        """The event as the WHATWG standard frames it."""
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (self.sequence, self.kind.encode(), self.data)

    @cached_property
    def as_message(self) -> str:
        """The event as the socket frames it: `{"id", "event", "data"}`."""
        return f'{{"id":{self.sequence},"event":"{self.kind}","data":{self.data.decode()}}}'
