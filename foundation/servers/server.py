"""What both embedded servers have in common: whom they run as, leftovers, readiness, the reason of a failure."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from foundation.processes import User, can_keep_access, is_alive, launch, send
from foundation.servers import addresses
from foundation.servers.folder import CannotStart, DataFolder

# PostgreSQL refuses root, and a server that needs no rights should have none: "nobody" with a group that is
# nobody else's, so that other programs running as "nobody" can enter neither the folders nor the sockets.
SERVER_UID = 65534
SERVER_GID = 65432
LOG_LIMIT = 8 * 1024 * 1024
TAIL_LINES = 12
ORPHAN_PATIENCE = 10.0
START_ATTEMPTS = 3


class Interrupted(Exception):
    """A signal asked for the stop while something was being waited for."""


class Server(ABC):
    """A server that keeps its data in a folder of its own below the data folder."""

    name: ClassVar[str]
    subfolder: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    pid_file: ClassVar[str]

    def __init__(self, folder: DataFolder) -> None:
        self.data_folder = folder
        self.folder = folder.path / self.subfolder
        self.sockets = addresses.socket_folder(folder.path)
        self.log = folder.path / "logs" / f"{self.subfolder}.log"
        self.user = self._whom()

    @property
    @abstractmethod
    def binary(self) -> Path:
        """The server's program."""

    @abstractmethod
    def check(self) -> None:
        """Raises CannotStart when the data on disk is not ours to open; changes nothing."""

    @abstractmethod
    def create(self) -> None:
        """Makes the data folder when there is none."""

    @abstractmethod
    def command(self) -> list[str | Path]:
        """The server's command line."""

    @abstractmethod
    def why_not_ready(self) -> str | None:
        """None when a client could connect and ask; else the reason."""

    def prepare(self) -> None:
        """Everything before a launch; harmless when repeated."""
        self.data_folder.require_same()
        self._require_same_owner()
        self.check()
        self._make_folders()
        self._end_orphan()
        self.create()

    def launch(self) -> subprocess.Popen[bytes]:
        """Starts the server; its log goes to a file."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            return launch(self.command(), dies_with=self.stop_signal, user=self.user, folder="/", output=log)

    def start(
        self, *, deadline: float = 60.0, interrupted: Callable[[], bool] = lambda: False
    ) -> subprocess.Popen[bytes]:
        """The running server, ready for clients; raises CannotStart with the end of its log."""
        until = time.monotonic() + deadline
        self.prepare()
        for _ in range(START_ATTEMPTS):  # after a kill -9 the dead server's children may need a moment to go
            process = self.launch()
            if self._becomes_ready(process, until, interrupted):
                return process
            time.sleep(0.5)
        raise CannotStart(f"{self.name} ended at its start (exit code {process.returncode}).\n{self.tail()}")

    def tail(self) -> str:
        """The last lines of the server's log."""
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:] if self.log.exists() else []
        return "\n".join([f"The end of {self.log}:", *(f"  {line}" for line in lines)])

    def _becomes_ready(self, process: subprocess.Popen[bytes], until: float, interrupted: Callable[[], bool]) -> bool:
        while process.poll() is None:
            reason = self.why_not_ready()
            if reason is None:
                return True
            if interrupted() or time.monotonic() > until:
                self.end(process)
            if interrupted():
                raise Interrupted
            if time.monotonic() > until:
                raise CannotStart(f"{self.name} did not become ready: {reason}\n{self.tail()}")
            time.sleep(0.03)
        return False

    def end(self, process: subprocess.Popen[bytes], *, patience: float = 5.0) -> None:
        """Stops the server, by force when it takes longer than `patience`."""
        send(process.pid, self.stop_signal)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _whom(self) -> User | None:
        return User(SERVER_UID, SERVER_GID) if os.geteuid() == 0 else None

    def _require_same_owner(self) -> None:
        """Data of somebody who once started here without being root must stay usable for them."""
        expected = self.user.uid if self.user else os.geteuid()
        owner = self.folder.stat().st_uid if self.folder.exists() else expected
        if owner != expected:
            raise CannotStart(
                f"{self.folder} belongs to user {owner}: start as the user who started first in "
                f"{self.data_folder.path}. Nothing was changed."
            )

    def _make_folders(self) -> None:
        if self.user:
            self.data_folder.close_to_others(self.user.gid)
        else:
            self.data_folder.close_to_others(os.getegid())
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        self._make_socket_folder()
        self.user = self._that_reaches(self.user) if self.user else None

    def _make_socket_folder(self) -> None:
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        state = self.sockets.lstat()
        if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
            raise CannotStart(f"{self.sockets} belongs to somebody else: the servers' sockets cannot be kept there.")
        if self.user:
            os.chown(self.sockets, -1, self.user.gid)
        self.sockets.chmod(0o770 if self.user else 0o700)

    def _that_reaches(self, user: User) -> User:
        """The user, with the right to pass closed folders when the program or the data lie in one."""
        if self._reaches(user):
            return user
        with_access = User(user.uid, user.gid, keeps_access=True)
        if can_keep_access() and self._reaches(with_access):
            return with_access
        raise CannotStart(
            f"{self.name} does not run as root, and user {user.uid} cannot reach {self.binary.parent} or "
            f"{self.data_folder.path}: a folder above is closed to others. Start as a user who is not root, "
            "move the checkout and PLAYGROUND_DATA_DIR to a folder open to others (chmod o+x), or install setpriv "
            "(util-linux)."
        )

    def _reaches(self, user: User) -> bool:
        # PostgreSQL looks for its own program, says so when it may not, and still tells its version.
        question = 'test -z "$("$1" --version 2>&1 >/dev/null)" && test -w "$2" && test -x "$3"'
        command: list[str | Path] = ["sh", "-c", question, "sh", self.binary, self.sockets, self.data_folder.path]
        return launch(command, user=user, folder="/", output=subprocess.DEVNULL).wait() == 0

    def _own(self, path: Path) -> None:
        if self.user:
            os.chown(path, self.user.uid, self.user.gid)

    def _end_orphan(self) -> None:
        """Ends the server of a holder that was killed: we hold the folder's lock, so nobody uses it."""
        pid = self._orphan()
        if pid is None:
            return
        send(pid, self.stop_signal)
        until = time.monotonic() + ORPHAN_PATIENCE
        while is_alive(pid):
            if time.monotonic() > until:
                send(pid, signal.SIGKILL)
            time.sleep(0.02)

    def _orphan(self) -> int | None:
        """Its pid; a number that another program got meanwhile does not count: a server works in its folder."""
        try:
            pid = int((self.folder / self.pid_file).read_text().split()[0])
            return pid if Path(f"/proc/{pid}/cwd").resolve() == self.folder.resolve() and is_alive(pid) else None
        except (OSError, ValueError, IndexError):
            return None
