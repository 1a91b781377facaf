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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from analytics.models import UsageCell, UsageDay
from analytics.usage import rolling_up
from analytics.usage.asking import Asked
from analytics.usage.catching_up import catch_up
from analytics.usage.figures import Figures
from analytics.usage.reading import usage_of
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
    cost=st.integers(0, 10**12),
    milliseconds=st.none() | st.integers(0, 10**7),
    is_copy=st.sampled_from([False, False, False, True]),
    is_cached=st.booleans(),
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
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu"])


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
        figures.add(
            Figures(
                executions=1, completed=ran.status == "completed", failed=ran.status == "failed",
                cancelled=ran.status == "cancelled", cached=ran.is_cached, prompt_tokens=ran.tokens,
                completion_tokens=1, cache_read_tokens=ran.tokens // 2, spent=0 if is_elsewhere else ran.cost,
                lines={} if is_elsewhere else {"input": ran.cost // 3},
                spent_elsewhere=ran.cost if is_elsewhere else 0, unpriced=ran.cost == 0,
                errors=Counter([ran.error] if ran.status == "failed" else []),
            )
        )  # fmt: skip
        if ran.status == "completed" and ran.milliseconds is not None:
            figures.latency[sketch.bucket_of(ran.milliseconds)] += 1
    return dict(found)


def without_nothing(figures: Figures, *, is_detailed: bool) -> dict[str, Any]:
    """Comparable: lines and counts of nothing left out."""
    told = {name: getattr(figures, name) for name in Figures.__slots__ if name not in ("first_token", "lines")}
    told["lines"] = {line: cost for line, cost in figures.lines.items() if cost}
    if not is_detailed:
        del told["errors"], told["latency"]
    return told


@pytest.mark.django_db(transaction=True)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=ACTS, groups=GROUPS, zone=ZONES, begin=st.integers(-120, SPAN), minutes=st.integers(1, SPAN),
    people=st.sampled_from([None, (0,), (0, 1)]), filters=st.sampled_from([
        {}, {}, {"model": ["openai/a"]}, {"status": ["completed"]}, {"status": ["failed", "cancelled"]},
        {"provider": ["openai"], "origin": ["trace", "person"]},
    ]),
)  # fmt: skip
def test_sums_are_those_of_the_runs(acts, groups, zone, begin, minutes, people, filters):
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
        total.add(figures)
    assert without_nothing(found.total, is_detailed=True) == without_nothing(total, is_detailed=True)
    if groups:
        assert {key: without_nothing(row, is_detailed=is_detailed) for key, row in found.rows.items()} == {
            key: without_nothing(row, is_detailed=is_detailed) for key, row in wanted.items()
        }


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
