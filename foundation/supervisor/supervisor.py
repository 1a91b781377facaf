"""Starts everything in order, keeps it running, and ends it in order within ten seconds."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from foundation.processes import BASIC, OF_PYTHON, adopt_orphans, kill_session, launch, passed_on
from foundation.servers.folder import CannotStart, DataFolder
from foundation.servers.server import Interrupted, Server
from foundation.supervisor import listener, programs
from foundation.supervisor.child import Child
from foundation.supervisor.stopping import StopRequest
from foundation.supervisor.terminal import Step, say
from foundation.supervisor.watchman import PATIENCE, Watchman

WEB_DEADLINE = 90.0
TICK = 0.05
# Together below ten seconds, with what the kill itself takes.
STOP_WEB, STOP_BACKGROUND, STOP_SERVERS = 6.0, 2.0, 1.2


@dataclass(frozen=True, slots=True)
class Preparation:
    """A command that must have succeeded before the web starts, unless it is not needed this time."""

    name: str
    command: programs.Command
    needed: Callable[[], bool] = lambda: True
    afterwards: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, decided by the environment."""

    data_dir: Path
    host: str
    port: int
    web_processes: int
    web: Callable[[int], programs.Command]
    servers: Sequence[type[Server]] = ()
    once_it_is_alone: Callable[[], object] = lambda: None
    """Done when the data folder is nobody else's, before anything is started."""
    preparations: Sequence[Sequence[Preparation]] = ()  # rows side by side, each in its order
    background: Sequence[tuple[str, programs.Command, signal.Signals]] = ()
    once_it_answers: Sequence[programs.Command] = ()
    stop_with_parent: bool = False
    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """All that a program sees, by its name: "web", those of `background`, and "preparations"."""

    def environment_of(self, name: str) -> Mapping[str, str]:
        """What this program sees of the environment."""
        return self.environments.get(name) or passed_on((*BASIC, *OF_PYTHON))

    @property
    def url(self) -> str:
        """Where it will answer."""
        return listener.url(self.host, self.port)


class _Running:
    """A preparation under way."""

    def __init__(self, item: Preparation, environment: Mapping[str, str]) -> None:
        self._item = item
        self._step = Step(item.name)
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `kill`
        self._process = _temporary(item.command, environment, self._output)

    def is_done(self) -> bool:
        """Whether it succeeded; raises CannotStart when it failed."""
        self._step.still()
        if self._process.poll() is None:
            return False
        self._output.seek(0)
        printed = self._output.read().decode(errors="replace")
        self.kill()
        if self._process.returncode != 0:
            raise CannotStart(f"The step '{self._item.name}' failed.\n{printed}")
        self._item.afterwards()
        self._step.done()
        return True

    def kill(self) -> None:
        """Ends it, with all that it started."""
        kill_session(self._process.pid)
        self._process.wait()
        self._output.close()


def _temporary(
    command: programs.Command, environment: Mapping[str, str], output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    return launch(command, environment=environment, folder=programs.ROOT, output=output, dies_with=signal.SIGKILL)


@dataclass
class Supervisor:
    """The parent process; `run` gives its exit code."""

    plan: Plan
    stop: StopRequest
    _servers: list[Child] = field(default_factory=list)
    _web: list[Child] = field(default_factory=list)
    _background: list[Child] = field(default_factory=list)

    def run(self) -> int:
        """Starts, watches and stops; raises CannotStart before anything was started."""
        folder = DataFolder.take(self.plan.data_dir)
        try:
            self._listener = self._listen(folder)
        except BaseException:
            folder.keep_holder()
            raise
        folder.announce(self.plan.url)
        adopt_orphans()
        self._watchman = Watchman()
        try:
            self.plan.once_it_is_alone()
            return self._run(folder)
        finally:
            self._stop()
            self._watchman.dismiss()
            folder.release()

    def _run(self, folder: DataFolder) -> int:
        try:
            self._start(folder)
            while True:
                self.stop.pause(self._next_look())
                self._look_after_children()
        except Interrupted:
            return 0
        except CannotStart as error:
            say(f"The start failed: {error}")
            return 1

    def _listen(self, folder: DataFolder) -> socket.socket:
        """The listening socket; after a kill -9 the dead supervisor's web may still hold the port for a moment."""
        until = time.monotonic() + (PATIENCE + 2 if folder.left_by else 0)
        step = Step("Waiting for the processes of a run that was killed")
        while True:
            try:
                return listener.listen(self.plan.host, self.plan.port)
            except listener.CannotListen as error:
                if not error.busy or time.monotonic() > until:
                    raise
            step.still()
            self.stop.pause(0.1)

    def _start(self, folder: DataFolder) -> None:
        whole = Step("Ready")
        for kind in self.plan.servers:
            server = kind(folder)
            step = Step(f"{server.name} ready")
            self._servers.append(self._started(Child(server.name, self._starter(server), stop_signal=kind.stop_signal)))
            step.done()
        self._prepare(self.plan.preparations)
        self._start_web()
        self._wait_for_web()
        self._start_background()  # only now: on a small machine it would keep the first page waiting
        for command in self.plan.once_it_answers:
            self._run_to_its_end(command)
        whole.done(f"Ready at {self.plan.url}; Ctrl-C stops it")

    def _starter(self, server: Server) -> Callable[[], subprocess.Popen[bytes]]:
        return lambda: server.start(interrupted=self.stop.requested)

    def _started(self, child: Child) -> Child:
        child.start()
        self._tell_watchman(child)
        return child

    def _prepare(self, rows: Sequence[Sequence[Preparation]]) -> None:
        """Runs what is needed; what it prints is shown only when it fails."""
        waiting = [list(row) for row in rows]
        running: dict[int, _Running] = {}
        try:
            while waiting or running:
                for index, row in enumerate(waiting):
                    if index not in running and row:
                        self._begin_next(index, row, running)
                for index, current in list(running.items()):
                    if current.is_done():
                        del running[index]
                if not running and not any(waiting):
                    return
                self.stop.pause(TICK)
        finally:
            for current in running.values():
                current.kill()

    def _begin_next(self, index: int, row: list[Preparation], running: dict[int, _Running]) -> None:
        item = row.pop(0)
        if item.needed():
            running[index] = _Running(item, self.plan.environment_of("preparations"))

    def _run_to_its_end(self, command: programs.Command) -> None:
        process = _temporary(command, self.plan.environment_of("preparations"))
        try:
            while process.poll() is None:
                self.stop.pause(TICK)
        finally:
            kill_session(process.pid)
            process.wait()

    def _start_web(self) -> None:
        number = self._listener.fileno()
        for index in range(self.plan.web_processes):
            name = "web" if self.plan.web_processes == 1 else f"web {index + 1}"
            self._web.append(self._started(self._program(name, self.plan.web(number), kind="web", pass_fds=(number,))))

    def _start_background(self) -> None:
        for name, command, stop_signal in self.plan.background:
            self._background.append(self._started(self._program(name, command, stop_signal=stop_signal)))

    def _program(
        self,
        name: str,
        command: programs.Command,
        *,
        kind: str = "",
        stop_signal: signal.Signals = signal.SIGTERM,
        pass_fds: tuple[int, ...] = (),
    ) -> Child:
        def start() -> subprocess.Popen[bytes]:
            environment = self.plan.environment_of(kind or name)
            return launch(
                command, environment=environment, folder=programs.ROOT, dies_with=stop_signal, pass_fds=pass_fds
            )

        return Child(name, start, stop_signal=stop_signal)

    def _wait_for_web(self) -> None:
        step = Step("Web answers")
        while not answers(self.plan.url):
            self._look_after_children()
            if step.seconds > WEB_DEADLINE:
                raise CannotStart(f"The web did not answer within {WEB_DEADLINE:.0f} s.")
            step.still()
            self.stop.pause(TICK)
        step.done()

    @property
    def _children(self) -> list[Child]:
        return [*self._servers, *self._web, *self._background]

    def _next_look(self) -> float:
        """Seconds until a child is due to be started again."""
        due = [child.restart_at for child in self._children if child.restart_at is not None]
        return max(0.0, min(due) - time.monotonic()) if due else 60.0

    def _look_after_children(self) -> None:
        for child in self._children:
            if child.restart_at is None and child.has_ended():
                how = child.how_it_ended()
                say(f"{child.name} {how}: starting it again in {child.retry_later():.1f} s")
            elif child.restart_at is not None and child.restart_at <= time.monotonic():
                self._start_again(child)
        reap_strangers({child.pid for child in self._children} | {self._watchman.pid})

    def _start_again(self, child: Child) -> None:
        step = Step(f"{child.name} started again")
        try:
            child.start()
        except (CannotStart, OSError) as error:
            say(f"{child.name} could not be started: {error}; trying again in {child.retry_later():.1f} s")
            return
        self._tell_watchman(child)
        step.done()

    def _tell_watchman(self, newest: Child) -> None:
        children = {*self._children, newest}
        self._watchman.watch((child.pid, child.stop_signal) for child in children if child.pid)

    def _stop(self) -> None:
        if not self._children:
            return
        say("Stopping …")
        step = Step("Stopped")
        self._end(self._web, STOP_WEB)
        self._listener.close()
        self._end(self._background, STOP_BACKGROUND)
        self._end(self._servers, STOP_SERVERS)
        step.done()

    def _end(self, children: list[Child], patience: float) -> None:
        """Asks them to stop, and ends by force what does not within `patience` seconds."""
        for child in children:
            child.ask_to_stop()
        until = time.monotonic() + patience
        while not self.stop.hurry and time.monotonic() < until and not all(child.is_gone() for child in children):
            self.stop.wait(TICK)
        for child in children:
            child.kill()


def answers(url: str, path: str = "/health/live") -> bool:
    """Whether the web answers, with whatever it thinks of this Host; on `/health` also whether it is well."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reap_strangers(known: set[int | None]) -> None:
    """Reaps orphans that became our children; those we started ourselves are left to their Popen."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in known:
            return
        os.waitpid(ended.si_pid, 0)
