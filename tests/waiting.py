"""Waiting for a condition, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

PATIENCE: Final = 180.0
"""Seconds. Only a test that fails waits so long; on a busy machine it takes half a minute to start a process."""


async def until(
    condition: Callable[[], Awaitable[Any]], *, seconds: float = PATIENCE, why: Callable[[], str] = lambda: ""
) -> Any:
    """What the condition gives once it gives something true; fails after `seconds`, and `why` says what it saw."""
    deadline = time.monotonic() + seconds
    while True:
        found = await condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s. {why()}"
        await asyncio.sleep(0.05)
