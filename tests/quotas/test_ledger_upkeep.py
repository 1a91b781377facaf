"""What was run before a limit was set, what is left behind, and shares that are told once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.models import Team
from foundation import effects
from foundation.database.threads import in_database_thread
from playground.engine import quota_upkeep
from playground.engine.store import Store
from playground.models import PromptExecution
from quotas.ledger import defaults, thresholds
from quotas.ledger.setting import set_limits
from quotas.ledger.standing import standings_of
from quotas.models import EVERY, QuotaHold, QuotaLimit, QuotaUsage, SubjectKind
from sessions_app.models import PlaygroundSession
from tests.cast import new_user
from tests.quotas.test_admission import beginning, begun, ending, limit, somebody, stores, usage
from tests.waiting import until

__all__ = ["stores"]


async def run(store: Store, session: PlaygroundSession, *, cost: str = "0.1") -> None:
    """An execution from its beginning to its end."""
    row = beginning(session)
    assert await begun(store, row)
    await store.end(ending(row, cost=cost))


async def made_whole(kind: str, subject_id: object, period: str = "day") -> tuple[int, int, Decimal]:
    """What a subject used, once all that was run before its limit counts: by this process, or the service's own clock,
    of which what it is about to write is passed over here."""
    found = QuotaUsage.objects.filter(subject_kind=kind, subject_id=str(subject_id))

    async def is_whole() -> bool:
        await in_database_thread(quota_upkeep.make_whole)
        return not await in_database_thread(found.filter(is_whole=False).exists)

    await until(is_whole)
    return await usage(kind, subject_id, period)


def set_day(kind: SubjectKind, subject_id: object, **measures: Any) -> None:
    """Sets the limit of a day, as the API does."""
    set_limits(kind=kind, subject_id=str(subject_id), limits=[{"period": "day", **measures}], by=None)


@pytest.mark.parametrize("kind", ["user", "organisation", "team", "project"])
async def test_what_was_run_before_a_limit_was_set_counts(stores: list[Store], kind: str):
    key, project = f"acme-{uuid.uuid4().hex}", f"p-{uuid.uuid4().hex}"

    def world() -> tuple[PlaygroundSession, str]:
        session = somebody(organisation=key)
        session.project_id = project
        session.save()
        team = Team.objects.create(name=key)
        team.members.add(session.user)
        subjects = {"user": session.user_id, "organisation": key, "team": team.id, "project": project}
        return session, str(subjects[kind])

    session, subject_id = await in_database_thread(world)
    for _ in range(2):
        await run(stores[0], session)
    going_on = beginning(session, project_id=project)
    assert await begun(stores[0], going_on)
    await in_database_thread(set_day, SubjectKind(kind), subject_id, executions=4)
    assert await in_database_thread(quota_upkeep.make_whole) == 0  # one of them goes on
    after = beginning(session, project_id=project)
    assert await begun(stores[0], after)
    await stores[0].end(ending(going_on))
    await stores[0].end(ending(after))
    assert await made_whole(kind, subject_id) == (4, 32, Decimal("0.4"))
    assert not await begun(stores[0], beginning(session, project_id=project))


@pytest.mark.parametrize("copied", ["forked_from", "imported_from"])
async def test_copies_were_not_run_here_and_count_for_nothing(stores: list[Store], copied: str):
    session = await in_database_thread(somebody)
    for _ in range(2):
        await run(stores[0], session)

    def copy() -> None:
        row = PromptExecution.objects.filter(session=session).order_by("created_at")[0]
        row.metadata = {**row.metadata, copied: None}
        row.save(update_fields=["metadata"])

    await in_database_thread(copy)
    await in_database_thread(set_day, SubjectKind.USER, session.user_id, executions=4)
    assert await made_whole("user", session.user_id) == (1, 8, Decimal("0.1"))


async def test_a_usage_that_follows_another_is_whole_from_its_first_run_on(stores: list[Store]):
    session = await in_database_thread(somebody)
    await in_database_thread(set_day, SubjectKind.USER, session.user_id, executions=4)

    def a_day_older() -> None:
        for found in QuotaUsage.objects.filter(subject_id=str(session.user_id)):
            found.starts_on -= timedelta(days=1)
            found.save()

    await in_database_thread(a_day_older)
    await run(stores[0], session)
    newest = QuotaUsage.objects.filter(subject_id=str(session.user_id)).order_by("-starts_on")
    assert (await in_database_thread(newest.first)).is_whole  # type: ignore[union-attr]


async def test_a_limit_that_was_gone_for_a_while_counts_what_was_run_meanwhile(stores: list[Store]):
    session = await in_database_thread(somebody)
    await in_database_thread(set_day, SubjectKind.USER, session.user_id, executions=4)
    await run(stores[0], session)
    await in_database_thread(set_limits, kind=SubjectKind.USER, subject_id=str(session.user_id), limits=[], by=None)
    await run(stores[0], session)
    await in_database_thread(set_day, SubjectKind.USER, session.user_id, executions=4)
    assert (await made_whole("user", session.user_id))[0] == 2


async def test_what_is_set_aside_for_an_execution_that_is_gone_is_settled(stores: list[Store]):
    session = await in_database_thread(somebody)
    await in_database_thread(lambda: limit("user", session.user_id, executions=4, cost=4))
    gone, going_on = beginning(session, cost="1"), beginning(session, cost="1")
    assert await begun(stores[0], gone)
    assert await begun(stores[0], going_on)

    def later() -> int:
        PromptExecution.objects.filter(id=gone.id).delete()
        QuotaHold.objects.update(created_at=datetime.now(UTC) - timedelta(minutes=2))
        return quota_upkeep.settle_left_behind()

    assert await in_database_thread(later) == 1
    assert await usage("user", session.user_id) == (1, 10, Decimal(1))
    left = await in_database_thread(list, QuotaHold.objects.values_list("execution_id", flat=True))
    assert left == [going_on.id]


HEARD = """
quota_heard AS (
    INSERT INTO toy_heard SELECT subject_id, measure, percent FROM quota_threshold
)
"""


@pytest.fixture
def heard(transactional_db: None) -> Iterator[list[tuple[str, str, int]]]:
    """What an effect of another app was told."""
    before = {moment: dict(named) for moment, named in effects._effects.items()}
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE toy_heard (subject_id text, measure text, percent int)")
    effects.register("quota_threshold_reached", "toy", HEARD)
    yield []
    effects._effects.clear()
    effects._effects.update(before)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE toy_heard")


def _heard() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT measure, percent FROM toy_heard ORDER BY 1, 2")
        return list(cursor.fetchall())


async def test_each_share_is_told_once(stores: list[Store], heard: list[tuple[str, str, int]]):
    session = await in_database_thread(somebody)
    await in_database_thread(lambda: limit("user", session.user_id, executions=10, cost=1, is_hard=False))
    told = []
    for number in range(10):
        await run(stores[0], session, cost="0.01" if number else "0.5")
        told.append([(each.measure, each.percent) for each in await in_database_thread(thresholds.look)])
    in_turn = {0: [("cost", 50)], 4: [("executions", 50)], 7: [("executions", 80)], 9: [("executions", 100)]}
    assert dict(enumerate(told)) == {number: in_turn.get(number, []) for number in range(10)}
    assert await in_database_thread(_heard) == [each for shares in in_turn.values() for each in shares]
    assert await in_database_thread(thresholds.look) == []


async def test_a_share_that_was_jumped_over_is_not_told_beside_the_higher_one(stores: list[Store]):
    session = await in_database_thread(somebody)
    await in_database_thread(lambda: limit("user", session.user_id, cost=1, is_hard=False))
    await run(stores[0], session, cost="1.2")
    (reached,) = await in_database_thread(thresholds.look)
    assert (reached.percent, reached.used, reached.limit) == (100, Decimal("1.2"), Decimal(1))


@pytest.mark.django_db
def test_how_somebody_stands():
    user = new_user()
    limit("user", EVERY, executions=10)
    limit("user", user.id, period="month", cost=Decimal("2.5"), is_hard=False)
    day, month = standings_of(user_id=user.id)
    assert (day.period, day.is_default, day.is_hard) == ("day", True, True)
    (amount,) = day.amounts
    assert (str(amount.measure), *map(int, (amount.limit, amount.used, amount.left))) == ("executions", 10, 0, 10)
    assert (day.ends_at - day.starts_at) == timedelta(days=1)
    assert day.starts_at <= datetime.now(UTC) < day.ends_at
    assert (month.period, month.is_default, month.is_hard) == ("month", False, False)
    assert 0 <= month.elapsed(datetime.now(UTC)) <= 1
    assert amount.pace(0.01) is None


@pytest.mark.django_db
def test_what_the_environment_says_is_kept_in_step_and_never_over_what_somebody_set():
    a_day: defaults.Figures = {"executions": 5, "tokens": None, "cost": None}
    given: dict[str, defaults.Figures] = {"day": a_day, "month": {"cost": Decimal(3)}}
    defaults.keep_in_step(given)
    defaults.keep_in_step(given)
    rows = QuotaLimit.objects.filter(subject_id=EVERY)
    assert sorted(rows.values_list("period", "executions", "cost")) == [("day", 5, None), ("month", None, Decimal(3))]
    defaults.keep_in_step({"day": {"executions": 7, "tokens": 9, "cost": None}, "month": {"cost": None}})
    assert list(rows.values_list("period", "executions", "tokens")) == [("day", 7, 9)]
    set_limits(kind=SubjectKind.USER, subject_id=EVERY, limits=[{"period": "day", "executions": 1}], by=None)
    defaults.keep_in_step(given)
    assert rows.get(period="day").executions == 1
