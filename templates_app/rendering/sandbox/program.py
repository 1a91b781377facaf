"""A program of its own: keeps children warm that render Jinja2, and hands them what is asked, each user their share.

Reads JSON objects, one a line, from standard input: `{"number", "owner", "seconds", "question"}`, or `{"number",
"owner", "gone": true}` when nobody waits any more. Writes `{"number", "answer"}`, in the order in which answers come;
an answer is that of `language.answer`, `{"busy": true}`, or an error with the code `timeout` or `too_expensive`. It
ends with its standard input, however whoever started it ended; its children end with it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future, TimeoutError
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from threading import RLock
from typing import IO, Any, Final

if __name__ in ("__main__", "__mp_main__"):  # started in isolation, without the service on its path
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from pebble import ProcessExpired, ProcessPool

from templates_app.rendering.sandbox import language
from templates_app.rendering.sandbox.fair_queue import FairQueue, Full
from templates_app.rendering.sandbox.limits import CPU_SECONDS

CHILDREN: Final = 4
SHARE: Final = 2
"""Children that work for one user at once."""
MOST_WAITING: Final = 1_000
MOST_OF_ONE: Final = 100
QUESTIONS_OF_A_CHILD: Final = 500
"""Then another one takes its place, so that nothing piles up in it."""


class Desk:
    """Takes questions, and tells answers."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._lock = RLock()
        self._asked: dict[int, dict[str, Any]] = {}
        self._queue = FairQueue[int](places=CHILDREN, share=SHARE, longest=MOST_WAITING, longest_of_one=MOST_OF_ONE)
        # Never a fork: the pool has threads of its own.
        self._pool = ProcessPool(CHILDREN, QUESTIONS_OF_A_CHILD, language.prepare, context=get_context("spawn"))

    def serve(self, questions: Iterable[bytes]) -> None:
        """Until the last question; the children are started at once."""
        assert self._pool.active  # noqa: S101 - asked because that starts it
        for line in questions:
            with self._lock:
                self._take_in(json.loads(line))
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def _take_in(self, asked: dict[str, Any]) -> None:
        number, owner = asked["number"], asked["owner"]
        if asked.get("gone"):
            self._queue.drop(owner, number)
            self._asked.pop(number, None)
            return
        try:
            # Names are found quickly, and a save waits for them: perhaps with rows locked.
            self._queue.put(owner, number, is_urgent="names_of" in asked["question"])
        except Full:
            self._tell(number, {"busy": True})
            return
        self._asked[number] = asked
        self._hand_out()

    def _hand_out(self) -> None:
        while (turn := self._queue.take()) is not None:
            owner, number = turn
            asked = self._asked.pop(number)
            try:
                future = self._pool.schedule(language.answer, [asked["question"]], timeout=asked["seconds"])
            except RuntimeError:  # the pool lost a child that did nothing, and gives up
                os._exit(1)
            future.add_done_callback(partial(self._ended, owner, number))

    def _ended(self, owner: str, number: int, future: Future[dict[str, Any]]) -> None:
        answer = _answer(future)
        with self._lock:
            self._queue.free(owner)
            self._hand_out()
        self._tell(number, answer)

    def _tell(self, number: int, answer: dict[str, Any]) -> None:
        line = json.dumps({"number": number, "answer": answer}).encode() + b"\n"
        with self._lock:
            self._answers.write(line)
            self._answers.flush()


def _answer(future: Future[dict[str, Any]]) -> dict[str, Any]:
    try:
        return future.result()
    except TimeoutError:
        return _too_long()
    except ProcessExpired as error:
        if error.exitcode == -signal.SIGPROF:
            return _too_long()
        return _error("too_expensive", "Rendering took more time or memory than it may.")
    except (BrokenProcessPool, CancelledError):
        os._exit(1)  # whoever started this starts it again, and asks again


def _too_long() -> dict[str, Any]:
    return _error("timeout", f"Rendering took longer than {CPU_SECONDS:.0f} seconds.")


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "text": 0}}


def main() -> None:
    """Ctrl-C is for whoever started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Desk(sys.stdout.buffer).serve(sys.stdin.buffer)


if __name__ == "__main__":
    main()
