"""A session's figures against the same ones computed by hand."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.history.stored import BEGIN, a_living_runner, a_session, an_execution

NOTHING = {
    "execution_count": 0,
    "total_cost": 0.0,
    "cost_elsewhere": 0.0,
    "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "estimated_cost": 0.0},
    "success_rate": None,
    "latency": {"p50": None, "p95": None, "p99": None, "n": 0},
    "time_to_first_token": {"p50": None, "p95": None, "n": 0},
    "by_model": [],
    "by_day": [],
}


def percentile(values: list[float], share: float) -> float:
    """Linear interpolation between the two nearest ranks, as percentile_cont defines it."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def a_varied_session(author: Person) -> tuple[PlaygroundSession, list[PromptExecution]]:
    """200 executions over four days and three models."""
    session, runner = a_session(author), a_living_runner()
    chance = random.Random(7)
    made = []
    for number in range(200):
        status = chance.choices(["completed", "failed", "cancelled", "running"], [80, 10, 5, 5])[0]
        moment = BEGIN + timedelta(minutes=chance.randrange(4 * 24 * 60))
        made.append(
            an_execution(
                session,
                model_id=f"openai/model-{number % 7 % 3}",
                status=status,
                runner_id=runner if status == "running" else None,
                prompt_tokens=chance.randrange(1000),
                completion_tokens=chance.randrange(1000),
                estimated_cost=Decimal(chance.randrange(1000)) / 10_000,
                execution_time=Decimal(chance.randrange(20_000)) / 1000 if status != "running" else None,
                metadata={"time_to_first_token": chance.randrange(900) / 1000} if number % 3 else {"note": "x"},
                created_at=moment,
            )
        )
    return session, made


def _times(seconds: list[float], *names: str) -> dict[str, Any]:
    told = {name: pytest.approx(percentile(seconds, int(name[1:]) / 100)) for name in names}
    return {**told, "n": len(seconds)}


def by_hand(rows: list[PromptExecution]) -> dict[str, Any]:
    """The figures in plain Python."""
    ended = [row for row in rows if row.status in ("completed", "failed", "cancelled")]
    completed = [row for row in ended if row.status == "completed"]
    seconds = [float(row.execution_time) for row in completed if row.execution_time is not None]
    first = [row.metadata["time_to_first_token"] for row in completed if "time_to_first_token" in row.metadata]
    counts = Counter(row.status for row in ended)
    return {
        "execution_count": len(ended),
        "total_cost": pytest.approx(float(sum(row.estimated_cost for row in ended))),
        "usage": {
            "prompt_tokens": sum(row.prompt_tokens for row in ended),
            "completion_tokens": sum(row.completion_tokens for row in ended),
            "total_tokens": sum(row.prompt_tokens + row.completion_tokens for row in ended),
            "estimated_cost": pytest.approx(float(sum(row.estimated_cost for row in ended))),
        },
        "success_rate": pytest.approx(counts["completed"] / (counts["completed"] + counts["failed"])),
        "latency": _times(seconds, "p50", "p95", "p99"),
        "time_to_first_token": _times(first, "p50", "p95"),
    }


async def figures(author: Person, session: PlaygroundSession, query: str = "") -> dict[str, Any]:
    """The door's answer."""
    answer = await author.get(f"/api/sessions/{session.id}/analytics{query}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


async def test_figures_are_those_computed_by_hand(author: Person):
    session, rows = await in_database_thread(a_varied_session, author)
    told = await figures(author, session)
    wanted = by_hand(rows)
    assert {name: told[name] for name in wanted} == wanted
    assert sum(row["executions"] for row in told["by_model"]) == told["execution_count"]
    for row in told["by_model"]:
        own = by_hand([each for each in rows if each.model_id == row["model_id"]])
        assert row == {
            "model_id": row["model_id"],
            "executions": own["execution_count"],
            "completed": len([each for each in rows if (each.model_id, each.status) == (row["model_id"], "completed")]),
            "failed": len([each for each in rows if (each.model_id, each.status) == (row["model_id"], "failed")]),
            "cost": own["total_cost"],
            "tokens": own["usage"]["total_tokens"],
            "latency_p50": own["latency"]["p50"],
            "success_rate": own["success_rate"],
        }
    assert [row["executions"] for row in told["by_model"]] == sorted(
        (row["executions"] for row in told["by_model"]), reverse=True
    )
    days = sorted({row.created_at.date().isoformat() for row in rows})
    assert [row["date"] for row in told["by_day"]] == days
    for row in told["by_day"]:
        own = by_hand([each for each in rows if each.created_at.date().isoformat() == row["date"]])
        assert (row["executions"], row["tokens"]) == (own["execution_count"], own["usage"]["total_tokens"])
        assert row["cost"] == own["total_cost"]


async def test_a_period_chooses(author: Person):
    session, rows = await in_database_thread(a_varied_session, author)
    told = await figures(author, session, "?from=2026-03-02&to=2026-03-03")
    wanted = by_hand([row for row in rows if row.created_at.day in (2, 3)])
    assert {name: told[name] for name in wanted} == wanted


async def test_without_data_nothing_is_made_up(author: Person):
    session = await in_database_thread(a_session, author)
    assert await figures(author, session) == NOTHING
    await in_database_thread(an_execution, session, status="cancelled", execution_time=None)
    told = await figures(author, session, "?from=2026-01-01")
    assert (told["execution_count"], told["success_rate"]) == (1, None)
    assert told["latency"] == NOTHING["latency"]
    assert told["by_model"][0]["latency_p50"] is None


async def test_a_run_that_ends_counts_at_once(author: Person, provider: str):
    session = await in_database_thread(a_session, author)
    assert (await figures(author, session))["execution_count"] == 0
    for count in (1, 2):
        await author.execute(f"{provider}/echo", session_id=str(session.id))
        told = await figures(author, session)
        assert (told["execution_count"], told["success_rate"]) == (count, 1.0)
        assert told["latency"]["p50"] > 0


async def test_figures_are_remembered_while_nothing_changes(author: Person):
    session = await in_database_thread(a_session, author)
    await in_database_thread(an_execution, session)
    before = await figures(author, session)
    # A row that no counter knows of is seen when the memory ends, or when the next run ends.
    await in_database_thread(an_execution, session)
    assert await figures(author, session) == before
    rows = PlaygroundSession.objects.filter(id=session.id)
    await in_database_thread(rows.update, execution_count=2)
    assert (await figures(author, session))["execution_count"] == 2


async def test_t03_a_strangers_figures_are_not_there(author: Person, stranger: Person):
    session = await in_database_thread(a_session, author)
    assert (await stranger.get(f"/api/sessions/{session.id}/analytics")).status == 404
    assert (await stranger.get(f"/api/sessions/{uuid.uuid4()}/analytics")).status == 404


@pytest.mark.parametrize(("query", "field"), [("from=x", "from"), ("status=failed", "status"), ("to=2026-13-01", "to")])
async def test_odd_queries_are_named(author: Person, query: str, field: str):
    session = await in_database_thread(a_session, author)
    answer = await author.get(f"/api/sessions/{session.id}/analytics?{query}")
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, field)
