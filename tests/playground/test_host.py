"""The engine of a process: when it reads providers and models anew."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from foundation.database import threads
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground import executing
from playground.engine import host
from playground.engine.ask import Ask
from playground.engine.endings import Endings
from playground.engine.host import Engine
from playground.engine.pulse import Pulse
from playground.engine.store import Store
from playground.models import Origin, PromptExecution, Status
from providers.errors import Code
from providers.line import breaker
from sessions_app.models import PlaygroundSession
from tests.cast import new_user
from tests.servers.embedded import EmbeddedServers
from tests.servers.service import Service
from tests.waiting import PATIENCE, until


async def test_a_caller_that_leaves_takes_its_reading_along_and_nobody_relies_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a provider that was made a moment ago is unknown to whoever waited behind that caller."""
    engine = Engine()
    taken: list[Any] = []
    is_reading = asyncio.Event()

    async def read(function: object, *args: object) -> list[Any]:
        if function == engine.registry.read and not is_reading.is_set():
            is_reading.set()
            await asyncio.Event().wait()
        return []

    monkeypatch.setattr(host, "in_database_thread", read)
    monkeypatch.setattr(engine.registry, "entries", lambda rows: [])
    monkeypatch.setattr(engine.registry, "take", taken.append)
    async with engine._reloading:  # both ask while somebody else reads
        leaving, staying = (asyncio.create_task(engine.reload_soon()) for _ in range(2))
        await asyncio.sleep(0)
    await is_reading.wait()
    leaving.cancel()
    await asyncio.wait_for(staying, PATIENCE)
    assert len(taken) == 1
    await engine.redis.aclose()


async def test_who_waits_for_an_end_elsewhere_hears_of_a_stop(service: Service):
    def running() -> PromptExecution:
        session = PlaygroundSession.objects.create(user=new_user(), name="Letters")
        return PromptExecution.objects.create(session=session, user=session.user, model_id="p/m", request={})

    execution, store = await in_database_thread(running), Store()
    endings = Endings(store)
    waiting = asyncio.create_task(endings.of(execution.id))
    await asyncio.sleep(0)
    await endings.stop()
    for asked in (waiting, endings.of(execution.id)):
        with pytest.raises(Problem) as told:
            await asyncio.wait_for(asked, PATIENCE)
        assert told.value.status == 503
    await store.close()


async def test_a_duty_that_breaks_is_told_and_stops_no_other(caplog: pytest.LogCaptureFixture):
    done: list[str] = []

    async def breaks() -> None:
        done.append("breaks")
        raise KeyError("one bad row")

    async def works() -> None:
        done.append("works")

    async def hangs() -> None:
        done.append("hangs")
        await asyncio.Event().wait()

    pulse = Pulse()
    for duty in (breaks, works, hangs):
        pulse.add(duty.__name__, duty, every=0.01)
    pulse.start()

    async def gone_round() -> bool:
        return done.count("works") >= 3 and done.count("breaks") >= 3

    await until(gone_round)
    assert "pulse_broke" in [record.message for record in caplog.records]
    assert done.count("hangs") == 1
    assert pulse.missed(10) == []
    assert {"breaks", "hangs"} <= set(pulse.missed(0))
    await pulse.stop()


async def test_who_has_patience_waits_for_a_model_that_is_left_alone(
    service: Service, provider: str, monkeypatch: pytest.MonkeyPatch
):
    """A test's calls do, where the model has answered before: all that came while it rested had failed."""
    monkeypatch.setattr(breaker, "REST", 2.0)
    session = await in_database_thread(lambda: PlaygroundSession.objects.create(user=new_user(), name="Letters"))
    machine, model_id = await host.engine(), f"{provider}/echo@{uuid.uuid4().hex[:8]}"
    for _ in range(breaker.FAILURES_TO_OPEN):
        await machine.lines.breakers.failed(Code.PROVIDER_ERROR, provider=provider, model_id=model_id)
    hasty = Ask(session.user, Origin.EVALUATION, model_id, {"prompt": "hello"}, session_id=session.id)
    patient = replace(hasty, patience=PATIENCE)
    failed, answered = [
        await executing.record_of(await executing.begin(ask, is_streamed=False)) for ask in (hasty, patient)
    ]
    assert (failed.status, failed.error_code) == (Status.FAILED, Code.PROVIDER_UNAVAILABLE)
    assert (answered.status, answered.metadata["attempts"]) == (Status.COMPLETED, 1)
    assert answered.execution_time is not None
    assert answered.metadata["answer_time"] < 1 < answered.execution_time


async def test_who_waits_for_an_end_elsewhere_waits_for_the_database_too(
    service: Service, embedded_servers: EmbeddedServers, monkeypatch: pytest.MonkeyPatch
):
    """It answers neither the first look nor the next ones in time; then the execution, which had ended, is given."""

    def ended() -> PromptExecution:
        session = PlaygroundSession.objects.create(user=new_user(), name="Letters")
        return PromptExecution.objects.create(
            session=session, user=session.user, model_id="p/m", request={}, status=Status.COMPLETED
        )

    execution = await in_database_thread(ended)
    monkeypatch.setattr(threads, "PATIENCE", 1.0)
    with psycopg.connect(embedded_servers.database_url) as blocker:
        blocker.execute("LOCK TABLE prompt_executions IN ACCESS EXCLUSIVE MODE")
        waiting = asyncio.create_task(executing.record_of(execution.id))
        await asyncio.sleep(4 * threads.PATIENCE)
        assert not waiting.done()
        blocker.rollback()
    assert (await asyncio.wait_for(waiting, PATIENCE)).id == execution.id
