"""F19, F20, F37: PostgreSQL and Valkey die, freeze and forget; runs end typed, and nothing is lost or charged twice."""

from __future__ import annotations

import asyncio
import signal
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil

from tests.cast import Answer, Event, Person, Stream, text_of
from tests.faults.conftest import Place
from tests.waiting import until

MODEL = "tokens-{count}-every-30ms@{nonce}"


def model(count: int) -> str:
    """A model nobody else uses, that says so many tokens at 30 ms each."""
    return "openai/" + MODEL.format(count=count, nonce=uuid.uuid4().hex[:8])


def name_of(model_id: str) -> str:
    """The model's name at its provider."""
    return model_id.partition("/")[2]


async def read(stream: Stream, seen: list[Event], *, up_to: int | None = None) -> None:
    """Reads on, to the end or until so many events are there."""
    async for event in stream:
        seen.append(event)
        if up_to is not None and len(seen) >= up_to:
            return


def is_typed(answer: Answer) -> bool:
    """An answer, or a 503 that says when to come back."""
    return answer.status == 200 or (
        answer.status == 503
        and answer.headers["Content-Type"] == "application/problem+json"
        and int(answer.headers["Retry-After"]) > 0
        and bool(answer.body["code"])
    )


@asynccontextmanager
async def always_live(person: Person) -> AsyncIterator[list[float]]:
    """Asks all the time whether the process lives; each answer must come within three seconds."""
    times: list[float] = []

    async def ask() -> None:
        while True:
            started = time.monotonic()
            assert (await person.get("/health/live")).status == 200
            times.append(time.monotonic() - started)
            await asyncio.sleep(0.05)

    asking = asyncio.create_task(ask())
    try:
        yield times
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert len(times) > 3
    assert max(times) < 3.0  # a loop that waited for a server would be held for five


async def healthy(person: Person, name: str) -> bool:
    """Whether `/health` finds a server well again."""
    return bool((await person.get("/health")).body["dependencies"][name] == "healthy")


async def works(person: Person) -> bool:
    """Whether a run works from end to end, and its log stands in Valkey."""
    answer = await person.execute("openai/echo", "hello")
    assert is_typed(answer), answer
    return answer.status == 200


async def told_once(place: Place, person: Person, seen: list[Event]) -> dict[str, Any]:
    """The run's row, after checking that its reader got every event once and the text that is stored."""
    numbers = [event.id for event in seen]
    assert numbers == list(range(1, len(numbers) + 1))

    async def row_now() -> dict[str, Any] | None:
        answer = await person.get(f"/api/executions/{seen[0].data['execution_id']}")
        assert is_typed(answer)
        return answer.body if answer.status == 200 else None

    row = await until(row_now)
    assert row == seen[-1].data
    assert row["response"] == text_of(seen)
    return dict(row)


# Valkey


async def test_f19_valkey_is_killed_and_comes_back_during_a_run(place: Place, person: Person):
    wanted = model(60)
    seen: list[Event] = []
    async with person.streaming(wanted) as stream:
        await read(stream, seen, up_to=8)
        await asyncio.to_thread(place.restart, "Valkey")
        await read(stream, seen)
    row = await told_once(place, person, seen)
    assert row["status"] == "completed"
    assert len(await place.ledger.calls(name_of(wanted))) == 1
    await until(lambda: works(person))


async def test_f19_valkey_stays_away(place: Place, person: Person):
    wanted = model(30)
    seen: list[Event] = []
    async with person.streaming(wanted) as stream, always_live(person):
        await read(stream, seen, up_to=5)
        place.kill("Valkey")
        plain, me = await asyncio.gather(person.execute("openai/tokens-8-every-30ms"), person.get("/api/auth/me"))
        # Whoever shows a token comes in without Valkey.
        assert me.status == 200
        assert plain.status == 200
        assert plain.body["status"] == "completed"
        await read(stream, seen)
    row = await told_once(place, person, seen)
    assert row["status"] == "completed"
    assert not await healthy(person, "redis")
    async with person.following(row["id"]) as later:
        assert text_of([event async for event in later]) == row["response"]
    await asyncio.to_thread(place.start_again, "Valkey")
    await until(lambda: healthy(person, "redis"))

    async def has_log() -> bool:
        body = (await person.events("openai/echo"))[0].data
        async with place.redis() as redis:
            return bool(await redis.exists(f"execution:{body['execution_id']}:log"))

    await until(has_log)


async def test_f19_valkey_is_frozen_during_a_run(place: Place, person: Person):
    wanted = model(30)
    seen: list[Event] = []
    async with person.streaming(wanted) as stream, always_live(person):
        await read(stream, seen, up_to=5)
        with place.paused("Valkey"):
            await read(stream, seen)
    row = await told_once(place, person, seen)
    assert row["status"] == "completed"
    await until(lambda: works(person))


async def test_f19_valkey_forgets_everything_during_a_run(place: Place, person: Person):
    wanted = model(40)
    seen: list[Event] = []
    async with person.streaming(wanted) as stream:
        await read(stream, seen, up_to=8)
        async with place.redis() as redis:
            await redis.flushall()
        await read(stream, seen)
    row = await told_once(place, person, seen)
    assert row["status"] == "completed"
    # The log has a hole now: who comes later is told the stored text.
    async with person.following(row["id"]) as later:
        told = [event async for event in later]
    assert text_of(told) == row["response"]
    assert told[-1].data == row


async def test_f19_valkey_is_full(place: Place, person: Person):
    async with place.redis() as redis:
        await redis.config_set("maxmemory", "1mb")
        try:
            events = await person.events(model(5))
            row = await told_once(place, person, events)
            assert row["status"] == "completed"
        finally:
            await redis.config_set("maxmemory", "0")
    await until(lambda: works(person))


# PostgreSQL


async def test_f20_all_connections_to_postgresql_are_cut_during_runs(place: Place, person: Person):
    wanted = model(40)
    seen: list[Event] = []
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
    async with person.streaming(wanted) as stream:
        await read(stream, seen, up_to=5)
        answers: list[Answer] = []
        for _ in range(3):
            # After a cut in which every call failed, it takes the service a moment to connect anew.
            await until(lambda: asyncio.to_thread(place.rows, cut))
            answers += await asyncio.gather(*(person.execute("openai/echo") for _ in range(5)))
        await read(stream, seen)
    assert [answer for answer in answers if not is_typed(answer)] == []
    assert (await told_once(place, person, seen))["status"] == "completed"
    await until(lambda: works(person))


async def test_f37_one_backend_of_postgresql_is_killed(place: Place, person: Person):
    wanted = model(40)
    seen: list[Event] = []
    find = "SELECT pid FROM pg_stat_activity WHERE application_name = 'playground-engine' LIMIT 1"
    async with person.streaming(wanted) as stream:
        await read(stream, seen, up_to=5)
        (row,) = await asyncio.to_thread(place.rows, find)
        psutil.Process(row["pid"]).send_signal(signal.SIGKILL)
        answers = [await person.execute("openai/echo") for _ in range(10)]
        await read(stream, seen)
    assert [answer for answer in answers if not is_typed(answer)] == []
    assert (await told_once(place, person, seen))["status"] == "completed"
    await until(lambda: works(person))


async def test_f20_an_answer_that_comes_while_postgresql_is_dead_is_stored_once(place: Place, person: Person):
    wanted = model(30)
    seen: list[Event] = []
    price = '{"input_per_million": 1000000, "output_per_million": 1000000}'
    await asyncio.to_thread(
        place.rows,
        "INSERT INTO catalogue_models (id, provider, details, overrides) VALUES (%s, 'openai', '{}', %s)",
        wanted,
        price,
    )
    await person.execute("nobody-here/x")  # an unknown provider makes the process read models again
    async with person.streaming(wanted, "one two three") as stream, always_live(person):
        await read(stream, seen, up_to=5)
        place.kill("Postgres")
        refused = await asyncio.gather(*(person.execute("openai/echo") for _ in range(3)))
        for answer in refused:
            assert (answer.status, is_typed(answer)) == (503, True), answer
        assert not await healthy(person, "database")
        calls = place.ledger.calls

        async def has_answered() -> bool:
            return bool((await calls(name_of(wanted)))[0]["finished"])

        await until(has_answered)
        await asyncio.to_thread(place.start_again, "Postgres")
        await read(stream, seen)
    row = await told_once(place, person, seen)
    assert row["status"] == "completed"
    assert row["usage"]["estimated_cost"] > 0
    (session,) = await asyncio.to_thread(
        place.rows, "SELECT execution_count, total_cost FROM playground_sessions WHERE id = %s", row["session_id"]
    )
    assert session["execution_count"] == 1
    assert float(session["total_cost"]) == row["usage"]["estimated_cost"]
    assert len(await calls(name_of(wanted))) == 1
    await until(lambda: works(person))


async def test_f20_postgresql_is_frozen_and_streams_go_on(place: Place, person: Person):
    wanted = model(150)
    seen: list[Event] = []
    async with person.streaming(wanted) as stream, always_live(person):
        await read(stream, seen, up_to=5)
        with place.paused("Postgres"):
            started = time.monotonic()
            asked = asyncio.create_task(person.execute("openai/echo"))
            before = len(seen)
            await read(stream, seen, up_to=before + 60)
            assert len(seen) >= before + 60
            refused = await asked
            waited = time.monotonic() - started
        assert (refused.status, is_typed(refused)) == (503, True), refused
        assert waited < 20
        await read(stream, seen)
    assert (await told_once(place, person, seen))["status"] == "completed"
    await until(lambda: works(person))


async def test_f26_a_caller_hears_of_a_stop_while_its_answer_cannot_be_stored(place: Place, person: Person):
    """As when the whole service is killed: its PostgreSQL dies, and its web is told to stop."""
    wanted = model(20)
    asked = asyncio.create_task(person.execute(wanted))

    async def is_open() -> bool:
        return bool(await place.ledger.calls(name_of(wanted), is_open=True))

    await until(is_open)
    place.kill("Postgres")
    await asyncio.to_thread(place.service.restart)
    answer = await asked
    assert (answer.status, is_typed(answer)) == (503, True), answer
    await asyncio.to_thread(place.start_again, "Postgres")
    await until(lambda: works(person))


async def test_f15_nothing_is_left_running_after_all_of_it(place: Place, person: Person):
    left: list[dict[str, Any]] = []
    unfinished = """
        SELECT e.id, e.status, now() - e.created_at AS age, l.expires_at - now() AS lease_left
        FROM prompt_executions e LEFT JOIN runner_leases l ON l.id = e.runner_id
        WHERE e.status IN ('pending', 'running')
    """

    async def ended() -> bool:
        left[:] = await asyncio.to_thread(place.rows, unfinished)
        # As under the supervisor: a beat that did not outlive its broker comes back.
        place.service.revive()
        return not left

    await until(ended, why=lambda: f"left: {left}")
    sums = """
        SELECT s.execution_count, count(e.id) AS ended, s.total_cost, coalesce(sum(e.estimated_cost), 0) AS cost
        FROM playground_sessions s LEFT JOIN prompt_executions e ON e.session_id = s.id GROUP BY s.id
    """
    for row in await asyncio.to_thread(place.rows, sums):
        assert (row["execution_count"], row["total_cost"]) == (row["ended"], row["cost"])
