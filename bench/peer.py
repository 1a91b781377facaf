"""ferrogw beside us, in the same run: a gateway written in Go, which stores a row a call in SQLite and seals nothing.

`FERROGW=/path/to/ferrogw make bench` measures it (`pip install ferrogw` in an environment of its own).
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

PROGRAM = os.environ.get("FERROGW", "")
MODELS = "tokens-32,tokens-100-every-30ms"
CONFIG = """
strategy: {{mode: fallback}}
targets: [{{virtual_key: ollama}}]
plugins:
  - name: request-logger
    type: logging
    stage: after_request
    enabled: true
    config: {{level: info, persist: true, backend: sqlite, dsn: {log}}}
"""


class Peer:
    """ferrogw in front of the provider simulator."""

    path = "/v1/chat/completions"

    def __init__(self, provider_port: int) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._provider = f"http://127.0.0.1:{provider_port}"
        self.headers = {"Authorization": "Bearer a-master-key-of-thirty-two-letters"}

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-peer-")
        folder = Path(self._folder.name)
        log = folder / "requests.db"
        (folder / "config.yaml").write_text(CONFIG.format(log=log))
        environment = os.environ | {
            "OLLAMA_HOST": self._provider,
            "FERRO_OLLAMA_MODELS": MODELS,
            "RATE_LIMIT_RPS": "0",
            "MASTER_KEY": "a-master-key-of-thirty-two-letters",
            "PORT": str(self.port),
            "GATEWAY_CONFIG": str(folder / "config.yaml"),
            "REQUEST_LOG_STORE_BACKEND": "sqlite",
            "REQUEST_LOG_STORE_DSN": str(log),
        }
        self._process = subprocess.Popen(
            [PROGRAM, "serve"], cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.tree = psutil.Process(self._process.pid)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise RuntimeError("ferrogw did not listen within 20 seconds")

    @staticmethod
    def body(model: str, *, is_streamed: bool) -> dict[str, object]:
        """What it is asked."""
        asked = [{"role": "user", "content": "Say something of thirty-two tokens."}]
        return {"model": model, "messages": asked, "stream": is_streamed, "max_tokens": 64}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._folder.cleanup()
