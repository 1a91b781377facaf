"""A program that is told things by POST, and keeps them with their headers."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class WebhookSink:
    """Runs while it is entered; `calls` is what came, `status` what it answers."""

    def __init__(self, listener: socket.socket | None = None) -> None:
        """At `listener`, which stays its owner's; else at a port of its own."""
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.is_asked = False
        """Whether anybody has asked, be it that nothing is answered yet."""
        self.gate: threading.Event | None = None
        """Nothing is answered before it is set."""
        kept = self

        class Call(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                kept.is_asked = True
                if kept.gate is not None:
                    kept.gate.wait(30)
                kept.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(kept.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *words: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Call)
        if listener is not None:
            self._server.socket.close()
            self._server.socket = listener.dup()
            self._server.server_address = listener.getsockname()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/heads"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
