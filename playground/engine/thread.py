"""The engine of a process whose own code is not asynchronous, such as a Celery pool child: one loop, in a thread.

The thread is started by the first use, so after the fork of a pool child, and lives until the process stops it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from playground.engine import host
from playground.engine.host import Role

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

STOP_PATIENCE: Final = 15.0


class _Loop:
    """A loop that runs in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        # Callers in other threads wait for these without end.
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def stop(self) -> None:
        """Stops the engine, then the loop and its thread."""
        try:
            asyncio.run_coroutine_threadsafe(host.stop(), self.loop).result(STOP_PATIENCE)
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(STOP_PATIENCE)


_lock = threading.Lock()
_loop: _Loop | None = None


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """What `work` returns, done on the loop of this process's engine; blocks until then.

    An exception that is raised into the waiting caller (a task's time limit) cancels the work; a run that it began
    goes on, as everywhere. Work that `stop` cuts off raises CancelledError (of concurrent.futures).
    """
    loop = _started().loop
    future = asyncio.run_coroutine_threadsafe(_on_engine(work), loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def hand_in(work: Coroutine[Any, Any, object]) -> None:
    """Has `work` done on the loop of this process's engine, and does not wait for it; it is cut off by `stop`.

    What it raises is logged: whoever hands it in keeps a row by which others take it up.
    """
    asyncio.run_coroutine_threadsafe(_on_engine(work), _started().loop).add_done_callback(_log)


def begin() -> None:
    """Has the engine begin now, so that its process is known to live before anybody needs it; does not wait."""
    hand_in(asyncio.sleep(0))


def _log(done: Future[object]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        logger.error("work_broke", exc_info=error)


async def _on_engine(work: Coroutine[Any, Any, Result]) -> Result:
    try:
        await host.engine(Role.WORKER)
    except BaseException:
        work.close()
        raise
    return await work


def _started() -> _Loop:
    global _loop
    with _lock:
        if _loop is None:
            _loop = _Loop()
        return _loop


def stop() -> None:
    """Lets runs in flight end and ends the thread; nothing when it was never started."""
    global _loop
    with _lock:
        loop, _loop = _loop, None
    if loop is not None:
        loop.stop()


def _forget() -> None:
    """A fork has the memory of its parent, not its threads."""
    global _lock, _loop
    _lock, _loop = threading.Lock(), None


os.register_at_fork(after_in_child=_forget)
