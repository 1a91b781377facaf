"""The renderers of this process: a program of their own, started with the first question and ended with the process.

Any process may have them, also one of Celery's that may have no children of multiprocessing: what it starts is an
ordinary program, without a variable of the service's environment and without its connections.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, cast

import orjson

PROGRAM: Final = Path(__file__).with_name("program.py")
TRIES: Final = 2
"""A program that ended is started again and asked again; a question that it always ends by is not asked for ever."""
SILENCE: Final = 20.0
"""Seconds without any answer, while some are due, after which the program is taken for stuck: a child that was killed
while it held the pool's lock leaves the others waiting for it."""
LOOKED_EVERY: Final = 1.0
END_PATIENCE: Final = 2.0

Answer = dict[str, Any]


class Ended(Exception):
    """The program ended instead of answering, each time."""


@dataclass(slots=True)
class _Asked:
    owner: str
    line: bytes
    answer: Future[Answer] = field(default_factory=Future)
    tries: int = 1


class Renderers:
    """Asks the program, from any thread and any event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._asked: dict[int, _Asked] = {}
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = 0.0

    def ask(self, question: Mapping[str, Any], *, owner: str, seconds: float) -> Future[Answer]:
        """What will be the answer (see `program`); `seconds` are for the child's work, waiting for a turn comes before.

        Cancel the future when nobody waits any more. `Ended`, also as its exception: the program cannot answer.
        """
        number = next(self._numbers)
        told = {"number": number, "owner": owner, "seconds": seconds, "question": question}
        asked = _Asked(owner, orjson.dumps(told) + b"\n")
        with self._lock:
            if not self._asked:
                self._heard = time.monotonic()
            if self._process is None:
                self._start()
            self._asked[number] = asked
            self._lines.put(asked.line)
        asked.answer.add_done_callback(lambda future: self._forget(number) if future.cancelled() else None)
        return asked.answer

    def _start(self) -> None:
        self._lines = SimpleQueue()
        self._heard = time.monotonic()
        # -I: no user site and nothing of the environment, of which it gets none anyway.
        command = [sys.executable, "-I", str(PROGRAM)]
        try:
            process = subprocess.Popen(
                command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, cwd="/", process_group=0
            )
        except OSError as error:
            raise Ended from error
        self._process = process
        for work in (self._write, self._read):
            threading.Thread(target=work, args=(process, self._lines), name="renderers", daemon=True).start()

    def _write(self, process: subprocess.Popen[bytes], lines: SimpleQueue[bytes | None]) -> None:
        """Passes lines on until None; a thread of its own, since a program that is busy reads later."""
        with contextlib.suppress(BrokenPipeError), cast(io.FileIO, process.stdin) as stdin:
            while (line := self._next(lines, process)) is not None:
                rest = memoryview(line)
                while rest:
                    rest = rest[stdin.write(rest) :]

    def _next(self, lines: SimpleQueue[bytes | None], process: subprocess.Popen[bytes]) -> bytes | None:
        while True:
            with self._lock:
                is_waiting = bool(self._asked)
            try:
                return lines.get(timeout=LOOKED_EVERY if is_waiting else None)
            except Empty:
                with self._lock:
                    self._kill_if_stuck(process)

    def _kill_if_stuck(self, process: subprocess.Popen[bytes] | None) -> None:
        if process is not None and self._asked and time.monotonic() > self._heard + SILENCE:
            _kill(process)

    def _read(self, process: subprocess.Popen[bytes], lines: SimpleQueue[bytes | None]) -> None:
        for line in io.BufferedReader(cast(io.FileIO, process.stdout)):
            told = orjson.loads(line)
            with self._lock:
                self._heard = time.monotonic()
                asked = self._asked.pop(told["number"], None)
            if asked is not None and asked.answer.set_running_or_notify_cancel():
                asked.answer.set_result(told["answer"])
        process.wait()
        lines.put(None)
        self._ask_again(process)

    def _ask_again(self, ended: subprocess.Popen[bytes]) -> None:
        with self._lock:
            if self._process is not ended:
                return
            self._process = None
            lost = [number for number, asked in self._asked.items() if asked.tries >= TRIES]
            given_up = [self._asked.pop(number) for number in lost]
            try:
                if self._asked:
                    self._start()
            except Ended:
                given_up += self._asked.values()
                self._asked.clear()
            for asked in self._asked.values():
                asked.tries += 1
                self._lines.put(asked.line)
        for asked in given_up:
            if asked.answer.set_running_or_notify_cancel():
                asked.answer.set_exception(Ended())

    def _forget(self, number: int) -> None:
        with self._lock:
            asked = self._asked.pop(number, None)
            if asked is None:
                return
            self._lines.put(orjson.dumps({"number": number, "owner": asked.owner, "gone": True}) + b"\n")
            self._kill_if_stuck(self._process)

    def stop(self) -> None:
        """Ends the program, and its children with it."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        self._lines.put(None)
        try:
            process.wait(END_PATIENCE)
        except subprocess.TimeoutExpired:
            _kill(process)

    def leave(self) -> None:
        """In a process forked from the one that started the program: lets go of what it inherited."""
        if self._process is not None:
            for pipe in (self._process.stdin, self._process.stdout):
                cast(io.FileIO, pipe).close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With its children: one that is stuck holds the pipe open on which the end of the program is heard of."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


_renderers = Renderers()


def renderers() -> Renderers:
    """Those of this process."""
    return _renderers


def _begin_anew() -> None:
    global _renderers
    _renderers.leave()
    _renderers = Renderers()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(lambda: _renderers.stop())
