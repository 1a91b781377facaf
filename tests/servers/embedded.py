"""PostgreSQL and Valkey for the whole test run, in a data folder that goes with it."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from foundation.processes import how_it_ended
from foundation.servers import addresses
from foundation.servers.folder import DataFolder
from foundation.servers.postgres import Postgres
from foundation.servers.server import Server
from foundation.servers.valkey import Valkey


def make_data_folder() -> Path:
    """A new folder, removed when the run ends."""
    folder = Path(tempfile.mkdtemp(prefix="playground-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class EmbeddedServers:
    """Both servers, running between `with` and its end; PostgreSQL without fsync unless `durable`."""

    def __init__(self, data_dir: Path, *, durable: bool = False) -> None:
        self.data_dir = data_dir
        self.database_url = addresses.database_url(data_dir)
        self.redis_url = addresses.redis_url(data_dir)
        self._durable = durable
        self._processes: dict[Server, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._folder = DataFolder.take(self.data_dir)
        try:
            for server in (Postgres(self._folder, durable=self._durable), Valkey(self._folder)):
                self.start(server)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def start(self, server: Server) -> None:
        """Starts one of them; raises CannotStart with the end of its log."""
        self._processes[server] = server.start()

    def named(self, kind: str) -> tuple[Server, subprocess.Popen[bytes]]:
        """The server of a class, and its process."""
        return next(pair for pair in self._processes.items() if type(pair[0]).__name__ == kind)

    def revive(self) -> list[str]:
        """Starts anew what has ended; says of each how it ended and what its log says last."""
        told = []
        for server, process in self._processes.items():
            if process.poll() is not None:
                told.append(f"{server.name} {how_it_ended(process)} and was started anew. {server.tail()}")
                self.start(server)
        return told

    def wait_until_well(self) -> None:
        """They are: `start` waits for that."""

    def _end(self) -> None:
        for server, process in reversed(self._processes.items()):
            server.end(process)
        self._folder.release()
