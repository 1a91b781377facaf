"""What the simulator was asked and how each call ended: the truth about calls made and paid."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any

CALLS_KEPT = 200_000
REQUESTS_KEPT = 100


@dataclass(slots=True)
class Entry:
    """One call; times are seconds since the epoch."""

    model: str
    wire: str
    opened: float = field(default_factory=time.time)
    bytes_out: int = 0
    finished: bool = False
    """Everything that the script had to say was written."""
    closed_by: str | None = None
    """"us" or "client" when the connection ended with the call, None when it was kept."""
    at: float | None = None
    """When the call ended; None while it is open."""

    def end(self, *, finished: bool, closed_by: str | None = None) -> None:
        if self.at is None:
            self.finished, self.closed_by, self.at = finished, closed_by, time.time()


class Ledger:
    """All calls since the last clearing, oldest first, and how often each model was asked."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=CALLS_KEPT)
        self.requests: deque[tuple[str, bytes, bytes]] = deque(maxlen=REQUESTS_KEPT)
        self.times_asked: Counter[str] = Counter()

    def open(self, model: str, wire: str) -> Entry:
        entry = Entry(model, wire)
        self.entries.append(entry)
        self.times_asked[model] += 1
        return entry

    def calls(self, *, only_open: bool = False) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.entries if not only_open or entry.at is None]

    def clear(self) -> None:
        self.entries.clear()
        self.requests.clear()
        self.times_asked.clear()
