"""Tokens counted by a program of its own, started with the first question and ended when nobody asks any more.

A vocabulary takes 75 MB and half a second to read, of which the interpreter's lock is held for most: in the web process
every stream would stand still for it, and the memory would stay.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final, cast

PROGRAM: Final = Path(__file__).with_name("program.py")
TRIES: Final = 2
"""A program that ended, as it does after a while, is started again and asked again."""
PATIENCE: Final = 15.0
"""Seconds for one question; a megabyte of text takes less than one."""
END_PATIENCE: Final = 2.0


class CannotCount(Exception):
    """The program ended or kept silent instead of answering, each time."""


class Counter:
    """Asks the program, from any thread; one question at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def count(self, texts: Sequence[str], tokenizer: str) -> list[int]:
        """Tokens of each text (see `vocabulary.count`); blocks while it is read and counted. Raises CannotCount."""
        # Escaped: half a surrogate pair is no text of any other encoding.
        line = json.dumps({"tokenizer": tokenizer, "texts": list(texts)}).encode() + b"\n"
        with self._lock:
            for _ in range(TRIES):
                if answer := self._asked(line):
                    return cast(list[int], json.loads(answer))
                self._end()
        raise CannotCount

    def _asked(self, line: bytes) -> bytes:
        """The answer's line; nothing where the program did not answer."""
        try:
            process = self._running()
            questions, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
            questions.write(line)
            questions.flush()
        except OSError:
            return b""
        return answers.readline() if select.select([answers], [], [], PATIENCE)[0] else b""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            # -I: no user site and nothing of the environment, of which it gets none anyway.
            command = [sys.executable, "-I", str(PROGRAM)]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, cwd="/", process_group=0
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        _close(process)
        process.kill()
        process.wait(END_PATIENCE)

    def stop(self) -> None:
        """Ends the program."""
        with self._lock:
            self._end()

    def leave(self) -> None:
        """In a process forked from the one that started the program: lets go of what it inherited."""
        if self._process is not None:
            _close(self._process)


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):  # what was written to a program that has ended
            cast(IO[bytes], pipe).close()


_counter = Counter()


def counter() -> Counter:
    """That of this process."""
    return _counter


def _begin_anew() -> None:
    global _counter
    _counter.leave()
    _counter = Counter()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(lambda: _counter.stop())
