"""A provider that answers every call with the same bytes, in as many chunks as it is told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from types import TracebackType
from typing import Self

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END = b"0\r\n\r\n"


class RawProvider:
    """`async with RawProvider() as provider: provider.plays(body)`; `url` is where it listens."""

    def __init__(self) -> None:
        self._head, self._pieces, self._ends, self._hangs = b"", [b""], True, False
        self._begins_after = self._falls_silent = 0.0
        self._server: asyncio.Server | None = None
        self.calls = 0

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def plays(
        self,
        body: bytes | Sequence[bytes],
        *,
        content_type: str | None = "text/event-stream",
        encoding: str | None = None,
        every: int = 0,
        is_cut: bool = False,
        hangs: bool = False,
        status: str = "200 OK",
        begins_after: float = 0.0,
        falls_silent: float = 0.0,
    ) -> None:
        """What the next calls get.

        `every`: bytes a chunk; `is_cut`: the connection closes before the body's end; `hangs`: nothing more comes.
        `begins_after`: seconds before its first byte; `falls_silent`: seconds before its last piece.
        """
        whole = [body] if isinstance(body, bytes) else list(body)
        step = every or max(1, len(b"".join(whole)))
        self._pieces = [piece[at : at + step] for piece in whole for at in range(0, len(piece), step)]
        lines = [f"HTTP/1.1 {status}", "transfer-encoding: chunked"]
        lines += [f"content-type: {content_type}"] if content_type else []
        lines += [f"content-encoding: {encoding}"] if encoding else []
        self._head, self._ends = ("\r\n".join(lines) + "\r\n\r\n").encode(), not is_cut
        self._hangs = hangs
        self._begins_after, self._falls_silent = begins_after, falls_silent

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if length := LENGTH.search(head):
                    await reader.readexactly(int(length[1]))
                self.calls += 1
                await asyncio.sleep(self._begins_after)
                writer.write(self._head)
                for place, piece in enumerate(self._pieces, start=1):
                    if place == len(self._pieces):
                        await asyncio.sleep(self._falls_silent)
                    writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                    await writer.drain()
                    await asyncio.sleep(0)
                if self._hangs:
                    await reader.read()  # Until the client leaves.
                if not self._ends:
                    return
                writer.write(END)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
