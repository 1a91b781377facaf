"""Servers started on demand: one for all, found again, gone when idle or when their starter is, typed failures."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from foundation.processes import is_alive
from providers.errors import Code, ProviderFailure
from providers.on_demand import server as on_demand
from providers.on_demand.announcement import Announced, Announcement, read, touch
from providers.on_demand.server import OnDemandServer
from tests.providers.contract import until
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
IDLE = 60.0
Make = Callable[..., OnDemandServer]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    def server(*manner: str, idle_seconds: float = IDLE, start_deadline: float = 20.0) -> OnDemandServer:
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "tests.servers.announced_server",
            tmp_path,
            str(idle_seconds),
            *manner,
        ]
        return OnDemandServer(
            "The server",
            command,
            tmp_path,
            idle_seconds,
            environment={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
            start_deadline=start_deadline,
        )

    yield server
    for pid in starts(tmp_path):
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def starts(folder: Path) -> list[int]:
    file = folder / "starts"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


async def test_it_is_started_once_for_all(make: Make, tmp_path: Path) -> None:
    one, other = make(), make()
    found = await asyncio.gather(*(server.ensure() for server in (one, other, one, other)))
    assert len(set(found)) == 1
    assert len(starts(tmp_path)) == 1


async def test_a_second_process_finds_it(make: Make, tmp_path: Path) -> None:
    found = await make().ensure()
    assert await make("fail").ensure() == found


async def test_after_a_kill_it_is_started_anew(make: Make, tmp_path: Path) -> None:
    server = make()
    killed = await server.ensure()
    os.kill(killed.pid, signal.SIGKILL)
    await until(lambda: not is_alive(killed.pid))
    found = await server.ensure()
    assert found.pid != killed.pid
    assert is_alive(found.pid)


async def test_an_announcement_of_a_stranger_is_not_believed(make: Make, tmp_path: Path) -> None:
    Announcement(tmp_path, Announced(os.getpid(), "http://127.0.0.1:9"), IDLE)
    assert (await make().ensure()).pid == starts(tmp_path)[0]


async def test_it_ends_itself_when_idle(make: Make, tmp_path: Path) -> None:
    found = await make(idle_seconds=0.2).ensure()
    await until(lambda: not is_alive(found.pid))
    assert read(tmp_path) is None


async def test_it_stays_while_it_is_used_and_goes_afterwards(make: Make, tmp_path: Path) -> None:
    server = make(idle_seconds=0.3)
    async with server.use() as found:
        await asyncio.sleep(0.8)  # Longer than idle_seconds, which is what this is about.
        assert is_alive(found.pid)
    await until(lambda: not is_alive(found.pid))
    async with server.use() as again:
        assert again.pid != found.pid


def test_a_use_between_the_two_looks_keeps_it(tmp_path: Path) -> None:
    announcement = Announcement(tmp_path, Announced(os.getpid(), "http://127.0.0.1:9"), 0.0)
    assert announcement.take_back()
    assert not touch(tmp_path), "whoever comes afterwards sees that it is gone"


def test_a_server_that_was_replaced_ends_and_leaves_the_others_announcement(tmp_path: Path) -> None:
    replaced = Announcement(tmp_path, Announced(1, "http://127.0.0.1:8"), IDLE)
    assert not replaced.take_back()
    successor = Announced(2, "http://127.0.0.1:9")
    Announcement(tmp_path, successor, IDLE)
    assert replaced.take_back()
    assert read(tmp_path) == successor


async def test_a_failed_start_says_why_and_is_not_repeated_at_once(make: Make, tmp_path: Path) -> None:
    server = make("fail")
    for _ in range(3):
        with pytest.raises(ProviderFailure) as caught:
            await server.ensure()
        assert caught.value.code == Code.PROVIDER_UNAVAILABLE
        assert "sk-not" not in caught.value.detail
    assert len(starts(tmp_path)) == 1
    assert caught.value.retry_after is not None


async def test_the_reason_is_the_logs_last_line(make: Make) -> None:
    with pytest.raises(ProviderFailure) as caught:
        await make("fail").ensure()
    assert "file is broken" in caught.value.detail


async def test_a_start_that_takes_too_long_is_ended(make: Make, tmp_path: Path) -> None:
    with pytest.raises(ProviderFailure) as caught:
        await make("never", start_deadline=1.0).ensure()
    assert caught.value.code == Code.PROVIDER_UNAVAILABLE
    await until(lambda: not any(map(is_alive, starts(tmp_path))))


async def test_a_caller_that_gives_up_leaves_no_half_started_server(make: Make, tmp_path: Path) -> None:
    task = asyncio.create_task(make("never").ensure())
    await until(lambda: bool(starts(tmp_path)))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not any(map(is_alive, starts(tmp_path))))


async def test_a_program_that_is_missing_is_a_typed_failure(tmp_path: Path) -> None:
    with pytest.raises(ProviderFailure) as caught:
        await OnDemandServer("The server", ["/nowhere/program"], tmp_path, IDLE).ensure()
    assert caught.value.code == Code.PROVIDER_UNAVAILABLE


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
async def test_it_does_not_outlive_its_starter(make: Make, tmp_path: Path) -> None:
    command = f"""
import asyncio, pathlib, sys
from providers.on_demand.server import OnDemandServer
folder = pathlib.Path({str(tmp_path)!r})
command = [sys.executable, "-m", "tests.servers.announced_server", folder, "60"]
async def main():
    print((await OnDemandServer("x", command, folder, 60.0).ensure()).pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    starter = await asyncio.create_subprocess_exec(sys.executable, "-c", command, cwd=ROOT, stdout=subprocess.PIPE)
    assert starter.stdout is not None
    pid = int(await starter.stdout.readline())
    assert is_alive(pid)
    starter.kill()
    await starter.wait()
    await until(lambda: not is_alive(pid))


async def test_one_that_ignores_its_end_is_killed(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_demand, "STOP_PATIENCE", 0.3)
    server = make("stubborn")
    found = await server.ensure()
    os.kill(found.pid, signal.SIGTERM)
    assert is_alive(found.pid), "it ignores it"
    await asyncio.wait_for(asyncio.to_thread(server.stop), PATIENCE)
    assert not is_alive(found.pid)


async def test_only_we_may_read_the_folder(make: Make, tmp_path: Path) -> None:
    await make().ensure()
    for name in ("address", "log", "lock"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
