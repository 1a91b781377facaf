"""A file's bytes from a synchronous writer to an asynchronous answer, in constant memory.

Django gathers a synchronous iterator whole before it sends anything under ASGI. Exports have threads of their
own: however many are asked for at once, executions never queue behind them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.db import connections

PIECE: Final = 64 * 1024
AT_ONCE: Final = 0.2
"""Seconds that one export works before another one's turn comes."""
_executor = ThreadPoolExecutor(2, thread_name_prefix="export")


async def in_pieces(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks joined to pieces worth sending; each is made when the one before was taken."""
    loop = asyncio.get_running_loop()
    while (piece := await loop.run_in_executor(_executor, _next_piece, chunks)) is not None:
        if piece:
            yield piece


def _next_piece(chunks: Iterator[bytes]) -> bytes | None:
    """Some bytes, None at the end; empty when the time is up and none have come."""
    parts, size, deadline = [], 0, time.monotonic() + AT_ONCE
    try:
        for chunk in chunks:
            parts.append(chunk)
            size += len(chunk)
            if size >= PIECE or time.monotonic() > deadline:
                break
        else:
            return b"".join(parts) if size else None
        return b"".join(parts)
    finally:
        connections.close_all()
