"""The lines to the providers, as all processes share them: breakers, pauses, places, requests and tokens a minute."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from redis.asyncio import Redis

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from providers.errors import Code, ProviderFailure
from providers.line.breaker import Breakers
from providers.line.gate import Gate, Share
from providers.line.shared import Limits, Shared
from providers.models import Provider
from tests.cast import Person
from tests.playground.conftest import Ledger
from tests.servers.service import Service
from tests.waiting import PATIENCE, until

CLOSED_PORT = "http://127.0.0.1:9/v1"


async def status_of(person: Person, provider: str) -> dict[str, object]:
    """The provider's row of GET /api/providers/status."""
    rows = (await person.get("/api/providers/status")).body["results"]
    found: dict[str, object] = next(row for row in rows if row["provider"] == provider)
    return found


async def test_the_breaker_is_the_models_and_all_processes_know(
    author: Person, provider: str, ledger: Ledger, service: Service
):
    model = f"fault-500@{uuid.uuid4().hex[:8]}"
    other = author.at((await asyncio.to_thread(service.start_web)).url)
    for _ in range(2):
        await author.execute(f"{provider}/{model}")
    assert len(await ledger.calls(model)) == 5
    answer = await author.execute(f"{provider}/{model}")
    assert (answer.status, answer.body["code"]) == (503, "provider_unavailable")

    async def knows() -> bool:
        answer = await other.execute(f"{provider}/{model}", parameters={"timeout": 5})
        return (answer.status, answer.body["code"]) == (503, "provider_unavailable")

    await until(knows)
    # Whoever asks for another model of the same provider is not made to wait for this one.
    for person in (author, other):
        assert (await person.execute(f"{provider}/echo")).status == 200
    row = await status_of(author, provider)
    assert (row["breaker"], row["status"], row["resting_models"]) == ("closed", "degraded", [f"{provider}/{model}"])


async def test_a_connection_that_fails_is_the_providers(author: Person, make_provider, service: Service):
    slug = await in_database_thread(make_provider, base_url=CLOSED_PORT)
    other = author.at((await asyncio.to_thread(service.start_web)).url)
    for model in ("one", "two"):
        await author.execute(f"{slug}/{model}")
    answer = await author.execute(f"{slug}/three")
    assert (answer.status, answer.body["code"]) == (503, "provider_unavailable")

    async def told() -> bool:
        row = await status_of(other, slug)
        return (row["breaker"], row["status"], row["last_error"]) == ("open", "down", "provider_unreachable")

    await until(told)


async def test_a_providers_limit_makes_runs_wait(author: Person, make_provider, ledger: Ledger):
    slug = await in_database_thread(make_provider, max_concurrency=2)
    model = f"tokens-10-every-30ms@{uuid.uuid4().hex[:8]}"
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, len(await ledger.calls(model, is_open=True)))
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    answers = await asyncio.gather(*(author.execute(f"{slug}/{model}") for _ in range(6)))
    watching.cancel()
    assert {answer.status for answer in answers} == {200}
    assert 1 <= most <= 2


async def test_a_providers_requests_a_minute_hold_across_processes(author: Person, make_provider, service: Service):
    slug = await in_database_thread(make_provider, requests_per_minute=3)
    other = author.at((await asyncio.to_thread(service.start_web)).url)
    people = [author, other, author, other]
    answers = await asyncio.gather(*(person.execute(f"{slug}/echo", parameters={"timeout": 8}) for person in people))
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 504]


@pytest.fixture
async def redis(service: Service) -> AsyncIterator[Redis]:
    """The service's Valkey."""
    async with Redis.from_url(service.environment["REDIS_URL"], socket_timeout=2) as redis:
        yield redis


class WatchedGate(Gate):
    """Tells how often a call was made to wait."""

    refusals = 0

    async def _asked(self, member: str, *, tokens: int, is_batch: bool) -> float | None:
        seconds = await super()._asked(member, tokens=tokens, is_batch=is_batch)
        self.refusals += seconds != 0
        return seconds


def gates(redis: Redis, limits: Limits, *, processes: int) -> list[WatchedGate]:
    """One gate to the same provider in each of so many processes."""
    slug, shared = f"p{uuid.uuid4().hex[:10]}", Shared(redis)
    return [
        WatchedGate(slug, limits, shared=shared, breakers=Breakers(shared), share=Share(position, processes))
        for position in range(processes)
    ]


async def entered(stack: AsyncExitStack, gate: WatchedGate, *, is_batch: bool = False) -> bool:
    """Whether a call comes through at once, and not after having been made to wait; it holds its place until the stack
    ends."""
    before = gate.refusals
    entering = asyncio.create_task(comes_through(stack, gate, is_batch=is_batch))

    async def is_judged() -> bool:
        return entering.done() or gate.refusals > before

    await until(is_judged)
    if not entering.done():
        entering.cancel()
        await asyncio.gather(entering, return_exceptions=True)
        return False
    return await entering


async def comes_through(stack: AsyncExitStack, gate: Gate, *, is_batch: bool = False) -> bool:
    """Waits for its turn."""
    async with asyncio.timeout(PATIENCE):
        await stack.enter_async_context(gate.passed("p/m", tokens=1, is_batch=is_batch))
    return True


async def test_four_processes_never_hold_more_than_the_limit_together(redis: Redis):
    four, held, most = gates(redis, Limits(places=10), processes=4), 0, 0

    async def call(number: int) -> None:
        nonlocal held, most
        async with four[number % 4].passed("p/m", tokens=1, is_batch=number % 3 == 0):
            held += 1
            most = max(most, held)
            await asyncio.sleep(0.005)
            held -= 1

    await asyncio.gather(*(call(number) for number in range(200)))
    assert most == 10


async def test_batches_leave_a_fifth_of_the_places_to_people(redis: Redis):
    one, other = gates(redis, Limits(places=10), processes=2)
    async with AsyncExitStack() as stack:
        batches = [await entered(stack, (one, other)[number % 2], is_batch=True) for number in range(10)]
        assert batches.count(True) == 8
        people = [await entered(stack, (one, other)[number % 2]) for number in range(3)]
        assert people == [True, True, False]
    async with AsyncExitStack() as stack:
        assert await comes_through(stack, other, is_batch=True)


async def test_a_place_is_given_back_when_its_caller_leaves_the_queue(redis: Redis):
    (gate,) = gates(redis, Limits(places=1), processes=1)
    async with AsyncExitStack() as stack:
        assert await entered(stack, gate)
        waiting = [asyncio.create_task(comes_through(stack, gate)) for _ in range(3)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    async with AsyncExitStack() as stack:
        assert await comes_through(stack, gate)


async def test_places_of_a_process_that_died_are_free_again(redis: Redis, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("providers.line.gate.LEASE", 2.0)
    dead, alive = gates(redis, Limits(places=1), processes=2)
    async with AsyncExitStack() as stack, AsyncExitStack() as other:
        assert await entered(stack, dead)
        assert not await entered(other, alive)
        await dead.hold()
        assert await comes_through(other, alive)


async def test_f19_valkey_forgets_everything_while_calls_hold_all_places(
    author: Person, make_provider, ledger: Ledger, service: Service, redis: Redis
):
    slug = await in_database_thread(make_provider, max_concurrency=4)
    other = author.at((await asyncio.to_thread(service.start_web)).url)
    model = f"tokens-60-every-100ms@{uuid.uuid4().hex[:8]}"

    async def open_calls() -> int:
        return len(await ledger.calls(model, is_open=True))

    async def is_full() -> bool:
        return await open_calls() == 4

    calls = [asyncio.create_task(author.execute(f"{slug}/{model}")) for _ in range(4)]
    await until(is_full)
    await redis.flushall()
    calls += [asyncio.create_task(person.execute(f"{slug}/{model}")) for person in (author, other) * 4]
    most = 0
    while not calls[0].done():
        most = max(most, await open_calls())
        await asyncio.sleep(0.02)
    assert most == 4
    assert {answer.status for answer in await asyncio.gather(*calls)} == {200}


async def test_a_place_that_is_given_back_while_it_is_renewed_is_free(redis: Redis):
    one, other = gates(redis, Limits(places=1), processes=2)
    shared, leaving = one._shared.hold, AsyncExitStack()

    async def late(*args: Any, **options: Any) -> None:
        """A renewal that arrives when the place was given back already."""
        await leaving.aclose()
        await one.emptied()
        await shared(*args, **options)

    assert await entered(leaving, one)
    one._shared.hold = late  # type: ignore[method-assign]
    await one.hold()
    async with AsyncExitStack() as stack:
        assert await comes_through(stack, other)


async def test_calls_that_passed_without_valkey_count_when_it_is_back(redis: Redis):
    (gate,) = gates(redis, Limits(places=2), processes=1)
    async with AsyncExitStack() as stack:
        gate._redis_rests_until = time.monotonic() + 60
        assert [await entered(stack, gate) for _ in range(3)] == [True, True, False]
        gate._redis_rests_until = 0.0
        assert not await entered(stack, gate)


async def test_new_limits_hold_for_those_who_wait_and_count_those_who_passed(author: Person, make_provider, ledger):
    slug = await in_database_thread(make_provider)
    model = f"tokens-40-every-100ms@{uuid.uuid4().hex[:8]}"

    async def calls_open(least: int) -> bool:
        return len(await ledger.calls(model, is_open=True)) >= least

    async def limited(places: int) -> None:
        await in_database_thread(Provider.objects.filter(slug=slug).update, max_concurrency=places)
        # A model that is not known has the providers read anew.
        await author.execute(f"p{uuid.uuid4().hex[:8]}/x")

    first = [asyncio.create_task(author.execute(f"{slug}/{model}")) for _ in range(2)]
    await until(lambda: calls_open(2))
    await limited(2)
    calls = [asyncio.create_task(author.execute(f"{slug}/{model}")) for _ in range(4)]
    await asyncio.sleep(0.5)
    assert len(await ledger.calls(model, is_open=True)) == 2
    await limited(1)
    await asyncio.wait(first)
    most = 0
    while not all(call.done() for call in calls):
        most = max(most, len(await ledger.calls(model, is_open=True)))
        await asyncio.sleep(0.02)
    assert most == 1
    assert {call.result().status for call in [*first, *calls]} == {200}


async def test_tokens_a_minute_hold_for_all_and_a_call_above_them_passes_alone(redis: Redis):
    one, other = gates(redis, Limits(tokens=1_000), processes=2)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(one.passed("p/m", tokens=600, is_batch=False))
        assert await entered(stack, other)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), other.passed("p/m", tokens=600, is_batch=False):
                raise AssertionError("too many")
    (large,) = gates(redis, Limits(tokens=1_000), processes=1)
    async with asyncio.timeout(PATIENCE), large.passed("p/m", tokens=50_000, is_batch=False):
        pass


async def test_f19_without_valkey_each_process_keeps_to_its_share():
    async with Redis.from_url("redis://127.0.0.1:9/0") as away:
        four = gates(away, Limits(places=10, requests=600), processes=4)
        async with AsyncExitStack() as stack:
            through = [await entered(stack, gate) for gate in four for _ in range(4)]
        assert through.count(True) == 10


async def test_f19_without_valkey_a_limit_a_minute_is_no_mistake_of_the_service():
    async with Redis.from_url("redis://127.0.0.1:9/0") as away:
        (gate,) = gates(away, Limits(requests=2), processes=1)
        async with AsyncExitStack() as stack:
            assert [await entered(stack, gate) for _ in range(3)] == [True, True, False]


async def test_f19_without_valkey_a_breaker_goes_by_what_its_process_saw():
    async with Redis.from_url("redis://127.0.0.1:9/0") as away:
        breakers = Breakers(Shared(away))
        for _ in range(5):
            assert await breakers.admits("p", "p/m")
            await breakers.failed(Code.PROVIDER_ERROR, provider="p", model_id="p/m")
        assert not await breakers.admits("p", "p/m")
        assert await breakers.admits("p", "p/other")
        await breakers.pause("p/other", 30)
        assert breakers.pause_left("p/other") > 29


async def test_a_rested_model_is_tried_by_one_call_of_all_processes(redis: Redis, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("providers.line.breaker.REST", 0.3)
    name = f"p/{uuid.uuid4().hex}"
    one, other = Breakers(Shared(redis)), Breakers(Shared(redis))
    for number in range(5):
        await (one, other)[number % 2].failed(Code.TIMEOUT_IDLE, provider="p", model_id=name)
    await other.look()
    assert [await each.admits("p", name) for each in (one, other)] == [False, False]

    async def tried() -> list[bool]:
        answers = [await each.admits("p", name) for each in (one, other, one, other)]
        return answers if any(answers) else []

    assert (await until(tried)).count(True) == 1
    await one.worked("p", name)
    await other.look()
    assert [await each.admits("p", name) for each in (one, other)] == [True, True]


async def test_a_refusal_says_that_the_model_is_well(redis: Redis):
    name, breakers = f"p/{uuid.uuid4().hex}", Breakers(Shared(redis))
    for code in (Code.PROVIDER_REFUSED, Code.MODEL_NOT_FOUND, Code.RATE_LIMITED, Code.PROVIDER_QUOTA) * 10:
        await breakers.failed(code, provider="p", model_id=name)
    assert await breakers.admits("p", name)


async def test_a_full_queue_is_told_at_once(redis: Redis, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("providers.line.gate.LONGEST_QUEUE", 1)
    (gate,) = gates(redis, Limits(places=1), processes=1)
    async with AsyncExitStack() as stack:
        assert await entered(stack, gate)
        waiting = asyncio.create_task(comes_through(stack, gate))
        await asyncio.sleep(0)
        with pytest.raises(ProviderFailure) as refusal:
            await entered(stack, gate)
        assert refusal.value.code is Code.PROVIDER_BUSY
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_who_waits_in_the_queue_is_told_the_place(author: Person, make_provider):
    slug = await in_database_thread(make_provider, max_concurrency=1)
    slow = asyncio.create_task(author.execute(f"{slug}/tokens-40-every-100ms"))

    async def is_under_way() -> bool:
        return await in_database_thread(
            PromptExecution.objects.filter(model_id__startswith=slug, status="running").exists
        )

    await until(is_under_way)
    events = await author.events(f"{slug}/tokens-3")
    told = [(event.kind, event.data) for event in events if event.kind in ("waiting", "token")]
    assert told[:2] == [("waiting", {"for": "queue", "place": 1, "of": 1}), ("waiting", {"for": "provider"})]
    assert {kind for kind, _ in told[2:]} == {"token"}
    assert events[-1].kind == "completed"
    assert "waiting" not in [event.kind for event in await author.events(f"{slug}/tokens-3")]
    assert (await slow).status == 200


async def test_places_follow_the_order_and_who_has_left_stands_nowhere(redis: Redis):
    (gate,) = gates(redis, Limits(places=1), processes=1)
    places: dict[str, list[tuple[int, int]]] = {"first": [], "second": []}

    async def pass_through(name: str) -> None:
        async with gate.passed("p/m", tokens=1, is_batch=False, told=lambda *place: places[name].append(place)):
            pass

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(gate.passed("p/m", tokens=1, is_batch=False))
        waiting = [asyncio.create_task(pass_through(name)) for name in places]
        await until(lambda: _true(bool(places["second"])))
        assert (places["first"][0], places["second"][0]) == ((1, 2), (2, 2))
        waiting[0].cancel()
        await until(lambda: _true(places["second"][-1] == (1, 1)))
    await waiting[1]
    assert not gate._standing


async def _true(value: bool) -> bool:
    return value
