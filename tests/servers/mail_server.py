"""A mail server that keeps what it is sent, or turns it away (RFC 5321, as far as a client needs it)."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType
from typing import Self


class MailServer:
    """Runs while it is entered; `messages` is what came."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.refuses = False
        self.unknown: set[str] = set()
        """Addresses that it refuses though it takes others."""
        kept = self

        class Conversation(socketserver.StreamRequestHandler):
            def say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

            def handle(self) -> None:
                self.say("220 here")
                while line := self.rfile.readline().decode().strip():
                    verb = line[:4].upper()
                    if verb == "QUIT":
                        self.say("221 bye")
                        return
                    if verb == "RCPT" and (kept.refuses or any(each in line for each in kept.unknown)):
                        self.say("550 nobody of that name")
                    elif verb == "DATA":
                        self.say("354 go on")
                        lines = []
                        while (text := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                            lines.append(text)
                        kept.messages.append("\n".join(lines))
                        self.say("250 kept")
                    else:
                        self.say("250 well")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
