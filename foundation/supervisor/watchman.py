"""A tiny process that ends what a killed supervisor leaves behind.

A parent-death signal reaches a child, not the children of that child (Celery's pool, servers started on demand).
The watchman reads the sessions to watch from a pipe; when the pipe closes, the supervisor is gone: it waits until
the gentle signals have worked and then ends what is left. Standard library only, so that it stays small.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from foundation.processes import BASIC, OF_PYTHON, members, passed_on, send

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 6.0


class Watchman:
    """The supervisor's end of the pipe."""

    def __init__(self) -> None:
        self._pipe, self._process = self._begin()

    @property
    def pid(self) -> int:
        """The watchman's process."""
        return self._process.pid

    def watch(self, sessions: Iterable[tuple[int, signal.Signals]]) -> None:
        """Tells all sessions that exist now; a watchman that died is replaced."""
        line = " ".join(f"{session}:{int(gentle)}" for session, gentle in sessions)
        if self._process.poll() is not None:
            os.close(self._pipe)
            self._pipe, self._process = self._begin()
        os.write(self._pipe, f"{line}\n".encode())

    def dismiss(self) -> None:
        """Ends the watchman after everything else has ended."""
        self._process.kill()
        self._process.wait()
        os.close(self._pipe)

    @staticmethod
    def _begin() -> tuple[int, subprocess.Popen[bytes]]:
        ours, theirs = os.pipe()
        os.set_inheritable(ours, True)
        try:
            process = subprocess.Popen(
                [sys.executable, "-S", "-m", "foundation.supervisor.watchman"],
                stdin=ours,
                cwd=ROOT,
                env=passed_on((*BASIC, *OF_PYTHON)),
                start_new_session=True,
            )
        finally:
            os.close(ours)
        return theirs, process


def last_sessions(lines: Iterable[str]) -> dict[int, int]:
    """The sessions of the last line, each with its gentle signal; returns when the pipe closes."""
    last = ""
    for line in lines:
        last = line
    return {int(session): int(gentle) for session, _, gentle in (pair.partition(":") for pair in last.split())}


def end_all(sessions: dict[int, int]) -> None:
    """Asks each session's leader, waits a while, then ends every member."""
    for leader, gentle in sessions.items():
        if members({leader}):
            send(leader, signal.Signals(gentle))
    until = time.monotonic() + PATIENCE
    while (left := members(set(sessions))) and time.monotonic() < until:
        time.sleep(0.05)
    for pid in left:
        send(pid, signal.SIGKILL)


def main() -> None:
    """Waits for the supervisor's end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end_all(last_sessions(sys.stdin))


if __name__ == "__main__":
    main()
