"""One supervised process: started, ended, and started again with patience when it dies."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable

from foundation.processes import how_it_ended, kill_session, members, send

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
GOOD_LIFE = 60.0


class Backoff:
    """0.5 s, doubling to 30 s; from the start again after a life of 60 s."""

    def __init__(self) -> None:
        self._delay = FIRST_DELAY

    def next(self, *, lived: float) -> float:
        """Seconds to wait before the next start."""
        if lived >= GOOD_LIFE:
            self._delay = FIRST_DELAY
        delay, self._delay = self._delay, min(self._delay * 2, LONGEST_DELAY)
        return delay


class Child:
    """A process that should be running; `start` gives a new one."""

    def __init__(
        self, name: str, start: Callable[[], subprocess.Popen[bytes]], *, stop_signal: signal.Signals = signal.SIGTERM
    ) -> None:
        self.name = name
        self.stop_signal = stop_signal
        self.restart_at: float | None = None
        self._start = start
        self._backoff = Backoff()
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process's id (and session), None when none was started."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Starts it."""
        self.restart_at = None
        self._started_at = time.monotonic()
        self._process = self._start()

    def has_ended(self) -> bool:
        """Whether the process that was started is gone."""
        return self._process is not None and self._process.poll() is not None

    def retry_later(self) -> float:
        """Ends what a dead process left behind and sets when to start it again; gives the delay."""
        self._forget()
        delay = self._backoff.next(lived=time.monotonic() - self._started_at)
        self.restart_at = time.monotonic() + delay
        return delay

    def how_it_ended(self) -> str:
        """For the line that says so."""
        return how_it_ended(self._process) if self._process else "was never started"

    def ask_to_stop(self) -> None:
        """Sends its stop signal."""
        if self._process is not None and not self.has_ended():
            send(self._process.pid, self.stop_signal)

    def is_gone(self) -> bool:
        """Whether neither the process nor anything it started is left."""
        return self._process is None or (self.has_ended() and not members({self._process.pid}))

    def kill(self) -> None:
        """Ends it and everything that it started, at once."""
        self._forget()

    def _forget(self) -> None:
        if self._process is not None:
            kill_session(self._process.pid)
            self._process.kill()
            self._process.wait()
