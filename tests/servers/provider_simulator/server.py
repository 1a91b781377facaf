"""The simulator's sockets: HTTP read by hand, scripts written step by step, every call in the ledger."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import orjson

from tests.servers.provider_simulator import listing
from tests.servers.provider_simulator.answers import script_of
from tests.servers.provider_simulator.batches import Batches
from tests.servers.provider_simulator.faults import fault_of
from tests.servers.provider_simulator.ledger import Entry, Ledger
from tests.servers.provider_simulator.question import WIRES, Question
from tests.servers.provider_simulator.steps import Cut, Hang, Pause, Reset, Script, Step, json_answer

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
KEY = re.compile(rb"\r\n(?:authorization: *bearer|x-api-key:) *(fault-[\w-]+)", re.IGNORECASE)
WRITTEN_AT_ONCE = 512
"""Steps that are written without waiting for the reader; longer scripts heed it."""


class Connection(asyncio.Protocol):
    """One client; its calls come one after the other."""

    transport: asyncio.Transport

    def __init__(self, simulator: ProviderSimulator) -> None:
        self.simulator = simulator
        self.buffer = b""
        self.entry: Entry | None = None
        self.task: asyncio.Task[None] | None = None
        self.is_writable = asyncio.Event()
        self.is_writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self.simulator.connections.add(self)

    def connection_lost(self, reason: Exception | None) -> None:
        self.simulator.connections.discard(self)
        if self.entry is not None:
            self.entry.end(finished=False, closed_by="client")
        if self.task is not None:
            self.task.cancel()

    def pause_writing(self) -> None:
        self.is_writable.clear()

    def resume_writing(self) -> None:
        self.is_writable.set()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self.task is None and self._take_request():
            pass

    def _take_request(self) -> bool:
        """Answers the next whole request in the buffer; False when there is none yet."""
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = self.buffer[:end]
        found = LENGTH.search(head)
        length = int(found[1]) if found else 0
        if len(self.buffer) < end + 4 + length:
            return False
        body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
        self._answer(head, body)
        return True

    def _answer(self, head: bytes, body: bytes) -> None:
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        path, _, query = target.partition("?")
        wire = WIRES.get(path)
        ledger = self.simulator.ledger
        if wire is None:
            self._run(self._page(method, path, query, head, body))
            return
        question = Question.read(wire, body)
        ledger.requests.append((target, head, body))
        self.entry = ledger.open(question.name, wire)
        script = fault_of(question, ledger.times_asked[question.name], head) if b"fault" in body else None
        self._run(script_of(question) if script is None else script)

    def _page(self, method: str, path: str, query: str, head: bytes, body: bytes) -> Script:
        """Everything but the four chat wires."""
        ledger = self.simulator.ledger
        match method, path:
            case "GET", "/ledger":
                return json_answer(ledger.calls(only_open="open=1" in query))
            case "DELETE", "/ledger":
                ledger.clear()
                return json_answer([])
            case "GET", "/requests":
                return json_answer(self.simulator.requests())
            case "POST", "/api/show":
                asked = orjson.loads(body)
                return listing.show(asked.get("model") or asked.get("name"))
            case "GET", "/v1/models" | "/api/tags" | "/llm/models":
                # A listing has no model's name to choose a fault by: the key does it.
                return self._listing(path, head)
        if (script := self.simulator.batches.answer(method, path, query, head, body)) is not None:
            return script
        return json_answer({"error": {"message": f"no such page: {path}"}}, 404)

    def _listing(self, path: str, head: bytes) -> Script:
        is_anthropic = b"anthropic-version" in head.lower()
        if key := KEY.search(head):
            wire, name = "anthropic" if is_anthropic else "openai", key[1].decode()
            question = Question(wire, name, name, False, False, {"messages": [{"role": "user", "content": ""}]})
            return fault_of(question, 1, head) or []
        if path == "/llm/models":
            return listing.of_dadms()
        return listing.tags() if path == "/api/tags" else listing.models(anthropic=is_anthropic)

    def _run(self, script: Script) -> None:
        """Short scripts of plain bytes are written at once, all others by a task."""
        if isinstance(script, list) and len(script) < WRITTEN_AT_ONCE and all(type(step) is bytes for step in script):
            for step in script:
                self._write(step)
            self._end(finished=True)
        else:
            self.task = asyncio.get_running_loop().create_task(self._play(script))

    async def _play(self, script: Script) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        assert isinstance(script, Iterable)
        for step, is_last in with_last(script):
            if isinstance(step, bytes):
                self._write(step)
                if is_last:  # a provider is done with a call when it has said all, not when it was heard
                    self._end(finished=True)
                await self._breathe()
            elif isinstance(step, Pause):
                due += step.seconds
                await asyncio.sleep(max(0.0, due - loop.time()))
            elif isinstance(step, Hang):
                await asyncio.Event().wait()
            elif isinstance(step, Cut | Reset):
                self._close(is_reset=isinstance(step, Reset))
                return
        self._end(finished=True)
        self.task = None
        self.data_received(b"")

    async def _breathe(self) -> None:
        """Others get their turn; a client that reads slowly is waited for, one that left ends the script."""
        if self.transport.is_closing():
            await asyncio.Event().wait()  # connection_lost cancels us
        await asyncio.sleep(0)
        await self.is_writable.wait()

    def _write(self, data: bytes) -> None:
        self.transport.write(data)
        if self.entry is not None:
            self.entry.bytes_out += len(data)

    def _end(self, *, finished: bool, closed_by: str | None = None) -> None:
        if self.entry is not None:
            self.entry.end(finished=finished, closed_by=closed_by)
            self.entry = None

    def _close(self, *, is_reset: bool) -> None:
        self._end(finished=False, closed_by="us")
        if is_reset:
            # Lingering for zero seconds makes the kernel send RST instead of FIN.
            raw = self.transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self.transport.close()


def with_last(script: Iterable[Step]) -> Iterator[tuple[Step, bool]]:
    """Each step, and whether none follows."""
    steps = iter(script)
    for step in steps:
        for following in steps:
            yield step, False
            step = following
        yield step, True


class ProviderSimulator:
    """The simulator in this process; `async with ProviderSimulator() as sim: sim.base_url`."""

    def __init__(self, *, port: int = 0, unix_socket: Path | None = None) -> None:
        self._port = port
        self._unix_socket = unix_socket
        self._server: asyncio.Server | None = None
        self.ledger = Ledger()
        self.batches = Batches(self.ledger)
        self.connections: set[Connection] = set()

    @property
    def url(self) -> str:
        """http://127.0.0.1:PORT: Ollama's and Anthropic's base URL."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """OpenAI's base URL, which ends with /v1."""
        return f"{self.url}/v1"

    def requests(self) -> list[dict[str, Any]]:
        """The last requests, oldest first: target, headers (names in lower case), JSON body."""
        answers = []
        for target, head, body in self.ledger.requests:
            lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:]]
            headers = {name.lower(): value for name, _, value in lines}
            answers.append({"target": target, "headers": headers, "body": orjson.loads(body)})
        return answers

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        if self._unix_socket is not None:
            self._server = await loop.create_unix_server(lambda: Connection(self), str(self._unix_socket))
            return self
        self._server = await loop.create_server(lambda: Connection(self), "127.0.0.1", self._port, backlog=1024)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for connection in list(self.connections):
            connection.transport.abort()
        await self._server.wait_closed()
