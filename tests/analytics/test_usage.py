"""Usage against sums of the same runs made by hand: whatever runs, is copied, rolled up, erased or kept no longer."""

from __future__ import annotations

import math
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from analytics.models import UsageCell, UsageDay
from analytics.usage import rolling_up
from analytics.usage.asking import Asked
from analytics.usage.catching_up import catch_up
from analytics.usage.figures import Figures
from analytics.usage.reading import usage_of
from analytics.usage.units import begins_of, units_of
from playground.engine import lifecycle
from playground.keeping.retention import remove
from playground.models import ExecutionUsage, PromptExecution
from playground.usage import sketch
from privacy.erasure.steps import in_order
from sessions_app.models import PlaygroundSession

BEGIN = datetime(2026, 3, 27, 20, 0, tzinfo=UTC)
"""Two days before Europe's clocks go forward."""
SPAN = 4 * 24 * 60
"""Minutes."""


@dataclass
class Ran:
    """One run, as it was asked for."""

    minute: int
    model: str
    origin: str
    status: str
    error: str
    tokens: int
    cost: int
    """Hundred-millionths of a dollar."""
    milliseconds: int | None
    is_copy: bool
    is_cached: bool
    is_price_known: bool | None
    """None: the run does not tell, as old ones do not."""
    person: int
    is_erased: bool = False
    id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def at(self) -> datetime:
        return BEGIN + timedelta(minutes=self.minute)


RUNS = st.builds(
    Ran,
    minute=st.integers(0, SPAN),
    model=st.sampled_from(["openai/a", "openai/b", "anthropic/c"]),
    origin=st.sampled_from(["person", "service", "evaluation", "trace"]),
    status=st.sampled_from(["completed", "completed", "failed", "cancelled"]),
    error=st.sampled_from(["timeout_total", "rate_limited"]),
    tokens=st.integers(0, 10**10),
    cost=st.sampled_from([0, 0, 1, 10**12]) | st.integers(0, 10**12),
    milliseconds=st.none() | st.integers(0, 10**7),
    is_copy=st.sampled_from([False, False, False, True]),
    is_cached=st.booleans(),
    is_price_known=st.sampled_from([True, False, None]),
    person=st.integers(0, 1),
    is_erased=st.just(False),
)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("run"), RUNS),
        st.tuples(st.just("roll up"), st.integers(0, SPAN + 120)),
        st.tuples(st.just("keep no longer"), st.integers(0, 30)),
        st.tuples(st.just("erase"), st.just(1)),
    ),
    min_size=1,
    max_size=25,
)
GROUPS = st.sampled_from(
    [(), ("hour",), ("day",), ("week",), ("month",), ("model",), ("provider",), ("origin",), ("status",), ("error",),
     ("user",), ("session",), ("project",), ("token",), ("version",),
     ("template",), ("day", "model"), ("user", "status")]
)  # fmt: skip
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "America/Los_Angeles",
        "Pacific/Auckland",
        "Pacific/Kiritimati",
        "Etc/GMT+12",
    ]
)
CLOCKS = (
    ("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"), ("Africa/Cairo", "2026-04-24"),
    ("America/Havana", "2025-11-02"), ("Australia/Lord_Howe", "2026-04-05"), ("America/Asuncion", "2024-03-24"),
    ("Asia/Kathmandu", "2026-01-01"), ("Pacific/Apia", "2011-12-30"),
)  # fmt: skip
"""Days on which the clocks of a time zone are put forward or back, at midnight too; a day that there was not."""


def people_with_sessions() -> list[tuple[User, PlaygroundSession]]:
    """Two."""
    made = []
    for number in range(2):
        user = User.objects.create_user(f"usage{number}-{uuid.uuid4()}")
        made.append((user, PlaygroundSession.objects.create(user=user, name="Usage", project_id=f"p{number}")))
    return made


def erase(user: User) -> None:
    """What the erasure does to usage."""
    for step in in_order():
        while step.name in ("usage", "usage by day") and step.turn(user.id):
            pass


def write(ran: Ran, session: PlaygroundSession) -> None:
    """The execution, and what it used, as its end writes it."""
    notes: dict[str, Any] = {"cached": True} if ran.is_cached else {}
    if ran.is_price_known is not None:
        notes["price_known"] = ran.is_price_known
    if ran.is_copy:
        notes["forked_from"] = str(uuid.uuid4())
    if ran.milliseconds is not None:
        notes["time_to_first_token"] = ran.milliseconds / 2000
    PromptExecution.objects.create(
        id=ran.id, request={"prompt": "x"}, session=session, user_id=session.user_id, model_id=ran.model,
        origin=ran.origin, status=ran.status,
        error_code=ran.error if ran.status == "failed" else "", prompt_tokens=ran.tokens, completion_tokens=1,
        estimated_cost=Decimal(ran.cost) / 10**8, metadata=notes, created_at=ran.at, ended_at=ran.at,
        execution_time=None if ran.milliseconds is None else Decimal(ran.milliseconds) / 1000,
        billing={"details": {"cache_read_tokens": ran.tokens // 2}, "lines": [
            {"item": "input", "quantity": 1, "cost": f"{Decimal(ran.cost // 3) / 10**8:f}"},
        ]},
    )  # fmt: skip
    lifecycle.keep([ran.id])


def key_of(ran: Ran, group: str, zone: str, cast: list[tuple[User, PlaygroundSession]]) -> Any:
    """What the run is grouped under."""
    local = ran.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, minute=0)
    day = local.replace(hour=0)
    return {
        "hour": local,
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "model": ran.model,
        "provider": ran.model.split("/")[0],
        "origin": ran.origin,
        "status": ran.status,
        "error": ran.error if ran.status == "failed" else "",
        "user": None if ran.is_erased else cast[ran.person][0].id,
        "session": cast[ran.person][1].id,
        "project": cast[ran.person][1].project_id,
        "token": None,
        "version": None,
        "template": None,
    }[group]


def add(figures: Figures, other: Figures) -> None:
    """Counts those in."""
    for name in set(Figures.__slots__) - {"lines", "errors", "latency", "first_token"}:
        setattr(figures, name, getattr(figures, name) + getattr(other, name))
    for name in ("lines", "errors", "latency", "first_token"):
        counts = getattr(figures, name)
        for key, count in getattr(other, name).items():
            counts[key] = counts.get(key, 0) + count


def is_unpriced(ran: Ran) -> bool:
    """A cached answer cost nothing, whatever its model's price; a free model's price is known."""
    return not ran.is_cached and (not ran.cost if ran.is_price_known is None else not ran.is_price_known)


def by_hand(asked: Asked, rows: list[Ran], cast: list[tuple[User, PlaygroundSession]]) -> dict[Any, Figures]:
    """Sums by key."""
    found: dict[Any, Figures] = defaultdict(Figures)
    for ran in rows:
        if ran.is_copy or not asked.since <= ran.at < asked.before:
            continue
        if asked.people is not None and (ran.is_erased or cast[ran.person][0].id not in asked.people):
            continue
        if any(key_of(ran, name, asked.zone, cast) not in values for name, values in asked.filters.items()):
            continue
        figures = found[tuple(key_of(ran, group, asked.zone, cast) for group in asked.groups)]
        is_elsewhere = ran.origin == "trace"
        add(
            figures,
            Figures(
                executions=1, completed=ran.status == "completed", failed=ran.status == "failed",
                cancelled=ran.status == "cancelled", cached=ran.is_cached, prompt_tokens=ran.tokens,
                completion_tokens=1, cache_read_tokens=ran.tokens // 2, spent=0 if is_elsewhere else ran.cost,
                lines={} if is_elsewhere else {"input": ran.cost // 3},
                spent_elsewhere=ran.cost if is_elsewhere else 0, unpriced=is_unpriced(ran),
                errors=Counter([ran.error] if ran.status == "failed" else []),
            ),
        )  # fmt: skip
        if ran.status == "completed" and ran.milliseconds is not None:
            figures.latency[sketch.bucket_of(ran.milliseconds)] += 1
            figures.first_token[sketch.bucket_of((ran.milliseconds + 1) // 2)] += 1
    return dict(found)


def without_nothing(figures: Figures, *, is_detailed: bool) -> dict[str, Any]:
    """Comparable: lines and counts of nothing left out."""
    told = {name: getattr(figures, name) for name in Figures.__slots__ if name != "lines"}
    told["lines"] = {line: cost for line, cost in figures.lines.items() if cost}
    if not is_detailed:
        del told["errors"], told["latency"], told["first_token"]
    return told


@pytest.mark.django_db(transaction=True)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=ACTS, groups=GROUPS, zone=ZONES, begin=st.integers(-120, SPAN), minutes=st.integers(1, SPAN),
    people=st.sampled_from([None, (0,), (0, 1)]), filters=st.sampled_from([
        {}, {}, {"model": ["openai/a"]}, {"status": ["completed"]}, {"status": ["failed", "cancelled"]},
        {"provider": ["openai"], "origin": ["trace", "person"]}, {"project": ["p0"]}, {"project": ["p1", "p0"]},
    ]),
)  # fmt: skip
def test_sums_are_those_of_the_runs(acts, groups, zone, begin, minutes, people, filters):
    sums_are_those_of_the_runs(acts, groups, zone, begin, minutes, people, filters)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    runs=st.lists(RUNS, min_size=6, max_size=20), unit=st.sampled_from(["day", "day", "week", "month"]), zone=ZONES,
    begin=st.integers(-SPAN, SPAN // 4), of=st.sampled_from(
        [((0,), {}), ((0, 1), {}), (None, {"project": ["p0"]}), (None, {"project": ["p1", "p0"]})]
    ),
)  # fmt: skip
def test_sums_by_days_of_utc_are_moved_to_where_clocks_put_the_runs(runs, unit, zone, begin, of):
    acts = [*(("run", ran) for ran in runs), ("roll up", 2 * SPAN)]
    sums_are_those_of_the_runs(acts, (unit,), zone, begin, 2 * SPAN, *of)


def sums_are_those_of_the_runs(
    acts: Any, groups: Any, zone: str, begin: int, minutes: int, people: Any, filters: Any
) -> None:
    """Does all that, asks, and adds up by hand."""
    ExecutionUsage.objects.all().delete()
    UsageCell.objects.all().delete()
    UsageDay.objects.all().delete()
    cast = people_with_sessions()
    rows: list[Ran] = []
    for act, told in acts:
        if act == "run":
            rows.append(told)
            write(told, cast[told.person][1])
        elif act == "roll up":
            rolling_up.roll_up(now=BEGIN + timedelta(minutes=told))
        elif act == "erase":
            erase(cast[told][0])
            for ran in rows:
                ran.is_erased = ran.is_erased or ran.person == told
        elif rows:
            remove([rows[told % len(rows)].id])
    since = BEGIN + timedelta(minutes=begin)
    asked = Asked(
        since=since, before=since + timedelta(minutes=minutes), zone=zone, groups=groups,
        people=None if people is None else tuple(cast[number][0].id for number in people),
        filters=filters,
    )  # fmt: skip
    wanted = by_hand(asked, rows, cast)
    found = usage_of(asked)
    is_detailed = len(groups) < 2
    total = Figures()
    for figures in wanted.values():
        add(total, figures)
    assert without_nothing(found.total, is_detailed=True) == without_nothing(total, is_detailed=True)
    if groups:
        assert {key: without_nothing(row, is_detailed=is_detailed) for key, row in found.rows.items()} == {
            key: without_nothing(row, is_detailed=is_detailed) for key, row in wanted.items()
        }


@pytest.mark.django_db
@pytest.mark.parametrize("unit", ["hour", "day", "week", "month"])
@pytest.mark.parametrize(("zone", "day"), CLOCKS)
def test_a_moment_is_in_the_unit_that_clocks_show(zone: str, day: str, unit: str):
    """PostgreSQL's own word for each quarter of an hour of three days."""
    since = datetime.fromisoformat(f"{day}T00:00Z") - timedelta(days=1)
    asked = Asked(since=since, before=since + timedelta(days=3), zone=zone, groups=(unit,))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT date_trunc(%s, at AT TIME ZONE %s), width_bucket(at, %s::timestamptz[])
            FROM generate_series(%s, %s, interval '15 minutes') AS at
            """,
            [unit, zone, begins_of(asked), asked.since, asked.before - timedelta(seconds=1)],
        )
        rows = cursor.fetchall()
    units = units_of(asked)
    assert len(rows) == 3 * 24 * 4
    assert [units[number - 1] for _, number in rows] == [shown for shown, _ in rows]


@given(st.lists(st.integers(0, sketch.MOST), min_size=1, max_size=200), st.floats(0, 1))
def test_a_percentile_of_a_sketch_is_near_one_of_the_times(times, share):
    counts = Counter(map(sketch.bucket_of, times))
    [found] = sketch.percentiles(counts, [share]) or []
    exact = sorted(times)[max(math.ceil(share * len(times)), 1) - 1]
    assert found == pytest.approx(exact, rel=sketch.ERROR * 1.001)


@pytest.mark.django_db(transaction=True)
def test_runs_that_an_old_process_ended_are_caught_up_with():
    now = datetime.now(UTC)
    (_, session), *_ = people_with_sessions()

    def ended(*, minutes: int, status: str = "completed") -> PromptExecution:
        moment = now - timedelta(minutes=minutes)
        return PromptExecution.objects.create(
            session=session, user=session.user, model_id="openai/a", request={"prompt": "x"}, status=status,
            created_at=moment, ended_at=None if status == "running" else moment, estimated_cost=Decimal("0.5"),
        )  # fmt: skip

    missed, known = ended(minutes=30), ended(minutes=20)
    lifecycle.keep([known.id])
    ended(minutes=10, status="running")
    ended(minutes=400)
    assert catch_up(now=now) == 1
    assert catch_up(now=now) == 0
    told = ExecutionUsage.objects.filter(session_id=session.id).values_list("execution_id", "cost")
    assert dict(told) == {missed.id: 50_000_000, known.id: 50_000_000}
