"""Every change of a breaker's state is kept once, and what it stood at over a time is told from the changes."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from foundation.cache.client import client_of
from providers.errors import Code
from providers.line import breaker, history
from providers.line.breaker import FAILURES_TO_OPEN, REST, Breakers, State
from providers.line.history import KEPT, forget_old, take_transitions
from providers.line.shared import OPEN, TRANSITIONS, Shared
from providers.line.timeline import spans, timelines_of, transitions_of
from providers.models import BreakerTransition

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("embedded_servers")]

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def slug() -> Iterator[str]:
    """A provider that nobody knows, with nothing noted of others."""

    async def forget(name: str) -> None:
        async with redis() as client:
            await client.hdel(OPEN, name, f"{name}/m")
            await client.delete(TRANSITIONS)

    name = f"t{uuid.uuid4().hex[:10]}"
    asyncio.run(forget(name))
    yield name
    asyncio.run(forget(name))


def redis() -> Redis:
    """The test's Valkey."""
    return client_of(settings.REDIS_URL, seconds=5, seconds_to_connect=5)


def kept(slug: str) -> list[tuple[str, str, str, str]]:
    """What the table has of a provider, in its order."""
    rows = BreakerTransition.objects.filter(provider=slug).order_by("at", "id")
    return [(row.model_id, row.from_state, row.to_state, row.reason) for row in rows]


async def fails(breakers: Breakers, slug: str, code: Code = Code.PROVIDER_ERROR) -> None:
    """As often as it takes."""
    for _ in range(FAILURES_TO_OPEN):
        await breakers.failed(code, provider=slug, model_id=f"{slug}/m")


def test_it_opens_is_tried_opens_again_and_closes(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def live() -> None:
        async with redis() as client:
            breakers = Breakers(Shared(client))
            await fails(breakers, slug)
            # One that was under way comes back while it rests: that is no change.
            await breakers.failed(Code.STREAM_CUT, provider=slug, model_id=f"{slug}/m")
            monkeypatch.setattr(breaker, "REST", 0.0)
            assert await breakers.admits(slug, f"{slug}/m")
            await breakers.failed(Code.TIMEOUT_IDLE, provider=slug, model_id=f"{slug}/m")
            assert await breakers.admits(slug, f"{slug}/m")
            await breakers.worked(slug, f"{slug}/m")
            await breakers.worked(slug, f"{slug}/m")

    asyncio.run(live())
    assert take_transitions() == 5
    assert take_transitions() == 0
    name = f"{slug}/m"
    assert kept(slug) == [
        (name, "closed", "open", "provider_error"),
        (name, "open", "half_open", "rested"),
        (name, "half_open", "open", "timeout_idle"),
        (name, "open", "half_open", "rested"),
        (name, "half_open", "closed", "worked"),
    ]


def test_a_failed_connection_and_what_others_say_are_the_providers(slug: str) -> None:
    async def live() -> None:
        async with redis() as client:
            await fails(Breakers(Shared(client)), slug, Code.TIMEOUT_CONNECT)
            for is_open in (True, False, False, True):
                await Shared(client).turn(slug, is_open=is_open, rest=REST)

    asyncio.run(live())
    take_transitions()
    assert kept(slug) == [
        ("", "closed", "open", "timeout_connect"),
        ("", "open", "half_open", "reported_up"),
        ("", "half_open", "open", "reported_down"),
    ]


def test_what_nobody_calls_any_more_is_closed(slug: str) -> None:
    async def live() -> None:
        async with redis() as client:
            await fails(Breakers(Shared(client)), slug)
            await asyncio.sleep(0.01)
            await Shared(client).look(forgotten_after=0)

    asyncio.run(live())
    take_transitions()
    assert kept(slug)[1:] == [(f"{slug}/m", "half_open", "closed", "forgotten")]


def test_what_is_taken_twice_is_written_once(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def live() -> list[Any]:
        async with redis() as client:
            await fails(Breakers(Shared(client)), slug)
            return list(await client.xrange(TRANSITIONS) or ())

    async def again(entries: list[Any]) -> None:
        async with redis() as client:
            for id_, fields in entries:
                await client.xadd(TRANSITIONS, fields, id=id_)

    entries = asyncio.run(live())
    assert take_transitions() == 1

    class Died(Exception):
        """The worker's end between its writing and its removing."""

    def dies(*_: object, **__: object) -> None:
        raise Died

    async def forgets() -> None:
        async with redis() as client:
            await client.delete(TRANSITIONS)

    asyncio.run(forgets())
    asyncio.run(again(entries))
    monkeypatch.setattr(Redis, "xdel", dies)
    with pytest.raises(Died):
        take_transitions()
    monkeypatch.undo()
    assert take_transitions() == 0
    assert len(kept(slug)) == 1


def test_notes_of_another_kind_are_left_out_and_removed(slug: str) -> None:
    async def notes() -> int:
        async with redis() as client:
            for fields in (
                {"name": slug},
                {"name": slug, "from": "closed", "to": "ajar", "at": "1"},
                {"name": slug, "from": "closed", "to": "open", "at": "soon"},
                {"name": slug, "from": "closed", "to": "open", "at": "9" * 30},
            ):
                await client.xadd(TRANSITIONS, fields)  # type: ignore[arg-type]
            return int(await client.xlen(TRANSITIONS))

    assert asyncio.run(notes()) == 4
    assert take_transitions() == 0
    assert kept(slug) == []


def test_what_redis_lost_is_closed_in_the_table(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def live() -> None:
        async with redis() as client:
            await fails(Breakers(Shared(client)), slug)

    async def loses() -> None:
        async with redis() as client:
            await client.hdel(OPEN, f"{slug}/m")

    asyncio.run(live())
    take_transitions()
    monkeypatch.setattr(history, "SETTLED_AFTER", timedelta(0))
    take_transitions()
    assert len(kept(slug)) == 1
    asyncio.run(loses())
    take_transitions()
    take_transitions()
    assert kept(slug)[1:] == [(f"{slug}/m", "open", "closed", "lost")]


def made(slug: str, at: datetime, to: State, *, model: str = "", from_: State = State.CLOSED) -> BreakerTransition:
    """A row."""
    return BreakerTransition.objects.create(
        provider=slug, model_id=model, from_state=from_.value, to_state=to.value, at=at, entry=uuid.uuid4().hex
    )


def test_the_last_one_stays_however_old(slug: str) -> None:
    made(slug, NOW - KEPT - timedelta(days=2), State.OPEN)
    last = made(slug, NOW - KEPT - timedelta(days=1), State.HALF_OPEN)
    model = made(slug, NOW, State.OPEN, model=f"{slug}/m")
    assert forget_old(now=NOW) == 1
    assert set(BreakerTransition.objects.filter(provider=slug)) == {last, model}


def test_shares_of_a_time_by_hand(slug: str) -> None:
    since, before = NOW - timedelta(minutes=10), NOW
    made(slug, since - timedelta(seconds=5), State.OPEN)
    made(slug, since + timedelta(seconds=60), State.CLOSED, from_=State.HALF_OPEN)
    made(slug, since + timedelta(seconds=300), State.OPEN, model=f"{slug}/m")
    rows = transitions_of(slug, since=since, before=before)
    assert [row.at for row in rows] == [since + timedelta(seconds=300), since + timedelta(seconds=60)]
    own, model = timelines_of(slug, rows, since=since, before=before)
    # It opened five seconds before, rests for ten of the fifteen, and is on trial until the minute is full.
    assert [(span.state, span.seconds) for span in own.spans] == [
        (State.OPEN, 10), (State.HALF_OPEN, 50), (State.CLOSED, 540),
    ]  # fmt: skip
    assert own.share(State.OPEN) == pytest.approx(10 / 600)
    assert model.model_id == f"{slug}/m"
    assert [(span.state, span.seconds) for span in model.spans] == [
        (State.CLOSED, 300), (State.OPEN, 15), (State.HALF_OPEN, 285),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.floats(0, 3600), st.sampled_from(State)), max_size=12), st.sampled_from([None, *State]))
def test_spans_fill_the_time_without_gaps(changes: list[tuple[float, State]], first: State | None) -> None:
    since, before = NOW, NOW + timedelta(hours=1)
    rows = [
        BreakerTransition(from_state="closed", to_state=state.value, at=since + timedelta(seconds=at))
        for at, state in sorted(changes)
    ]
    earlier = None if first is None else BreakerTransition(to_state=first.value, at=since - timedelta(hours=2))
    found = spans(earlier, rows, since=since, before=before)
    assert (found[0].began, found[-1].ended) == (since, before)
    assert all(one.ended == other.began for one, other in pairwise(found))
    assert all(span.seconds > 0 for span in found)
    assert all(span.seconds <= REST for span in found if span.state is State.OPEN)


def test_taking_again_and_again_keeps_no_connection(slug: str) -> None:
    options = settings.DATABASES["default"]["OPTIONS"]["pool"]
    for _ in range(options["max_size"] + 4):
        take_transitions()
