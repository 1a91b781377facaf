"""A load generator that costs little: raw keep-alive connections, one call after another on each."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field

import orjson

FIRST_TOKEN = re.compile(
    rb'event: token|"delta":\{[^}]*"content":"[^"]|event: response\.output_text\.delta|"type":"text_delta"'
)
"""Ours, or a vendor's; OpenAI's stream opens with a role and an empty content, which is no token yet."""


@dataclass
class Sample:
    """What was seen of many calls; times in seconds."""

    seconds: float = 0.0
    calls: int = 0
    failures: int = 0
    first: list[float] = field(default_factory=list)
    """To the first token of each stream."""
    whole: list[float] = field(default_factory=list)

    @property
    def per_minute(self) -> float:
        """Calls a minute."""
        return self.calls / self.seconds * 60


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of all lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Caller:
    """One keep-alive connection."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._port = port
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    async def connect(self) -> None:
        """Opens the connection."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)

    async def post(self, path: str, body: dict[str, object]) -> tuple[int, float | None]:
        """Status, and seconds to the first token when the answer is a stream that has one."""
        data = orjson.dumps(body)
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self._headers}Content-Type: application/json\r\n"
        started = time.perf_counter()
        self._writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        header = await self._reader.readuntil(b"\r\n\r\n")
        status = int(header[9:12])
        if b"chunked" not in header:
            length = int(header.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await self._reader.readexactly(length)
            return status, None
        return status, await self._chunks(started)

    async def _chunks(self, started: float) -> float | None:
        first = None
        while size := int(await self._reader.readline(), 16):
            chunk = await self._reader.readexactly(size + 2)
            if first is None and FIRST_TOKEN.search(chunk):
                first = time.perf_counter() - started
        await self._reader.readline()
        return first

    def close(self) -> None:
        """Ends the connection."""
        self._writer.close()


async def run(
    *,
    port: int,
    path: str,
    body: dict[str, object],
    headers: dict[str, str],
    callers: int,
    calls: int,
    over: float = 0.0,
) -> Sample:
    """`calls` calls by `callers` connections; these begin spread `over` so many seconds."""
    sample, left = Sample(), iter(range(calls))

    async def work(position: int) -> None:
        caller = Caller(port, headers)
        await caller.connect()
        await asyncio.sleep(over * position / callers)
        for _ in left:
            began = time.perf_counter()
            status, first = await caller.post(path, body)
            sample.whole.append(time.perf_counter() - began)
            sample.calls += 1
            sample.failures += status != 200
            if first is not None:
                sample.first.append(first)
        caller.close()

    began = time.perf_counter()
    await asyncio.gather(*(work(position) for position in range(callers)))
    sample.seconds = time.perf_counter() - began
    return sample
