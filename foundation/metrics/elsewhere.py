"""The time of a request in which it waits for somebody outside: none of our own doing.

The request's context holds one of these; what it starts runs in a copy of that context, and tells the same one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Elsewhere:
    """Seconds in which at least one wait was under way: several at once count once."""

    __slots__ = ("_began", "_waits", "seconds")

    def __init__(self) -> None:
        self.seconds = 0.0
        self._waits = 0
        self._began = 0.0

    def until(self, now: float) -> float:
        """Seconds so far, with a wait that goes on; `now` is monotonic."""
        return self.seconds + (now - self._began if self._waits else 0.0)

    def begin(self) -> None:
        """A wait begins."""
        if not self._waits:
            self._began = time.monotonic()
        self._waits += 1

    def end(self) -> None:
        """A wait is over."""
        self._waits -= 1
        if not self._waits:
            self.seconds += time.monotonic() - self._began


elsewhere: ContextVar[Elsewhere | None] = ContextVar("elsewhere", default=None)


@contextmanager
def waiting() -> Iterator[None]:
    """What is done within is waiting for somebody outside."""
    current = elsewhere.get()
    if current is None:
        yield
        return
    current.begin()
    try:
        yield
    finally:
        current.end()
