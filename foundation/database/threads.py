"""The ORM from asynchronous code: few threads, and a connection lent for the length of one call.

Work that outlives its request would keep a connection of the pool for ever under `sync_to_async`,
since Django gives connections back when the request ends.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from django.db import OperationalError, connections

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

THREADS: Final = 8
PATIENCE: Final = 6.0
"""Seconds that a caller waits, also for a thread that a frozen server holds."""
_executor = ThreadPoolExecutor(THREADS, thread_name_prefix="database")


def _renew() -> None:
    """A fork has the memory of its parent, not its threads: what is given to them would wait for ever."""
    global _executor
    _executor = ThreadPoolExecutor(THREADS, thread_name_prefix="database")


os.register_at_fork(after_in_child=_renew)


def outside_the_loop(function: Callable[[], Result]) -> Result:
    """What a function that uses the ORM returns, called from wherever it may be.

    Where a loop runs in this thread, Django lets no query be made here: another thread makes it, and the loop waits.
    That is for what is hardly ever asked there; what often is has `in_database_thread`.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return function()

    def call() -> Result:
        try:
            return function()
        finally:
            connections.close_all()

    return _executor.submit(contextvars.copy_context().run, call).result()


async def in_database_thread(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """What an ordinary function that uses the ORM returns; OperationalError when the server does not answer in time."""
    context = contextvars.copy_context()

    def call() -> Result:
        try:
            return context.run(function, *args, **kwargs)
        finally:
            connections.close_all()

    try:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.get_running_loop().run_in_executor(_executor, call)
    except TimeoutError:
        raise OperationalError("PostgreSQL did not answer in time") from None
