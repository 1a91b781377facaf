"""The processes in which scorers work, of this process: started when first needed, killed when one takes too long.

Any process may have them, also one of Celery's that may have no children of multiprocessing: each is an ordinary
program, without a variable of the service's environment and without its connections. Whoever asks waits in their
own thread.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, cast

from evaluation_app.scorers.errors import CRASHED, TIMED_OUT, ScorerError
from evaluation_app.scorers.isolation.limits import Limits
from evaluation_app.scorers.isolation.program import sample_as_json
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import Scorer

PROGRAM: Final = Path(__file__).with_name("program.py")
MOST: Final = 2
"""At once, of one process."""
GRACE: Final = 20.0
"""Seconds beyond a scorer's own, for loading what it needs on a busy machine."""
ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
"""All that a child sees."""


class Lost(Exception):
    """The child was gone before it could look at the question."""


class Child:
    """One of them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            # -I: no user site and nothing of the environment.
            [sys.executable, "-I", str(PROGRAM)],
            bufsize=0,  # a fork must find nothing that is half written
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback would quote the output
            env=ENVIRONMENT,
            cwd="/",
        )
        self._answers = io.BufferedReader(cast(io.FileIO, self._process.stdout))

    @property
    def is_fit(self) -> bool:
        """Whether it may be asked again."""
        return self._process.poll() is None

    def ask(self, line: bytes, limits: Limits) -> dict[str, Any]:
        """The answer; raises ScorerError when the child ended instead, Lost when it never began."""
        too_late = threading.Event()
        clock = threading.Timer(limits.seconds + GRACE, self._kill, [too_late])
        clock.daemon = True
        clock.start()
        try:
            told = self._exchange(line)
        except Lost:
            if too_late.is_set():
                raise _too_long() from None
            raise
        finally:
            clock.cancel()
            clock.join()
        if too_late.is_set():
            raise _too_long()
        if not told:
            raise self._ended()
        return cast(dict[str, Any], json.loads(told))

    def _kill(self, too_late: threading.Event) -> None:
        too_late.set()
        self._process.kill()

    def _exchange(self, line: bytes) -> bytes:
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[cast(io.FileIO, self._process.stdin).write(rest) :]
        except BrokenPipeError:
            raise Lost from None
        if not self._answers.readline():
            raise Lost
        return self._answers.readline()

    def _ended(self) -> ScorerError:
        code = self._process.wait()
        if code in (-signal.SIGPROF, -signal.SIGALRM):
            return _too_long()
        return ScorerError(CRASHED, "The scorer's process ended before it had a score.")

    def end(self) -> None:
        """Kills it, if it still runs."""
        self._process.kill()
        self._process.wait()
        self.let_go()

    def let_go(self) -> None:
        """Closes our ends of its pipes: it ends by itself when nobody else holds them."""
        for pipe in (self._process.stdin, self._process.stdout):
            cast(io.FileIO, pipe).close()


class Children:
    """All of them, to be asked from any thread."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(MOST)
        self._resting: list[Child] = []
        self._all: set[Child] = set()

    def score(self, scorer: Scorer[Any], sample: Sample) -> Score:
        """The score that a child gives; waits for a free one. Raises ScorerError."""
        kind = type(scorer)
        question = {
            "module": kind.__module__,
            "scorer": kind.__qualname__,
            "params": scorer.params.stated(),
            "sample": sample_as_json(sample),
            "limits": asdict(kind.limits),
        }
        told = self._ask(json.dumps(question).encode() + b"\n", kind.limits)
        if error := told.get("error"):
            raise ScorerError(error["code"], error["sentence"])
        return Score(**told)

    def _ask(self, line: bytes, limits: Limits) -> dict[str, Any]:
        with contextlib.suppress(Lost), self._child(self._rested) as child:
            return child.ask(line, limits)
        try:
            with self._child() as child:  # one that rested may have ended meanwhile
                return child.ask(line, limits)
        except Lost:
            raise ScorerError(CRASHED, "The scorer's process could not be started.") from None

    @contextlib.contextmanager
    def _child(self, at_hand: Callable[[], Child | None] = lambda: None) -> Iterator[Child]:
        with self._places:
            child = at_hand() or self._started()
            try:
                yield child
            except BaseException:
                self._end(child)
                raise
            if child.is_fit:
                self._resting.append(child)
            else:
                self._end(child)

    def _rested(self) -> Child | None:
        with contextlib.suppress(IndexError):
            while True:
                child = self._resting.pop()
                if child.is_fit:
                    return child
                self._end(child)
        return None

    def _started(self) -> Child:
        try:
            child = Child()
        except OSError:
            raise Lost from None
        self._all.add(child)
        return child

    def _end(self, child: Child) -> None:
        self._all.discard(child)
        child.end()

    def let_go(self) -> None:
        """In a process forked from the one that started them: lets go of what it inherited."""
        for child in self._all:
            child.let_go()


def _too_long() -> ScorerError:
    return ScorerError(TIMED_OUT, "The scorer took longer than it may.")


_children = Children()
_of_others: list[Children] = []
"""Of whom this process was forked from: kept, since their locks may be held by threads that are not here."""


def children() -> Children:
    """Those of this process."""
    return _children


def _begin_anew() -> None:
    global _children
    _children.let_go()
    _of_others.append(_children)
    _children = Children()


os.register_at_fork(after_in_child=_begin_anew)
