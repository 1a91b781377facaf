"""The service as `make run` has it: under its supervisor, which starts again what has ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path
from typing import Self

import psutil

from foundation.processes import how_it_ended, kill_session, launch
from foundation.servers.folder import CannotStart
from foundation.supervisor import programs
from foundation.supervisor.supervisor import answers
from tests.servers.service import NO_HINDRANCE, Simulator
from tests.waiting import PATIENCE

STOPPED_WITHIN = 20.0
"""Seconds; longer than the ten that a stop may take."""


class SupervisedService:
    """`manage.py serve` on servers that others start, between `with` and its end; with more in its environment."""

    def __init__(self, *, database_url: str, redis_url: str, **environment: str) -> None:
        self.simulator = Simulator()
        self.data_dir = Path(tempfile.mkdtemp(prefix="playground-supervised-"))
        shutil.copy(Path(os.environ["PLAYGROUND_DATA_DIR"]) / "secrets.json", self.data_dir)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
        self.url = f"http://127.0.0.1:{port}"
        self._environment = {
            **os.environ,
            **self.simulator.environment(),
            **NO_HINDRANCE,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PLAYGROUND_DATA_DIR": str(self.data_dir),
            "PORT": port,
            **environment,
        }

    def __enter__(self) -> Self:
        self._process = launch(programs.manage("serve"), folder=programs.ROOT, environment=self._environment)
        until = time.monotonic() + PATIENCE
        while not answers(self.url) or not self.has("worker"):
            if self._process.poll() is not None or time.monotonic() > until:
                self._end()
                raise CannotStart(f"The service did not answer: it {how_it_ended(self._process)}.")
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOPPED_WITHIN)
        finally:
            self._end()

    def has(self, program: str) -> bool:
        """Whether Celery's "worker" or "beat" runs."""
        return self._find(program) is not None

    def program(self, name: str) -> psutil.Process:
        """Celery's "worker" or "beat", as it runs now; a worker's pool are its children."""
        found = self._find(name)
        assert found is not None, f"{name} does not run"
        return found

    def _find(self, name: str) -> psutil.Process | None:
        for child in psutil.Process(self._process.pid).children():
            try:
                if name in child.cmdline():
                    return child
            except psutil.Error:
                continue  # it has ended meanwhile
        return None

    def _end(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended, and with it what it had started
            for child in psutil.Process(self._process.pid).children():
                kill_session(child.pid)
        kill_session(self._process.pid)
        self._process.wait()
        self.simulator.stop()
        shutil.rmtree(self.data_dir, ignore_errors=True)
