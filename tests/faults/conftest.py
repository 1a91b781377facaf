"""Servers of these tests' own, so that they can be killed; the shared ones live on."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg.rows import dict_row
from redis.asyncio import Redis

from accounts.bearer.web_tokens import issue
from foundation.processes import launch
from foundation.supervisor import programs
from tests.cast import Person
from tests.playground.conftest import Ledger, anonymous, author, ledger, make_provider, provider, stranger
from tests.servers.embedded import EmbeddedServers
from tests.servers.service import Service
from tests.waiting import PATIENCE

__all__ = ["anonymous", "author", "ledger", "make_provider", "provider", "stranger"]


class Ground:
    """Servers that may be stopped and killed, for a service to stand on."""

    def __init__(self, servers: EmbeddedServers) -> None:
        self.servers = servers

    @property
    def database_url(self) -> str:
        """Its PostgreSQL."""
        return self.servers.database_url

    def redis(self) -> Redis:
        """A connection to its Valkey."""
        return Redis.from_url(self.servers.redis_url, socket_timeout=5)

    def rows(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows of a statement."""
        with psycopg.connect(self.database_url, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def tree(self, kind: str) -> list[psutil.Process]:
        """A server's processes, the first of them its parent."""
        _, process = self.servers.named(kind)
        first = psutil.Process(process.pid)
        return [first, *first.children(recursive=True)]

    @contextmanager
    def paused(self, kind: str) -> Iterator[None]:
        """The server is frozen for a while (SIGSTOP)."""
        frozen = self.tree(kind)
        for process in frozen:
            process.suspend()
        try:
            yield
        finally:
            for process in frozen:
                if process.is_running():
                    process.resume()

    def kill(self, kind: str) -> None:
        """The server dies with all its processes, as in a power cut."""
        for member in self.tree(kind):
            member.send_signal(signal.SIGKILL)
        _, process = self.servers.named(kind)
        process.wait()

    def start_again(self, kind: str) -> None:
        """Starts a server that was killed."""
        server, _ = self.servers.named(kind)
        self.servers.start(server)

    def restart(self, kind: str) -> None:
        """Kills a server and starts it again."""
        self.kill(kind)
        self.start_again(kind)


class Place(Ground):
    """A whole installation: the servers, and the service on them."""

    def __init__(self, servers: EmbeddedServers, service: Service) -> None:
        super().__init__(servers)
        self.service = service
        self.person = Person(service.url, None)
        self.ledger = Ledger(service.simulator.url)

    async def execution(self, execution_id: str) -> dict[str, Any]:
        """The row of one execution."""
        (row,) = await asyncio.to_thread(self.rows, "SELECT * FROM prompt_executions WHERE id = %s", execution_id)
        return row


@contextmanager
def own_data_folder() -> Iterator[Path]:
    """A data folder beside the shared one, with the same secrets and static files."""
    shared, name = os.environ["PLAYGROUND_DATA_DIR"], "PLAYGROUND_DATA_DIR"
    folder = Path(tempfile.mkdtemp(prefix="playground-faults-"))
    shutil.copy(Path(shared) / "secrets.json", folder)
    shutil.copytree(Path(shared) / "static", folder / "static")
    os.environ[name] = str(folder)
    try:
        yield folder
    finally:
        os.environ[name] = shared
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def place(static_files: None) -> Iterator[Place]:
    """PostgreSQL, Valkey, migrations and the service, for one module."""
    with own_data_folder() as folder, EmbeddedServers(folder, durable=True) as servers:
        given = {**os.environ, "DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
        migration = launch(programs.manage("migrate", "--verbosity", "0"), environment=given)
        assert migration.wait(PATIENCE) == 0
        service = Service(database_url=servers.database_url, redis_url=servers.redis_url)
        yield Place(servers, service)
        service.stop()


@pytest.fixture
def person(place: Place) -> Person:
    """Somebody new at that place, made on first sight by a token."""
    return Person(place.service.url, None, token=issue(str(uuid.uuid4()), use="access", lifetime=600))
