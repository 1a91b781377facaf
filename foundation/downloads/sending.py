"""A file as a browser takes it: under a name that is safe anywhere, in pieces that are made as they are taken.

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
from django.http import StreamingHttpResponse
from django.utils import timezone

from foundation.downloads.naming import content_disposition, file_name

PIECE: Final = 64 * 1024
AT_ONCE: Final = 0.2
"""Seconds that one export works before another one's turn comes."""
_executor = ThreadPoolExecutor(2, thread_name_prefix="export")
HEADERS: Final = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}


def download(
    chunks: Iterator[bytes], *, title: str, media_type: str, suffix: str, **headers: str
) -> StreamingHttpResponse:
    """The chunks as a file that is named after `title` and the day."""
    name = file_name(title, day=timezone.now().date(), suffix=suffix)
    given = {**HEADERS, "Content-Disposition": content_disposition(name), **headers}
    return StreamingHttpResponse(in_pieces(chunks), content_type=media_type, headers=given)


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
