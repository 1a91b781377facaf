"""What the person at the terminal reads: one line a step, with its time."""

from __future__ import annotations

import contextlib
import time

STILL_EVERY = 5.0


def say(text: str) -> None:
    """Prints a line at once; a terminal that is gone is no reason to stop."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


class Step:
    """A step of the start: says that it still goes on every few seconds, and its time when done."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._began = self._said = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._began

    def still(self) -> None:
        """To be called while waiting."""
        if time.monotonic() - self._said >= STILL_EVERY:
            self._said = time.monotonic()
            say(f"  … {self._name} ({self.seconds:.0f} s)")

    def done(self, text: str = "") -> None:
        """Says that it is done."""
        say(f"{text or self._name} ({self.seconds:.1f} s)")
