"""The data folder: one owner at a time, and a start that stops before it changes anything."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

LOCK = "serve.lock"
MEGABYTE = 1024 * 1024
NEEDED_MEGABYTES = 64


class CannotStart(Exception):
    """The start stops; the message is for the person at the terminal."""


class FolderInUse(CannotStart):
    """Another start of the service owns the folder."""

    def __init__(self, path: Path, holder: Holder | None) -> None:
        self.holder = holder
        who = f"pid {holder.pid}, {holder.address}" if holder else "another process that is just starting"
        super().__init__(
            f"The service is already running on the data folder {path} ({who}). "
            "Stop it first, or set PLAYGROUND_DATA_DIR to another folder."
        )


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the folder: shown to whoever starts a second time."""

    pid: int
    address: str


class DataFolder:
    """A data folder that this process alone may use, until `release` or its end.

    Only its holder starts embedded servers in it; whatever still runs there is left over from a dead holder.
    """

    def __init__(self, path: Path, descriptor: int, *, left_by: Holder | None) -> None:
        self.path = path
        self.left_by = left_by  # the holder that ended without releasing it (SIGKILL, power loss)
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> DataFolder:
        """The locked folder; raises CannotStart when it is in use, not writable or full."""
        path = path.absolute()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise CannotStart(_cannot_write(path, error)) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = _read(descriptor)
            os.close(descriptor)
            raise FolderInUse(path, holder) from None
        return cls(path, descriptor, left_by=_read(descriptor))

    def require_space(self) -> None:
        """Raises CannotStart when the disk is full."""
        disk = os.statvfs(self.path)
        free = disk.f_bavail * disk.f_frsize // MEGABYTE
        if free < NEEDED_MEGABYTES:
            raise CannotStart(
                f"The disk of the data folder {self.path} is full: {free} MB are free, "
                f"{NEEDED_MEGABYTES} MB are needed. Nothing was changed."
            )

    def require_same(self) -> None:
        """Raises CannotStart when the folder was removed or replaced meanwhile: the lock is then on a lost file."""
        try:
            same = os.path.samestat(os.fstat(self._descriptor), (self.path / LOCK).stat())
        except OSError:
            same = False
        if not same:
            raise CannotStart(f"The data folder {self.path} was removed or replaced while the service ran.")

    def announce(self, address: str) -> None:
        """Writes down who holds the folder."""
        self._write(json.dumps({"pid": os.getpid(), "address": address}).encode())

    def release(self) -> None:
        """Gives the folder back after a clean stop."""
        self._write(b"")
        os.close(self._descriptor)

    def keep_holder(self) -> None:
        """Gives the folder back as it was found."""
        os.close(self._descriptor)

    def close_to_others(self, gid: int) -> None:
        """Only the owner, and a group that nobody is in, may enter; a folder that others share stays as it is."""
        state = self.path.stat()
        if state.st_uid == os.geteuid() and not state.st_mode & stat.S_ISVTX:
            os.chown(self.path, -1, gid)
            self.path.chmod(0o710 if os.geteuid() == 0 else 0o700)

    def _write(self, content: bytes) -> None:
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, content, 0)


def _read(descriptor: int) -> Holder | None:
    try:
        return Holder(**json.loads(os.pread(descriptor, 1024, 0)))
    except (ValueError, TypeError):
        return None


def _cannot_write(path: Path, error: OSError) -> str:
    reason = {errno.EROFS: "it is read-only", errno.ENOSPC: "its disk is full", errno.ELOOP: f"{LOCK} is a link"}
    return (
        f"The data folder {path} cannot be written to: {reason.get(error.errno or 0, error.strerror)}. "
        "Nothing was changed. Set PLAYGROUND_DATA_DIR to a folder that this user may write to."
    )
