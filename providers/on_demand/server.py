"""Servers that are started when someone first needs them, shared by all processes of one data folder."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

from foundation.processes import is_alive, launch
from providers.errors import Code, ProviderFailure
from providers.http.excerpt import safe_excerpt
from providers.on_demand.announcement import Announced, answers, read, touch

POLL = 0.03
TOUCH_EVERY = 5.0
LONGEST_BACK_OFF = 60.0
STOP_PATIENCE = 5.0
"""Seconds; the whole stop of a service stays within ten."""
LOG_LIMIT = 1024 * 1024


class OnDemandServer:
    """A server of which at most one runs per `folder`; whoever needs it first starts it.

    `command` must announce itself in `folder` (announcement.Announcement) and end itself after `idle_seconds`
    without use. It dies with the process that started it; the next one to need it starts it anew. Its output goes
    to `log` in the folder. `environment` is all that it sees of ours.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        folder: Path,
        idle_seconds: float,
        *,
        environment: Mapping[str, str] | None = None,
        start_deadline: float = 60.0,
    ) -> None:
        self.name = name
        self.folder = folder
        self._command = command
        self._idle_seconds = idle_seconds
        self._environment = environment
        self._start_deadline = start_deadline
        self._known: Announced | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._users = 0
        self._timer: asyncio.TimerHandle | None = None
        self._failures = 0
        self._retry_at = 0.0

    async def ensure(self) -> Announced:
        """The running server, started when there is none.

        Raises ProviderFailure(PROVIDER_UNAVAILABLE); after a failed start at once, until the back-off is over.
        """
        found = read(self.folder)
        if found is not None and found == self._known and is_alive(found.pid):
            return found
        async with self._locked():
            found = read(self.folder)
            if found is None or not is_alive(found.pid) or not await answers(found.address):
                found = await self._start()
            self._known = found
            return found

    @contextlib.asynccontextmanager
    async def use(self) -> AsyncIterator[Announced]:
        """The running server, kept from ending itself while the block runs."""
        server = await self.ensure()
        while not touch(self.folder):  # It ended itself in between.
            server = await self.ensure()
        self._users += 1
        if self._timer is None:
            self._keep()
        try:
            yield server
        finally:
            self._users -= 1
            touch(self.folder)
            self._rest()

    def stop(self) -> None:
        """Ends the server if this process started it; others lose it too, and start a new one when they need it.

        One that does not end within `STOP_PATIENCE` is killed.
        """
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            # A kill is not refused, but the kernel may hold a process in its disk: that is not waited out either.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_PATIENCE)

    def _rest(self) -> None:
        if self._timer is not None and not self._users:
            self._timer.cancel()
            self._timer = None

    def _keep(self) -> None:
        """Touches now and then as long as someone uses the server."""
        touch(self.folder)
        every = min(TOUCH_EVERY, self._idle_seconds / 4)
        self._timer = asyncio.get_running_loop().call_later(every, self._keep)

    @contextlib.asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        """Alone with the folder, among all processes and tasks of this machine."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        until = time.monotonic() + self._start_deadline
        with _open(self.folder / "lock") as descriptor:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise self._unavailable("it is still starting") from None
                    await asyncio.sleep(POLL)
            yield  # Closing the descriptor lets go of the lock.

    async def _start(self) -> Announced:
        """Called under the lock."""
        wait = self._retry_at - time.monotonic()
        if wait > 0:
            raise self._unavailable("its last start failed", retry_after=wait)
        try:
            found = await self._launch()
        except ProviderFailure:
            self._failures += 1
            self._retry_at = time.monotonic() + min(2.0 ** (self._failures - 1), LONGEST_BACK_OFF)
            raise
        self._failures = 0
        return found

    async def _launch(self) -> Announced:
        (self.folder / "address").unlink(missing_ok=True)
        log = self.folder / "log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(self.folder / "log.1")
        # From this thread and no other: the kernel ends the server when the *thread* that started it ends.
        with _open(log, os.O_APPEND) as descriptor:
            try:
                process = launch(self._command, environment=self._environment, output=descriptor)
            except OSError:
                raise self._unavailable("it could not be started") from None
        self._process = process
        try:
            return await self._announced(process)
        except BaseException:
            process.kill()
            raise

    async def _announced(self, process: subprocess.Popen[bytes]) -> Announced:
        until = time.monotonic() + self._start_deadline
        while time.monotonic() < until:
            found = read(self.folder)
            if found is not None and found.pid == process.pid:
                return found
            if process.poll() is not None:
                raise self._unavailable(f"it ended at its start: {self._last_line()}")
            await asyncio.sleep(POLL)
        raise self._unavailable(f"it was not ready after {self._start_deadline:g} s")

    def _last_line(self) -> str:
        lines = (self.folder / "log").read_bytes()[-4096:].decode("utf-8", "replace").splitlines()
        return safe_excerpt(next((line for line in reversed(lines) if line.strip()), "it said nothing"))

    def _unavailable(self, why: str, *, retry_after: float | None = None) -> ProviderFailure:
        detail = f"{self.name} is not available: {why}."
        return ProviderFailure(Code.PROVIDER_UNAVAILABLE, detail, is_retryable=True, retry_after=retry_after)


@contextlib.contextmanager
def _open(path: Path, flags: int = 0) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | flags, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
