"""Waiting for a condition, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any


async def until(
    condition: Callable[[], Awaitable[Any]], *, seconds: float = 10.0, why: Callable[[], str] = lambda: ""
) -> Any:
    """What the condition gives once it gives something true; fails after `seconds`, and `why` says what it saw."""
    deadline = time.monotonic() + seconds
    while True:
        found = await condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s. {why()}"
        await asyncio.sleep(0.05)
