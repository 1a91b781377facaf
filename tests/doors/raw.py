"""Requests as bytes."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from tests.waiting import PATIENCE


async def raw_answer(url: str, request: bytes) -> bytes:
    """What the server answers to bytes that no client library would send."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(PATIENCE):
            return await reader.read(65_536)
    except ConnectionError:
        return b""
    finally:
        writer.close()
