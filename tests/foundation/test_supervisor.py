"""The supervisor: what it starts ends with it, what dies comes back, what cannot start says why."""

from __future__ import annotations

import contextlib
import os
import random
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import psutil
import pytest

from foundation.processes import User, can_keep_access, launch
from foundation.supervisor import programs
from foundation.supervisor.child import Backoff
from tests.foundation.stand_in import ME
from tests.foundation.test_servers import copy_of_the_programs
from tests.waiting import PATIENCE


def free_port() -> int:
    """Below those that the kernel hands out: nobody else gets it between this look and its use."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.02)


class Run:
    """A supervisor in a process of its own, with what it prints."""

    def __init__(self, data_dir: Path, *options: str, port: int | None = None, prefix: tuple[str, ...] = ()) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}/health/live"
        command = [*prefix, *ME, str(data_dir), str(self.port), *options]
        self.process = subprocess.Popen(
            command, cwd=programs.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.printed: list[str] = []
        self._lines: Queue[str] = Queue()
        self._seen: list[psutil.Process] = []
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def line(self, text: str, seconds: float = PATIENCE) -> str:
        """The next line that contains `text`."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.printed.append(self._lines.get(timeout=max(0.0, deadline - time.monotonic())))
            except Empty:
                pytest.fail(f"{text!r} was not printed; printed:\n{''.join(self.printed)}")
            if text in self.printed[-1]:
                return self.printed[-1]

    def ready(self) -> Run:
        self.line("Ready at")
        return self

    def everything(self) -> list[psutil.Process]:
        """The supervisor and all that it and its children have started."""
        parent = psutil.Process(self.process.pid)
        self._seen += [parent, *parent.children(recursive=True)]
        return self._seen

    def child(self, word: str) -> psutil.Process:
        """The direct child whose command line contains `word`."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if word in " ".join(child.cmdline()))

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)


def none_left(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*options: str, **more: object) -> Run:
        runs.append(Run(tmp_path / "data", *options, **more))  # type: ignore[arg-type]
        return runs[-1]

    yield start
    for started in runs:
        started.end()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_ends_everything_in_time(run: Callable[..., Run], how: signal.Signals) -> None:
    service = run("--servers").ready()
    everything = service.everything()
    assert len(everything) >= 8
    service.process.send_signal(how)
    assert service.process.wait(PATIENCE) == 0
    assert none_left(everything)
    service.line("Stopped")


def test_nothing_outlives_a_killed_supervisor(run: Callable[..., Run]) -> None:
    service = run("--servers", "--stubborn").ready()
    everything = service.everything()
    service.process.kill()
    service.process.wait()
    until(lambda: none_left(everything))


def test_a_run_after_a_kill_waits_for_what_is_left(run: Callable[..., Run]) -> None:
    first = run("--servers").ready()
    first.process.kill()
    first.process.wait()
    assert run("--servers", port=first.port).ready().answers()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_it_stops_with_the_make_that_started_it(tmp_path: Path, how: signal.Signals) -> None:
    target = "run:\n\t@exec $(COMMAND)\n.PHONY: run\n"
    makefile = ("make", "--no-print-directory", "--eval", target, "-f", "/dev/null", "run")
    command = shlex.join([*ME, str(tmp_path / "data"), str(free_port()), "--stop-with-parent"])
    under_make = subprocess.Popen(
        [*makefile, f"COMMAND={command}"],
        cwd=programs.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A test run in the background of a shell ignores SIGINT, and make would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    until(lambda: len(psutil.Process(under_make.pid).children(recursive=True)) >= 4)
    everything = psutil.Process(under_make.pid).children(recursive=True)
    under_make.send_signal(how)
    under_make.wait(PATIENCE)
    until(lambda: none_left(everything))


def test_what_ignores_the_signal_is_ended_too(run: Callable[..., Run]) -> None:
    service = run("--stubborn").ready()
    until(lambda: bool(service.child("stand_in work").children()))
    everything = service.everything()
    service.process.send_signal(signal.SIGINT)
    assert service.process.wait(PATIENCE) == 0
    assert none_left(everything)


def test_a_signal_during_the_start_is_honoured(run: Callable[..., Run]) -> None:
    service = run("--servers")
    service.line("PostgreSQL")
    everything = service.everything()
    service.process.send_signal(signal.SIGINT)
    assert service.process.wait(PATIENCE) == 0
    until(lambda: none_left(everything))
    assert not service.answers()


def test_a_killed_web_comes_back(run: Callable[..., Run]) -> None:
    service = run().ready()
    service.child("uvicorn").kill()
    assert "starting it again in 0.5 s" in service.line("web was ended by SIGKILL")
    service.line("web started again")
    until(service.answers)


def test_a_killed_worker_comes_back_without_its_old_pool(run: Callable[..., Run]) -> None:
    service = run("--stubborn").ready()
    worker = service.child("stand_in work")
    until(lambda: bool(worker.children()))
    pool = worker.children()
    worker.kill()
    service.line("worker was ended by SIGKILL")
    service.line("worker started again")
    assert none_left(pool)


@pytest.mark.parametrize(("program", "name"), [("pginstall/bin/postgres", "PostgreSQL 18"), ("valkey", "Valkey 9")])
def test_a_killed_server_comes_back(run: Callable[..., Run], program: str, name: str) -> None:
    service = run("--servers").ready()
    service.child(program).kill()
    service.line(f"{name} was ended by SIGKILL")
    service.line(f"{name} started again")


def test_a_busy_port_is_named_and_nothing_is_started(run: Callable[..., Run], tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        service = run("--servers", port=other.getsockname()[1])
        assert "PORT" in service.line("another program uses it")
        assert service.process.wait(PATIENCE) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["serve.lock"]


def test_a_second_start_names_the_folder_and_the_first(run: Callable[..., Run], tmp_path: Path) -> None:
    first = run().ready()
    second = run()
    line = second.line("already running")
    assert str(tmp_path / "data") in line
    assert f"pid {first.process.pid}" in line
    assert f":{first.port}" in line
    assert second.process.wait(PATIENCE) == 1
    assert first.answers()


def test_the_web_knows_its_clients(run: Callable[..., Run]) -> None:
    service = run().ready()
    with urllib.request.urlopen(service.url, timeout=5) as answer:
        assert answer.read().startswith(b"('127.0.0.1', ")


@pytest.mark.skipif(os.geteuid() != 0 or not can_keep_access(), reason="root becomes somebody else here")
def test_it_runs_as_a_user_without_a_name() -> None:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    os.chown(folder, 4321, 4321)
    # In its own namespace it may enter only what is open to others, which this checkout need not be.
    places = str(copy_of_the_programs(folder / "packages"))
    environment = {**os.environ, "PYTHONPATH": places}
    user = User(4321, 4321, keeps_access=True)
    command = [*ME, str(folder / "data"), str(free_port()), "--servers"]
    process = launch(command, user=user, folder=programs.ROOT, output=subprocess.PIPE, environment=environment)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.decode())
        if b"Ready at" in line:
            process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0, "".join(lines)
    assert (folder / "data" / "postgres").stat().st_uid == 4321
    shutil.rmtree(folder)


def test_delays_double_up_to_half_a_minute_and_begin_again_after_a_good_life() -> None:
    backoff = Backoff()
    assert [backoff.next(lived=1) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert backoff.next(lived=61) == 0.5


def test_the_watchman_needs_no_package(tmp_path: Path) -> None:
    command = [sys.executable, "-S", "-c", "import foundation.supervisor.watchman"]
    assert subprocess.run(command, cwd=programs.ROOT, check=False).returncode == 0
