"""PostgreSQL and Valkey for the whole test run, in a data folder that goes with it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

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
    """Both servers, running between `with` and its end; PostgreSQL without fsync."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.database_url = addresses.database_url(data_dir)
        self.redis_url = addresses.redis_url(data_dir)

    def __enter__(self) -> EmbeddedServers:
        self._folder = DataFolder.take(self.data_dir)
        servers: list[Server] = [Postgres(self._folder, durable=False), Valkey(self._folder)]
        self._running = [(server, server.start()) for server in servers]
        return self

    def __exit__(self, *_: object) -> None:
        for server, process in reversed(self._running):
            server.end(process)
        self._folder.release()
