"""The engine in a Celery worker: driven by plain tasks, drained at a stop, and what deaths leave of it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

from accounts.models import User
from config.celery import app
from foundation.database.threads import in_database_thread
from foundation.processes import kill_session, launch
from foundation.supervisor import programs
from playground import executing
from playground.engine import host, thread
from playground.engine.ask import Ask
from playground.models import Origin, PromptExecution, RunnerLease
from playground.stream.log import key_of
from sessions_app.models import PlaygroundSession
from tests.cast import new_user
from tests.playground.conftest import Ledger
from tests.playground.worker_tasks import run_all
from tests.servers.service import Service
from tests.waiting import PATIENCE, until


class Worker:
    """A Celery worker of one test."""

    def __init__(self, service: Service, *, children: int) -> None:
        self.queue = f"engine-{uuid.uuid4().hex}"
        command = [*programs.worker(), "-I", "tests.playground.worker_tasks", "-Q", self.queue, "-n", f"{self.queue}@x"]
        command[command.index("--concurrency") + 1] = str(children)
        self.process = launch(command, folder=programs.ROOT, environment=service.environment)

    def children(self) -> list[psutil.Process]:
        """The pool's processes."""
        return list(psutil.Process(self.process.pid).children())

    def send(self, user: User, model_id: str, ids: list[str], *, told: Path | None = None) -> None:
        """Has a child run executions of these ids."""
        arguments = {"user_id": str(user.id), "model_id": model_id, "execution_ids": ids, "told": str(told or "")}
        app.send_task(run_all.name, kwargs=arguments, queue=self.queue)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends it."""
        self.process.send_signal(how)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
        kill_session(self.process.pid)
        self.process.wait()


@pytest.fixture
def worker(service: Service) -> Iterator[Worker]:
    """A worker with four children."""
    worker = Worker(service, children=4)
    yield worker
    worker.stop()


def new_ids(count: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(count)]


def leases_of(rows: list[PromptExecution]) -> list[RunnerLease]:
    return list(RunnerLease.objects.filter(id__in={str(row.runner_id) for row in rows}))


def rows_of(ids: list[str]) -> list[PromptExecution]:
    return list(PromptExecution.objects.filter(id__in=ids))


async def all_ended(ids: list[str]) -> list[PromptExecution]:
    """The rows, once each has ended."""
    rows: list[PromptExecution] = []

    async def ended() -> bool:
        nonlocal rows
        rows = await in_database_thread(rows_of, ids)
        return len(rows) == len(ids) and all(row.ended_at for row in rows)

    await until(ended, why=lambda: str([(row.status, row.runner_id) for row in rows]))
    return rows


async def test_four_children_keep_a_providers_limit_and_move_no_counter(
    worker: Worker, make_provider, ledger: Ledger, service: Service
):
    slug, user = await in_database_thread(make_provider, max_concurrency=10), await in_database_thread(new_user)
    session = await in_database_thread(PlaygroundSession.objects.default_of, user)
    model = f"tokens-10-every-30ms@{uuid.uuid4().hex[:8]}"
    batches = [new_ids(10) for _ in range(8)]
    for ids in batches:
        await asyncio.to_thread(worker.send, user, f"{slug}/{model}", ids)
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, len(await ledger.calls(model, is_open=True)))
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    rows = [row for ids in batches for row in await all_ended(ids)]
    watching.cancel()
    assert {(row.status, row.origin) for row in rows} == {("completed", "evaluation")}
    assert len({row.runner_id for row in rows}) > 1
    assert len(await ledger.calls(model)) == 80
    # All of them are batches: a fifth of ten places stays free for people.
    assert most == 8
    await in_database_thread(session.refresh_from_db)
    assert session.execution_count == session.total_cost == 0
    assert session.last_executed is None
    async with Redis.from_url(service.environment["REDIS_URL"]) as redis:
        assert await redis.exists(*(key_of(row.id) for row in rows)) == 0
    await asyncio.to_thread(worker.stop)
    assert not await in_database_thread(leases_of, rows)


ORDER = """
from unittest.mock import Mock
from celery.signals import worker_init, worker_process_init
from config.celery import app

app.loader.import_default_modules()
worker_init.send(sender=Mock(app=app, pool_cls="prefork"))

from django.db import connections
from playground.engine import thread

connections["default"].close_pool = lambda: print("pool closed")
thread.begin = lambda: print("engine begun")
worker_process_init.send(sender=None)
"""


def test_a_child_begins_its_engine_after_celery_has_closed_the_pool() -> None:
    told = subprocess.run([sys.executable, "-c", ORDER], cwd=programs.ROOT, capture_output=True, text=True, check=False)
    assert told.stdout, told.stderr
    assert told.stdout.split("\n") == ["pool closed", "engine begun", ""]


async def test_f16_a_task_that_is_delivered_twice_pays_once(worker: Worker, provider: str, ledger: Ledger):
    user, ids = await in_database_thread(new_user), new_ids(12)
    model = f"tokens-10-every-30ms@{uuid.uuid4().hex[:8]}"
    for _ in range(3):
        await asyncio.to_thread(worker.send, user, f"{provider}/{model}", ids)
    rows = await all_ended(ids)
    assert {row.status for row in rows} == {"completed"}
    assert len(await ledger.calls(model)) == 12


async def test_f16_a_child_that_is_killed_leaves_ended_rows_and_its_task_is_done_again(
    worker: Worker, provider: str, ledger: Ledger, tmp_path: Path
):
    user, ids, told = await in_database_thread(new_user), new_ids(4), tmp_path / "children"
    model = f"tokens-900-every-100ms@{uuid.uuid4().hex[:8]}"
    await asyncio.to_thread(worker.send, user, f"{provider}/{model}", ids, told=told)

    async def is_open() -> bool:
        return len(await ledger.calls(model, is_open=True)) == 4

    await until(is_open)
    os.kill(int(told.read_text().split()[0]), signal.SIGKILL)
    rows = await all_ended(ids)
    assert {(row.status, row.error_code) for row in rows} == {("failed", "interrupted")}

    async def done_again() -> bool:
        return len(set(told.read_text().split())) == 2

    await until(done_again)
    # What was in flight may have been billed: it is not sent again by itself.
    assert len(await ledger.calls(model)) == 4


async def test_f16_the_whole_worker_killed_leaves_nothing_running(service: Service, provider: str, ledger: Ledger):
    worker, user, ids = Worker(service, children=2), await in_database_thread(new_user), new_ids(4)
    model = f"tokens-900-every-100ms@{uuid.uuid4().hex[:8]}"
    await asyncio.to_thread(worker.send, user, f"{provider}/{model}", ids)

    async def is_open() -> bool:
        return len(await ledger.calls(model, is_open=True)) == 4

    await until(is_open)
    children = worker.children()
    await asyncio.to_thread(worker.stop, signal.SIGKILL)
    assert not psutil.wait_procs(children, timeout=PATIENCE)[1]
    assert {row.error_code for row in await all_ended(ids)} == {"interrupted"}


async def test_runs_in_flight_get_to_end_when_the_worker_is_stopped(service: Service, provider: str, ledger: Ledger):
    worker, user, ids = Worker(service, children=2), await in_database_thread(new_user), new_ids(4)
    model = f"tokens-10-every-100ms@{uuid.uuid4().hex[:8]}"
    await asyncio.to_thread(worker.send, user, f"{provider}/{model}", ids)

    async def have_begun() -> bool:
        return len(await ledger.calls(model)) == 4

    await until(have_begun)
    await asyncio.to_thread(worker.stop, signal.SIGTERM)
    rows = await in_database_thread(rows_of, ids)
    assert {row.status for row in rows} == {"completed"}
    assert not await in_database_thread(leases_of, rows)


@pytest.fixture
def no_engine_left() -> Iterator[None]:
    """Whatever becomes of the test."""
    yield
    thread.stop()


@pytest.mark.usefixtures("no_engine_left")
def test_who_waits_for_work_that_a_stop_cuts_off_is_told(service: Service):
    begun = threading.Event()

    async def endless() -> None:
        begun.set()
        await asyncio.Event().wait()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(thread.run, endless())
        assert begun.wait(PATIENCE)
        thread.stop()
        with pytest.raises(CancelledError):
            waiting.result(20)


def test_a_thousand_batches_leave_nothing_behind(service: Service, make_provider):
    """No connection, file, thread or lease row: in one process, which is this one."""
    user, model_id = new_user(), f"{make_provider()}/tokens-2"

    async def batch() -> None:
        ask = Ask(user=user, origin=Origin.EVALUATION, model_id=model_id, request={"prompt": "one"})
        await executing.ended(await executing.begin(ask, is_streamed=False))

    me = psutil.Process()

    def held() -> tuple[int, int, int]:
        # The few threads of the database's are the process's own, and come one by one as they are needed.
        threads = [each for each in threading.enumerate() if not each.name.startswith("database")]
        return len(threads), me.num_fds(), len(me.net_connections("all"))

    # Another test's loop may have an engine in this process, too.
    others = set(host._engines)
    thread.run(batch())
    thread.stop()
    before = held()
    for _ in range(50):
        thread.run(batch())
    during = held()
    for _ in range(950):
        thread.run(batch())
    assert held()[1:] <= (during[1] + 2, during[2] + 2)
    rows = list(PromptExecution.objects.filter(user=user, status="completed"))
    assert len(rows) == 1_001
    thread.stop()
    assert all(now <= then for now, then in zip(held(), before, strict=True))
    assert len({row.runner_id for row in rows}) == 2
    assert not leases_of(rows)
    assert not [loop for loop in host._engines if loop not in others and not loop.is_closed()]
