"""The handler that sees every logged exception, and the thread that writes what it has seen, once a second.

A log call must never fail or wait for a database because of it: it counts in memory, under a lock that is held for
microseconds. Nothing is written in a transaction of whoever logs; the thread has a connection of its own, for as long
as it writes. There is one thread a process, begun with its first error: after the fork of a pool child.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from datetime import UTC, datetime
from typing import Final

import psycopg

from monitoring.errors import sentry, writing
from monitoring.errors.pending import Batch
from monitoring.errors.sightings import sighting_of

logger = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds."""


class Recorder:
    """What a process has seen, until it is written. A process that has not told its role only counts."""

    def __init__(self) -> None:
        self.role = ""
        self._start_empty()

    def _start_empty(self) -> None:
        self._waiting = Batch()
        self._lock = threading.RLock()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._something = threading.Event()
        self._own_thread = threading.local()
        self._is_away = False

    def begin(self, role: str) -> None:
        """Tells what this process is, and has it write from now on; what was seen before is written too."""
        self.role = role
        if self._waiting:
            self._wake()

    def see(self, record: logging.LogRecord) -> None:
        """Counts the record's exception; one of the writing itself would never end, and is not counted."""
        if getattr(self._own_thread, "is_writing", False):
            return
        try:
            sighting = sighting_of(record)
        except Exception:
            with self._lock:
                self._waiting.drop([datetime.now(UTC)])
            return
        if sighting is not None:
            with self._lock:
                self._waiting.add(sighting)
            self._wake()

    def flush(self) -> bool:
        """Writes what waits; whether nothing is left. Called by the thread, and where a process ends."""
        with self._writing:
            self._own_thread.is_writing = True
            try:
                return self._flush()
            finally:
                self._own_thread.is_writing = False

    def _flush(self) -> bool:
        with self._lock:
            batch, self._waiting = self._waiting, Batch()
            self._something.clear()
        if not batch or not self.role:
            self._put_back(batch)
            return not batch
        sentry.tell(batch, role=self.role)
        try:
            writing.write(batch, role=self.role)
        except (psycopg.OperationalError, psycopg.ProgrammingError, OSError) as error:
            # Away, or its migrations are to come: kept up to the bound.
            self._say_once(error)
            self._put_back(batch)
            return False
        except Exception as error:
            self._say_once(error)
            with self._lock:
                for group in batch.groups.values():
                    self._waiting.dropped += group.by_hour
            return False
        self._is_away = False
        return True

    def _put_back(self, batch: Batch) -> None:
        with self._lock:
            batch.take_in(self._waiting)
            self._waiting = batch

    def _say_once(self, error: Exception) -> None:
        if not self._is_away:
            self._is_away = True
            logger.warning("errors_not_recorded", extra={"reason": type(error).__name__})

    def _wake(self) -> None:
        if not self.role:
            return
        self._something.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="errors", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._something.wait()
            pause.wait(EVERY)
            if not self.flush():
                self._something.set()

    def forget_parent(self) -> None:
        """In a fork: what the parent has seen is the parent's to write, and its threads are not here."""
        self._start_empty()
        sentry.forget_parent()


RECORDER: Final = Recorder()
os.register_at_fork(after_in_child=RECORDER.forget_parent)


def end() -> None:
    """Writes and sends what is left; to be called where a process ends."""
    if RECORDER.role:
        RECORDER.flush()
        sentry.close()


atexit.register(end)


class Handler(logging.Handler):
    """Stands in the configuration of logs (`config.logs`) by its name, so that nothing below knows of it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Never fails."""
        RECORDER.see(record)
