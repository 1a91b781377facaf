"""What an execution may cost at most: set aside before each attempt, in the statements that begin and go on."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from foundation import effects
from foundation.database.threads import in_database_thread
from playground.engine import lifecycle, statements
from playground.engine.lifecycle import Beginning, Ending
from playground.engine.reservation import Reserve
from playground.engine.store import LimitReached, Store
from playground.models import Comparison, Origin, PromptExecution, Status
from providers.models import CatalogueModel
from sessions_app.models import PlaygroundSession
from tests.cast import Person, new_user
from tests.playground.conftest import Ledger

PRICES = {"input_per_million": 1, "output_per_million": 10}


def priced(*models: str) -> None:
    """Gives models a price: 1 and 10 USD a million tokens."""
    for model in models:
        CatalogueModel.objects.create(id=model, provider=model.partition("/")[0], overrides=PRICES)


async def stored(answer_body: dict[str, Any]) -> PromptExecution:
    """The execution's row, by an answer or a problem."""
    execution_id = answer_body.get("execution_id") or answer_body["id"]
    return await in_database_thread(PromptExecution.objects.get, id=execution_id)


async def test_a_call_that_could_cost_more_is_refused_before_anything_is_paid(
    author: Person, provider: str, ledger: Ledger
):
    model = f"tokens-8@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, f"{provider}/{model}")
    refused = await author.execute(f"{provider}/{model}", parameters={"max_cost": 0.001})
    assert refused.status == 400
    (error,) = refused.body["errors"]
    assert (error["field"], error["code"]) == ("parameters.max_cost", "too_small")
    assert await ledger.calls(model) == []
    fitting = int(error["message"].rpartition("at most ")[2].split()[0])
    taken = await author.execute(f"{provider}/{model}", parameters={"max_cost": 0.001, "max_tokens": fitting})
    assert taken.status == 200
    row = await stored(taken.body)
    assert 0 < row.estimated_cost <= row.reserved_cost <= Decimal("0.001") == row.max_cost
    still = await author.execute(f"{provider}/{model}", parameters={"max_cost": 0.001, "max_tokens": fitting + 2})
    assert still.status == 400


async def test_a_model_without_a_price_has_no_max_cost(author: Person, provider: str):
    refused = await author.execute(f"{provider}/echo", parameters={"max_cost": 1})
    assert (refused.status, refused.body["errors"][0]["code"]) == (400, "price_unknown")


async def test_every_attempt_that_may_be_billed_counts(author: Person, provider: str, ledger: Ledger):
    """Room for two calls of three: the third is not made."""
    model = f"fault-500@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, f"{provider}/{model}")
    limits = {"max_cost": 0.0025, "max_tokens": 100}
    answer = await author.execute(f"{provider}/{model}", "x", parameters=limits)
    assert (answer.status, answer.body["code"]) == (402, "limit_reached")
    assert "reported an error of its own" in answer.body["detail"]
    assert len(await ledger.calls(model)) == 2
    row = await stored(answer.body)
    assert row.reserved_cost <= Decimal("0.0025")


async def test_an_attempt_that_nobody_bills_costs_no_room(author: Person, provider: str, ledger: Ledger):
    mark = uuid.uuid4().hex[:8]
    refusing, working = f"{provider}/fault-401@{mark}", f"{provider}/tokens-8@{mark}"
    await in_database_thread(priced, refusing, working)
    limits = {"max_cost": 0.0015, "max_tokens": 100, "fallback_models": [working]}
    answer = await author.execute(refusing, "x", parameters=limits)
    assert (answer.status, answer.body["model_id"]) == (200, working)


async def test_a_dearer_fallback_is_not_asked_and_a_cheaper_one_is(author: Person, provider: str, ledger: Ledger):
    mark = uuid.uuid4().hex[:8]
    names = [f"{provider}/{name}@{mark}" for name in ("fault-500", "tokens-8", "tokens-9", "tokens-10")]
    await in_database_thread(priced, *names)
    await in_database_thread(
        CatalogueModel.objects.filter(id=names[1]).update,
        overrides={"input_per_million": 1, "output_per_million": 1_000},
    )
    await in_database_thread(CatalogueModel.objects.filter(id=names[2]).delete)
    limits = {"max_cost": 0.0045, "max_tokens": 100, "fallback_models": names[1:]}
    answer = await author.execute(names[0], "x", parameters=limits)
    assert (answer.status, answer.body["model_id"]) == (200, names[3])
    for name in names[1:3]:
        assert await ledger.calls(name.partition("/")[2]) == []


TABLE = "CREATE TABLE toy_quotas (user_id uuid PRIMARY KEY, room int, taken int DEFAULT 0)"
LIMIT = """
toy_room AS (
    SELECT user_id, room - taken AS room FROM toy_quotas WHERE user_id IN (SELECT user_id FROM wanted)
    ORDER BY user_id FOR UPDATE
), toy_limit AS (
    SELECT w.id FROM (
        SELECT id, user_id, row_number() OVER (PARTITION BY user_id ORDER BY id) AS place FROM wanted
    ) w JOIN toy_room r ON r.user_id = w.user_id WHERE w.place <= r.room
)
"""
RESERVED = """
toy_reserved AS (
    UPDATE toy_quotas q SET taken = q.taken + t.runs
    FROM (SELECT user_id, count(*) AS runs FROM reserved GROUP BY user_id) t WHERE t.user_id = q.user_id
)
"""
ENDED = """
toy_ended AS (
    UPDATE toy_quotas q SET taken = q.taken - t.runs
    FROM (SELECT user_id, count(*) AS runs FROM ended GROUP BY user_id) t WHERE t.user_id = q.user_id
)
"""


@pytest.fixture
def toy_limit(transactional_db: None) -> Iterator[None]:
    """A quota as an app above may register one: so many at a time for each user."""
    before = {moment: dict(named) for moment, named in effects._effects.items()}
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    effects.register("execution_reserves", "toy_limit", LIMIT)
    effects.register("execution_reserved", "toy_reserved", RESERVED)
    effects.register("execution_ended", "toy_ended", ENDED)
    _forget_statements()
    yield
    effects._effects.clear()
    effects._effects.update(before)
    _forget_statements()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE toy_quotas")


def _forget_statements() -> None:
    for statement in (statements.insert, statements.reserve, statements.end):
        statement.cache_clear()


def beginning(session: PlaygroundSession) -> Beginning:
    """A row to be."""
    record = PromptExecution(id=uuid.uuid4(), session=session, user=session.user, model_id="openai/echo")
    return Beginning(
        id=record.id, session_id=session.id, user_id=session.user_id, model_id="openai/echo", request=b"sealed",
        parameters=None, notes=None, status=Status.RUNNING, metadata={}, created_at=record.created_at,
        runner_id=uuid.uuid4(),
        parent_id=None, template_version_id=None, comparison_id=None, comparison_position=None,
        origin=Origin.SERVICE, max_cost=None, reserved_cost=Decimal("0.5"), reserved_tokens=10,
    )  # fmt: skip


def _quota(room: int) -> PlaygroundSession:
    session = PlaygroundSession.objects.default_of(new_user())
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO toy_quotas (user_id, room) VALUES (%s, %s)", [session.user_id, room])
    return session


def _taken(session: PlaygroundSession) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT taken FROM toy_quotas WHERE user_id = %s", [session.user_id])
        return int(cursor.fetchone()[0])


async def test_t15_sixty_that_race_for_ten_places_get_ten(toy_limit: None):
    """The primitive that quotas use, over two stores as of two processes: one conditional statement."""
    session = await in_database_thread(_quota, 10)
    stores = [Store(), Store()]

    async def begun(number: int) -> bool:
        try:
            await stores[number % 2].begin(beginning(session))
        except LimitReached as limit:
            return str(limit) != "toy_limit"
        return True

    answers = await asyncio.gather(*(begun(number) for number in range(60)))
    assert answers.count(True) == 10
    assert await in_database_thread(_taken, session) == 10
    assert await in_database_thread(PromptExecution.objects.filter(session=session).count) == 10
    for store in stores:
        await store.close()


async def test_a_further_attempt_asks_the_limits_too(toy_limit: None):
    session, store = await in_database_thread(_quota, 2), Store()
    row = beginning(session)
    await store.begin(row)
    assert await store.reserve(row.id, Reserve(10, Decimal("0.5")))
    assert not await store.reserve(row.id, Reserve(10, Decimal("0.5")))
    stored = await in_database_thread(PromptExecution.objects.get, id=row.id)
    assert (stored.reserved_cost, stored.reserved_tokens) == (Decimal("1.0"), 20)
    await store.close()


async def test_a_comparison_that_a_limit_refuses_in_part_is_not_made_at_all(toy_limit: None):
    session, store = await in_database_thread(_quota, 2), Store()
    with pytest.raises(LimitReached):
        await store.begin_all([beginning(session) for _ in range(3)], None, is_comparison=False)
    assert await in_database_thread(PromptExecution.objects.filter(session=session).count) == 0
    assert await in_database_thread(_taken, session) == 0
    await store.close()


async def test_what_was_set_aside_is_given_back_in_the_statement_that_ends_the_run(toy_limit: None):
    session, store = await in_database_thread(_quota, 1), Store()
    row = beginning(session)
    await store.begin(row)
    with pytest.raises(LimitReached):
        await store.begin(beginning(session))
    ending = Ending(
        id=row.id, model_id=row.model_id, status=Status.FAILED, answer=b"sealed", error_code="interrupted",
        error_message=None, prompt_tokens=0, completion_tokens=0, estimated_cost=Decimal(0), billing=None,
        execution_time=Decimal(1),
        metadata={}, ended_at=datetime.now(UTC), last_event=4,
    )  # fmt: skip
    # As the reaper ends it, and then, late, the process that ran it.
    assert await in_database_thread(lifecycle.end, ending)
    assert not await store.end(ending)
    assert await in_database_thread(_taken, session) == 0
    await store.begin(beginning(session))
    await store.close()


async def test_rows_of_one_call_are_made_together_or_not_at_all(transactional_db: None):
    session, store, comparison_id = await in_database_thread(_session), Store(), uuid.uuid4()
    rows = [
        replace(beginning(session), comparison_id=comparison_id, comparison_position=position) for position in range(3)
    ]
    broken = [*rows[:2], replace(rows[2], template_version_id=uuid.uuid4())]
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await store.begin_all(broken, None, is_comparison=True)
    assert await in_database_thread(PromptExecution.objects.filter(session=session).count) == 0
    assert not await in_database_thread(Comparison.objects.filter(id=comparison_id).exists)
    assert await store.begin_all(rows, None, is_comparison=True)
    assert await in_database_thread(PromptExecution.objects.filter(comparison_id=comparison_id).count) == 3
    await store.close()


def _session() -> PlaygroundSession:
    return PlaygroundSession.objects.default_of(new_user())


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_is_beyond_and_what_covers_it_are_the_whole(tokens: int, cents: int, had: int, had_cents: int):
    needed, at_hand = Reserve(tokens, Decimal(cents)), Reserve(had, Decimal(had_cents))
    more = needed.beyond(at_hand)
    assert more.tokens + at_hand.tokens >= needed.tokens
    assert more.cost + at_hand.cost >= needed.cost
    assert not more or more.tokens + at_hand.tokens == needed.tokens or more.cost + at_hand.cost == needed.cost
