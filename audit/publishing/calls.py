"""A POST to a place that the operator named: with an end in time and size, and to nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import aiohttp

from audit.publishing.errors import NotPublished
from foundation.words import number

PATIENCE: Final = 10.0
"""Seconds for the whole call."""


def post(url: str, body: bytes, headers: Mapping[str, str], *, who: str, most: int = 0) -> tuple[int, bytes]:
    """Status and body of the answer, which is read where `most` bytes are allowed; NotPublished where there is none.

    No redirect is followed; the operator named the host: it may lie in their network.
    """
    try:
        return asyncio.run(_post(url, body, headers, who, most))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NotPublished(f"{who} gave no answer ({type(error).__name__})") from None


async def _post(url: str, body: bytes, headers: Mapping[str, str], who: str, most: int) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            headers={**headers, "User-Agent": "llm-playground", "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        ) as session,
        session.post(url, data=body, allow_redirects=False) as response,
    ):
        answer = b""
        if most:
            async for chunk in response.content.iter_any():
                answer += chunk
                if len(answer) > most:
                    raise NotPublished(f"{who} answered with more than {number(most)} bytes")
        return response.status, answer
