"""A server that can be started on demand, for tests: `FOLDER IDLE_SECONDS [fail|never|stubborn]`.

It answers 204 to everything.

Every start leaves a line in FOLDER/starts.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from providers.on_demand.announcement import Announced, Announcement


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def main(folder: Path, idle_seconds: float, manner: str = "") -> None:
    with (folder / "starts").open("a") as starts:
        starts.write(f"{os.getpid()}\n")
    if manner == "fail":
        raise SystemExit("The model's file is broken; key sk-not-to-be-shown-1234.")
    if manner == "never":
        time.sleep(60)
    if manner == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    announced = Announced(os.getpid(), f"http://127.0.0.1:{server.server_port}")
    announcement = Announcement(folder, announced, idle_seconds)
    while not announcement.take_back():
        time.sleep(0.02)


main(Path(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])
