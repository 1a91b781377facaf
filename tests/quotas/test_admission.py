"""T15: what is set aside in the ledger of quotas, over two engines' stores, as of two processes."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Organisation, Team
from foundation.database.threads import in_database_thread
from playground.engine.lifecycle import Beginning, Ending
from playground.engine.reservation import Reserve
from playground.engine.store import LimitReached, Store
from playground.models import Origin, Status
from quotas.models import EVERY, QuotaHold, QuotaLimit, QuotaUsage
from sessions_app.models import PlaygroundSession
from tests.cast import new_user


@pytest.fixture
async def stores(transactional_db: None) -> AsyncIterator[list[Store]]:
    """Two, each with its own connections."""
    both = [Store(), Store()]
    yield both
    for store in both:
        await store.close()


def somebody(**fields: Any) -> PlaygroundSession:
    """A new user's session."""
    return PlaygroundSession.objects.default_of(new_user(**fields))


def limit(kind: str, subject_id: object, *, period: str = "day", **measures: Any) -> QuotaLimit:
    """A limit of this subject."""
    return QuotaLimit.objects.create(subject_kind=kind, subject_id=str(subject_id), period=period, **measures)


def beginning(session: PlaygroundSession, *, tokens: int = 10, cost: str = "0.5", **more: Any) -> Beginning:
    """A row to be, with what is set aside for it."""
    return Beginning(
        id=uuid.uuid4(), session_id=session.id, user_id=session.user_id, model_id="openai/echo", request=b"sealed",
        parameters=None, notes=None, status=Status.RUNNING, metadata={}, created_at=datetime.now(UTC),
        runner_id=uuid.uuid4(), parent_id=None, template_version_id=None, comparison_id=None,
        comparison_position=None, origin=Origin.SERVICE, max_cost=None, reserved_cost=Decimal(cost),
        reserved_tokens=tokens, **more,
    )  # fmt: skip


def ending(row: Beginning, *, cost: str = "0.1", tokens: int = 4, status: Status = Status.COMPLETED) -> Ending:
    """How it ended, at this cost and with so many tokens in and as many out."""
    return Ending(
        id=row.id, model_id=row.model_id, status=status, answer=b"sealed", error_code="", error_message=None,
        prompt_tokens=tokens, completion_tokens=tokens, estimated_cost=Decimal(cost), billing=None,
        execution_time=Decimal(1), metadata={}, ended_at=datetime.now(UTC), last_event=4,
    )  # fmt: skip


async def begun(store: Store, row: Beginning) -> bool:
    """Whether it was let in."""
    try:
        await store.begin(row)
    except LimitReached as reached:
        return str(reached) != "quota"
    return True


async def usage(kind: str, subject_id: object, period: str = "day") -> tuple[int, int, Decimal]:
    """What was used: executions, tokens, USD."""
    found = QuotaUsage.objects.filter(subject_kind=kind, subject_id=str(subject_id), period=period)
    return await in_database_thread(found.values_list("executions", "tokens", "cost").get)


async def holds() -> int:
    """How many are set aside."""
    return await in_database_thread(QuotaHold.objects.count)


async def test_t15_sixty_that_race_for_ten_get_ten_twenty_times(stores: list[Store]):
    for _ in range(20):
        session = await in_database_thread(somebody)
        await in_database_thread(lambda: limit("user", session.user_id, executions=10))  # noqa: B023 - called at once
        rows = [beginning(session) for _ in range(60)]
        answers = await asyncio.gather(*(begun(stores[place % 2], row) for place, row in enumerate(rows)))
        assert answers.count(True) == 10
        assert await holds() == 10
        let_in = [row for row, is_in in zip(rows, answers, strict=True) if is_in]
        await asyncio.gather(*(stores[place % 2].end(ending(row)) for place, row in enumerate(let_in)))
        assert await holds() == 0
        assert await usage("user", session.user_id) == (10, 80, Decimal(1))
        assert not await begun(stores[0], beginning(session))


async def test_t15_money_and_tokens_are_set_aside_by_the_dearest_path_and_settled_by_what_was_used(
    stores: list[Store],
):
    session = await in_database_thread(somebody)
    await in_database_thread(lambda: limit("user", session.user_id, cost=Decimal("1.2"), tokens=1_000))
    first, second = beginning(session), beginning(session)
    assert await begun(stores[0], first)
    assert await begun(stores[1], second)
    assert not await begun(stores[0], beginning(session))
    assert await begun(stores[0], beginning(session, cost="0.2"))
    await stores[0].end(ending(first))
    # 0.1 used, 0.7 set aside.
    assert not await begun(stores[0], beginning(session, cost="0.41"))
    assert await begun(stores[0], beginning(session, cost="0.4"))
    assert not await begun(stores[0], beginning(session, cost="0", tokens=980))


async def test_one_that_does_not_fit_shuts_out_nobody_beside_it(stores: list[Store]):
    session = await in_database_thread(somebody)
    await in_database_thread(lambda: limit("user", session.user_id, cost=1))
    rows = [beginning(session, cost="5" if number % 2 else "0.1") for number in range(20)]
    answers = await asyncio.gather(*(begun(stores[number % 2], row) for number, row in enumerate(rows)))
    assert answers == [number % 2 == 0 for number in range(20)]


async def test_every_limit_that_is_met_must_have_room(stores: list[Store]):
    key, project, token_id = f"acme-{uuid.uuid4().hex}", f"p-{uuid.uuid4().hex}", uuid.uuid4()

    def world() -> tuple[PlaygroundSession, Team]:
        session = somebody(organisation=key)
        team = Team.objects.create(name=f"Team {uuid.uuid4().hex}")
        team.members.add(session.user)
        limit("user", session.user_id, executions=5)
        limit("organisation", key, executions=4)
        limit("project", project, executions=3)
        limit("token", token_id, executions=2)
        limit("team", team.id, executions=1)
        return session, team

    session, team = await in_database_thread(world)
    within: dict[str, Any] = {"project_id": project, "token_id": token_id}
    assert await begun(stores[0], beginning(session, **within))
    assert not await begun(stores[0], beginning(session, **within))
    await in_database_thread(team.members.clear)
    assert await begun(stores[1], beginning(session, **within))
    assert not await begun(stores[1], beginning(session, **within))
    assert await begun(stores[0], beginning(session, project_id=project))
    assert not await begun(stores[0], beginning(session, project_id=project))
    assert await begun(stores[0], beginning(session))
    assert not await begun(stores[0], beginning(session))
    await in_database_thread(QuotaLimit.objects.filter(subject_kind="organisation").delete)
    assert await begun(stores[0], beginning(session))
    assert not await begun(stores[0], beginning(session))


async def test_a_limit_of_ones_own_stands_in_place_of_everybodys(stores: list[Store]):
    plain, dear = await in_database_thread(somebody), await in_database_thread(somebody)
    await in_database_thread(lambda: limit("user", EVERY, executions=1))
    await in_database_thread(lambda: limit("user", dear.user_id, executions=2))
    assert [await begun(stores[0], beginning(plain)) for _ in range(2)] == [True, False]
    assert [await begun(stores[0], beginning(dear)) for _ in range(3)] == [True, True, False]


async def test_a_soft_limit_counts_and_refuses_nothing(stores: list[Store]):
    session = await in_database_thread(somebody)
    await in_database_thread(lambda: limit("user", session.user_id, executions=1, is_hard=False))
    rows = [beginning(session) for _ in range(3)]
    assert [await begun(stores[0], row) for row in rows] == [True] * 3
    for row in rows:
        await stores[0].end(ending(row))
    assert (await usage("user", session.user_id))[0] == 3


async def test_a_day_and_a_month_are_counted_apart_and_in_the_organisations_time(stores: list[Store]):
    key = f"acme-{uuid.uuid4().hex}"

    def world() -> PlaygroundSession:
        Organisation.objects.create(key=key, time_zone="Pacific/Kiritimati")
        session = somebody(organisation=key)
        limit("user", session.user_id, executions=1)
        limit("user", session.user_id, period="month", executions=2)
        return session

    def as_if_it_were_of_long_ago() -> None:
        days = QuotaUsage.objects.filter(subject_id=str(session.user_id), period="day")
        assert [usage.starts_on for usage in days] == [datetime.now(ZoneInfo("Etc/GMT-14")).date()]
        days.update(starts_on=date(2020, 1, 1))

    session = await in_database_thread(world)
    assert [await begun(stores[0], beginning(session)) for _ in range(2)] == [True, False]
    await in_database_thread(as_if_it_were_of_long_ago)
    assert [await begun(stores[0], beginning(session)) for _ in range(2)] == [True, False]
    # Of the month both are used, whatever the day.
    await in_database_thread(QuotaUsage.objects.filter(subject_id=str(session.user_id), period="day").delete)
    assert not await begun(stores[0], beginning(session))


async def test_a_further_attempt_meets_what_the_first_one_met(stores: list[Store]):
    session, project = await in_database_thread(somebody), f"p-{uuid.uuid4().hex}"
    await in_database_thread(lambda: limit("project", project, executions=1, cost=1))
    row = beginning(session, project_id=project)
    assert await begun(stores[0], row)
    assert await stores[0].reserve(row.id, Reserve(10, Decimal("0.5")))
    assert not await stores[0].reserve(row.id, Reserve(10, Decimal("0.5")))
    await stores[0].end(ending(row, cost="0.7", status=Status.FAILED))
    assert await holds() == 0
    assert await usage("project", project) == (1, 8, Decimal("0.7"))


async def test_a_comparison_that_does_not_fit_whole_sets_nothing_aside(stores: list[Store]):
    session = await in_database_thread(somebody)
    await in_database_thread(lambda: limit("user", session.user_id, executions=2))
    with pytest.raises(LimitReached):
        await stores[0].begin_all([beginning(session) for _ in range(3)], None, is_comparison=False)
    assert await holds() == 0
    assert await stores[0].begin_all([beginning(session) for _ in range(2)], None, is_comparison=False)


async def test_t15_an_end_that_comes_twice_settles_once(stores: list[Store]):
    session = await in_database_thread(somebody)
    await in_database_thread(lambda: limit("user", session.user_id, executions=2))
    row = beginning(session)
    assert await begun(stores[0], row)
    assert await asyncio.gather(*(store.end(ending(row)) for store in stores)) in ([True, False], [False, True])
    assert await usage("user", session.user_id) == (1, 8, Decimal("0.1"))


async def test_nobody_pays_where_there_are_no_limits(stores: list[Store]):
    session = await in_database_thread(somebody)
    row = beginning(session)
    assert await begun(stores[0], row)
    await stores[0].end(ending(row))
    assert await in_database_thread(QuotaUsage.objects.count) == 0
