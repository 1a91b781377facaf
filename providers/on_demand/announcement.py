"""The file by which an on-demand server is found, and by whose age it knows that nobody needs it any more."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson

FILE = "address"
ANSWERS_WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Announced:
    """A running server: `address` is an http URL or the path of a UNIX socket, `key` what it wants to be shown."""

    pid: int
    address: str
    key: str = ""

    def __repr__(self) -> str:
        return f"Announced(pid={self.pid}, address={self.address!r})"


def read(folder: Path) -> Announced | None:
    """What the folder's server announced; None when there is none."""
    try:
        return Announced(**orjson.loads((folder / FILE).read_bytes()))
    except (OSError, TypeError, orjson.JSONDecodeError):
        return None


def touch(folder: Path) -> bool:
    """Says that the server is needed; False when it has taken its announcement back."""
    try:
        os.utime(folder / FILE)
    except FileNotFoundError:
        return False
    return True


async def answers(address: str) -> bool:
    """Whether something takes connections there."""
    url = urlsplit(address)
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            if url.hostname:
                _, writer = await asyncio.open_connection(url.hostname, url.port)
            else:
                _, writer = await asyncio.open_unix_connection(address)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


class Announcement:
    """The server's side: it announces itself once it is ready, and asks now and then whether it may end."""

    def __init__(self, folder: Path, announced: Announced, idle_seconds: float) -> None:
        self._path = folder / FILE
        self._announced = announced
        self._idle_seconds = idle_seconds
        self._publish()

    def take_back(self) -> bool:
        """True when nobody used the server for `idle_seconds`, or it was replaced: it ends now.

        A client touches the file by its name, before it connects. So it either came before the file was removed,
        which the second look at the removed file shows, or it finds no file and starts a new server.
        """
        if read(self._path.parent) != self._announced:
            return True
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return True
        try:
            before = os.fstat(descriptor).st_mtime_ns
            if time.time_ns() - before < self._idle_seconds * 1e9:
                return False
            self._path.unlink(missing_ok=True)
            if os.fstat(descriptor).st_mtime_ns == before:
                return True
        finally:
            os.close(descriptor)
        self._publish()
        return False

    def _publish(self) -> None:
        """At once or not at all, and readable to our user only: it holds the key."""
        fresh = self._path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(asdict(self._announced)))
        fresh.replace(self._path)
