"""The service as processes of its own, on the test database, with the provider simulator as every provider."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from foundation.processes import how_it_ended, kill_session, launch
from foundation.servers.folder import CannotStart
from foundation.supervisor import listener, programs
from foundation.supervisor.supervisor import answers
from tests.waiting import PATIENCE

NO_HINDRANCE = dict.fromkeys(("RATE_LIMIT_STANDARD", "RATE_LIMIT_STREAMING", "RATE_LIMIT_EVALUATION"), "1000000")
"""Limits that no test of anything else comes near, counted as any others are."""


class Simulator:
    """The provider simulator in a process of its own."""

    def __init__(self) -> None:
        self.url = self._start("0")

    def _start(self, port: str) -> str:
        command = [sys.executable, "-m", "tests.servers.provider_simulator", "--port", port]
        self._process = launch(command, folder=programs.ROOT, output=subprocess.PIPE)
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode().rpartition(" ")[2].strip()

    def revive(self) -> list[str]:
        """Starts it anew on its address when it has ended; says how it ended."""
        if self._process.poll() is None:
            return []
        told = f"The provider simulator {how_it_ended(self._process)} and was started anew."
        self._start(self.url.rpartition(":")[2])
        return [told]

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def environment(self) -> dict[str, str]:
        """Variables that make it all three providers."""
        return {
            "OPENAI_API_KEY": "sk-simulator",
            "OPENAI_BASE_URL": f"{self.url}/v1",
            "ANTHROPIC_API_KEY": "sk-ant-simulator",
            "ANTHROPIC_BASE_URL": self.url,
            "OLLAMA_ENDPOINT": self.url,
        }

    def stop(self) -> None:
        """Ends it."""
        kill_session(self._process.pid)
        self._process.wait()


class Web:
    """A web process on a port of its own; its socket stays open over a restart, as under the supervisor."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._socket = listener.listen("127.0.0.1", 0)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._start()

    @property
    def pid(self) -> int:
        """The process that serves now."""
        return self._process.pid

    def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends the process with `how` (SIGKILL: as a crash) and starts a new one on the same address."""
        self._end(how)
        self._start()

    def stop(self) -> None:
        """Ends it for good."""
        self._end(signal.SIGTERM)
        self._socket.close()

    def revive(self) -> list[str]:
        """Starts it anew when it has ended by itself; says how it ended."""
        if self._process.poll() is None:
            return []
        told = f"The web {how_it_ended(self._process)} and was started anew."
        self._start()
        return [told]

    def _start(self) -> None:
        number = self._socket.fileno()
        command = programs.web(self._environment.get("WEB_SERVER", "uvicorn"), number)
        self._process = launch(command, folder=programs.ROOT, environment=self._environment, pass_fds=(number,))
        until = time.monotonic() + PATIENCE
        while not answers(self.url):
            if self._process.poll() is not None or time.monotonic() > until:
                self._process.kill()
                raise CannotStart(f"The web did not answer: it {how_it_ended(self._process)}.")
            time.sleep(0.02)

    def _end(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        kill_session(self._process.pid)
        self._process.wait()


class Service:
    """Web, Celery worker and beat; more web processes on demand."""

    def __init__(self, *, database_url: str, redis_url: str) -> None:
        self.simulator = Simulator()
        self.webhooks = socket.create_server(("127.0.0.1", 0))
        """Where people's webhooks may be: a host that the operator has named."""
        self.environment = {
            **os.environ,
            **self.simulator.environment(),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "WEBHOOK_HOSTS": f"127.0.0.1:{self.webhooks.getsockname()[1]}",
            "EVALUATION_BATCH_LOOK_SECONDS": "0.3",
            **NO_HINDRANCE,
        }
        self._programs = {
            "The worker": programs.worker(),
            "Beat": programs.beat(Path(os.environ["PLAYGROUND_DATA_DIR"])),
        }
        self._background = {name: self._launch(command) for name, command in self._programs.items()}
        self._more: list[Web] = []
        self.web = Web(self.environment)

    @property
    def url(self) -> str:
        """The web's address."""
        return self.web.url

    @property
    def pid(self) -> int:
        """The web's process."""
        return self.web.pid

    def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Restarts the web on the same address."""
        self.web.restart(how)

    def start_web(self, **environment: str) -> Web:
        """A second web process on the same database and Valkey, with more in its environment."""
        self._more.append(Web({**self.environment, **environment}))
        return self._more[-1]

    def stop_others(self) -> None:
        """Ends what `start_web` has started."""
        while self._more:
            self._more.pop().stop()

    def sign_in_link(self, username: str = "admin") -> str:
        """A fresh one-time link of an administrator, who is made when missing."""
        from accounts.models import User
        from accounts.signing_in import make_link

        user = User.objects.filter(username=username).first() or User.objects.create_superuser(username, None)
        return f"{self.url}/sign-in/{make_link(user, now=datetime.now(UTC))}"

    @property
    def background(self) -> list[subprocess.Popen[bytes]]:
        """Worker and beat."""
        return list(self._background.values())

    def revive(self) -> list[str]:
        """Starts anew what has ended by itself; says of each how it ended."""
        told = self.simulator.revive() + self.web.revive()
        for name, process in self._background.items():
            if process.poll() is not None:
                told.append(f"{name} {how_it_ended(process)} and was started anew.")
                kill_session(process.pid)
                self._background[name] = self._launch(self._programs[name])
        return told

    def wait_until_well(self) -> None:
        """Waits until the web finds its database and Valkey well again; its old connections fail once."""
        until = time.monotonic() + PATIENCE
        while not answers(self.url, "/health"):
            if time.monotonic() > until:
                raise CannotStart(f"{self.url}/health did not become well.")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends everything."""
        self.stop_others()
        self.web.stop()
        for process in self.background:
            kill_session(process.pid)
            process.wait()
        self.simulator.stop()

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        # A worker or beat whose broker is gone with us looks for it for ever, whatever other signal it is told.
        return launch(command, dies_with=signal.SIGKILL, folder=programs.ROOT, environment=self.environment)
