"""Signals become a flag that every wait looks at; a wait ends as soon as anything happens."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from pathlib import Path
from types import FrameType

from foundation.processes import LINUX, die_with_parent
from foundation.servers.server import Interrupted

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PARENT_LOOK = 0.5
# One Ctrl-C may arrive several times (terminal, make); a second one, later, means "now".
SECOND_THOUGHT = 1.0


class StopRequest:
    """Whether somebody asked for the stop: SIGINT, SIGTERM, SIGHUP, or the end of the parent."""

    def __init__(self, *, with_parent: bool = False) -> None:
        self._asked_at: float | None = None
        self.hurry = False
        self._parent = os.getppid() if with_parent else None
        self._parent_interrupted = False
        self._wake, wake_end = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(wake_end, False)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in STOP_SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup ignores it on purpose
                signal.signal(number, self._ask)
        if with_parent:
            die_with_parent(signal.SIGTERM)

    def requested(self) -> bool:
        """Whether to stop."""
        if self._asked_at is None and self._parent is not None and self._parent_wants_us_gone(self._parent):
            self._asked_at = time.monotonic()
        return self._asked_at is not None

    def wait(self, seconds: float) -> None:
        """Waits until something happens (a signal, a child's end), at most `seconds`."""
        longest = min(seconds, PARENT_LOOK) if self._parent is not None else seconds
        select.select([self._wake], [], [], max(longest, 0))
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 4096)

    def pause(self, seconds: float) -> None:
        """Waits like `wait`; raises Interrupted when the stop is asked for."""
        if not self.requested():
            self.wait(seconds)
        if self.requested():
            raise Interrupted

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
        elif number == signal.SIGINT and now - self._asked_at > SECOND_THOUGHT:
            self.hurry = True

    def _parent_wants_us_gone(self, parent: int) -> bool:
        """Our `make` ended, or it got a SIGINT alone: GNU make then waits for us with that signal blocked."""
        if os.getppid() != parent:
            return True
        before, self._parent_interrupted = self._parent_interrupted, _blocks_interrupt(parent)
        return before and self._parent_interrupted


def _blocks_interrupt(pid: int) -> bool:
    if not LINUX:
        return False
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    blocked = next(line for line in status.splitlines() if line.startswith("SigBlk:"))
    return bool(int(blocked.split()[1], 16) >> (signal.SIGINT - 1) & 1)
