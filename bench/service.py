"""The service and the provider simulator, started for a measurement and stopped after it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

ROOT = Path(__file__).resolve().parent.parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """`manage.py serve` on a data folder that is set up already, so that its start is that of every day."""

    def __init__(self) -> None:
        self.port = _free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="bench-", dir="/var/tmp" if Path("/var/tmp").exists() else None))
        self._folder.chmod(0o755)

    def __enter__(self) -> Self:
        self._simulator = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.provider_simulator", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self._simulator.stdout is not None
        self.provider_port = int(self._simulator.stdout.readline().rsplit(":", 1)[1])
        self.environment = os.environ | {
            "PLAYGROUND_DATA_DIR": str(self._folder),
            "PORT": str(self.port),
            # Counted as ever, and never reached.
            **dict.fromkeys(("RATE_LIMIT_STANDARD", "RATE_LIMIT_STREAMING", "RATE_LIMIT_EVALUATION"), "1000000"),
            "OPENAI_API_KEY": "sk-simulator",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{self.provider_port}/v1",
        }
        self._start()
        self._stop()
        began = time.perf_counter()
        self._start()
        self.start_seconds = time.perf_counter() - began
        self.headers = {"Authorization": f"Bearer {self._token()}"}
        self.tree = psutil.Process(self._serve.pid)
        self.web = self._web_process()
        return self

    def _start(self) -> None:
        self._serve = subprocess.Popen(
            [sys.executable, "manage.py", "serve"], cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the service did not become healthy within three minutes")

    def _stop(self) -> None:
        self._serve.send_signal(signal.SIGINT)
        self._serve.wait(20)

    def _token(self) -> str:
        code = (
            "from accounts.models import User; from accounts.bearer.web_tokens import issue; "
            "user = User.objects.create_user('bench'); print('token', issue(str(user.id), use='access', lifetime=3600))"
        )
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", code],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        found = re.search(r"^token (\S+)$", done.stdout, re.MULTILINE)
        assert found is not None
        return found[1]

    def _web_process(self) -> psutil.Process:
        children = psutil.Process(self._serve.pid).children(recursive=True)
        return next(child for child in children if "uvicorn" in " ".join(child.cmdline()))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._simulator.terminate()
        self._simulator.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)
