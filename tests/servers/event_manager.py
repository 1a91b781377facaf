"""A program that plays the EventManager: it checks what comes against its contract, and can be told to do wrong."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

from foundation.http.standard_webhooks import NotSigned, check

FIELDS: Final = {
    "id", "type", "source", "topic", "timestamp", "version", "priority", "payload", "metadata", "correlationId",
    "causationId",
}  # fmt: skip
METADATA: Final = {"projectId", "userId", "sessionId", "tags", "retryCount", "maxRetries"}
PRIORITIES: Final = {"CRITICAL", "HIGH", "NORMAL", "LOW"}


class EventManagerServer:
    """Runs while it is entered.

    `events` is what it took, in order and with repeats; `status` what it answers; `refuses` says of an event whether
    it fails within a batch, `poisons` whether it spoils its whole batch with `poison_status`.
    """

    def __init__(self, *, secret: bytes = b"", token: str = "") -> None:
        self.events: list[dict[str, Any]] = []
        self.batches: list[list[str]] = []
        self.subscriptions: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.status = 200
        self.retry_after = ""
        self.pause = 0.0
        self.pause_after_taking = 0.0
        self.refuses: Callable[[dict[str, Any]], bool] = lambda event: False
        self.poisons: Callable[[dict[str, Any]], bool] = lambda event: False
        self.poison_status = 400
        self.keeps_ids = True
        self._secret, self._token = secret, token
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self._connections: set[socket.socket] = set()
        self._turn = threading.Lock()
        """Held while it takes events, and while it goes: once it is away it takes none."""

    @property
    def url(self) -> str:
        """Its address, also while it is away."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def ids(self) -> list[str]:
        """Of what it took, repeats left out, in the order in which they first came."""
        return list(dict.fromkeys(event["id"] for event in self.events))

    def __enter__(self) -> Self:
        self.come()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.go()

    def come(self) -> None:
        """It is there, on its address."""
        kept = self

        class Call(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                kept._connections.add(self.connection)

            def finish(self) -> None:
                kept._connections.discard(self.connection)
                super().finish()

            def do_POST(self) -> None:
                with contextlib.suppress(ConnectionError):  # either side is away
                    body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                    kept._answer(self, body)

            def log_message(self, *words: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Call)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def go(self) -> None:
        """It is away: nobody comes in, and who was in is cut off, whether in the middle of a call or between two."""
        if self._server is None:
            return
        self._server.shutdown()
        with self._turn:
            self._server.server_close()
            self._server = None
            for connection in list(self._connections):
                with contextlib.suppress(OSError):  # it has ended meanwhile
                    connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, call: BaseHTTPRequestHandler, body: bytes) -> None:
        time.sleep(self.pause)
        if self._token and call.headers.get("Authorization") != f"Bearer {self._token}":
            return self._say(call, 401, {"error": "who?"})
        if self._secret:
            try:
                headers = {name.lower(): value for name, value in call.headers.items()}
                check(self._secret, headers, body, now=time.time())
            except NotSigned as fault:
                self.faults.append(str(fault))
                return self._say(call, 401, {"error": str(fault)})
        if self.status != 200:
            return self._say(call, self.status, {"error": "no"})
        if call.path == "/subscriptions":
            self.subscriptions.append(json.loads(body))
            return self._say(call, 201, {"id": str(uuid.uuid4())})
        if call.path == "/events/batch":
            return self._batch(call, json.loads(body)["events"])
        return self._say(call, 404, {"error": "no such door"})

    def _batch(self, call: BaseHTTPRequestHandler, events: list[dict[str, Any]]) -> None:
        self.batches.append([event["id"] for event in events])
        if any(map(self.poisons, events)):
            return self._say(call, self.poison_status, {"error": "one of these is no event"})
        results = self._take(events)
        failed = sum(not each["success"] for each in results)
        time.sleep(self.pause_after_taking)
        return self._say(call, 200, {"success": not failed, "results": results, "failedCount": failed})

    def _take(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        results = []
        with self._turn:
            if self._server is None:
                raise ConnectionResetError
            for event in events:
                self.faults += faults_of(event)
                is_taken = not self.refuses(event)
                if is_taken:
                    self.events.append(event)
                results.append({"success": is_taken, "eventId": event["id"] if self.keeps_ids else str(uuid.uuid4())})
        return results

    def _say(self, call: BaseHTTPRequestHandler, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        call.send_response(status)
        if self.retry_after:
            call.send_header("Retry-After", self.retry_after)
        call.send_header("Content-Type", "application/json")
        call.send_header("Content-Length", str(len(data)))
        call.end_headers()
        call.wfile.write(data)


def faults_of(event: dict[str, Any]) -> list[str]:
    """In what the envelope is not of the contract."""
    faults = []
    if event.keys() != FIELDS:
        faults.append(f"fields {sorted(event.keys() ^ FIELDS)}")
        return faults
    if event["metadata"].keys() != METADATA:
        faults.append(f"metadata {sorted(event['metadata'].keys() ^ METADATA)}")
    if str(uuid.UUID(event["id"])) != event["id"]:
        faults.append("id")
    if event["source"] != "llm-playground" or not event["type"].startswith("llm_playground."):
        faults.append("source or type")
    if event["topic"] != event["type"].replace(".", "/"):
        faults.append("topic")
    if event["version"] != "1.0" or event["priority"] not in PRIORITIES:
        faults.append("version or priority")
    at = datetime.fromisoformat(event["timestamp"])
    if at.utcoffset() is None or at.utcoffset().total_seconds():  # type: ignore[union-attr]
        faults.append("timestamp")
    payload = event["payload"]
    if (payload.get("type"), payload.get("timestamp")) != (event["type"], event["timestamp"]):
        faults.append("payload's type or timestamp")
    return faults
