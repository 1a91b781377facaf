"""Slow calls, a provider's history and the objectives through their doors, after real runs."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Role
from foundation.problems import Problem
from monitoring import bounded
from monitoring.calls.failures import slots_of
from monitoring.calls.slow import slowest, times_by_model
from playground.models import ExecutionUsage
from playground.usage.sketch import bucket_of
from providers.line.history import take_transitions
from tests.cast import Person, new_user
from tests.servers.service import Service


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator."""
    return Person(service.url, new_user(roles=[Role.ADMIN]))


@pytest.fixture
def author(service: Service) -> Person:
    """Somebody else, who runs."""
    return Person(service.url, new_user())


def used(
    model: str, latency: int | None, first_token: int | None = None, *, hours: float = 1, **more: Any
) -> ExecutionUsage:
    """A row of what a run used."""
    return ExecutionUsage.objects.create(
        began_at=timezone.now() - timedelta(hours=hours),
        model_id=model,
        latency=latency,
        first_token=first_token,
        latency_bucket=None if latency is None else bucket_of(latency),
        first_token_bucket=None if first_token is None else bucket_of(first_token),
        **{"status": "completed", "origin": "person", **more},
    )


async def test_a_real_run_is_told_with_its_times_and_never_its_words(admin: Person, author: Person) -> None:
    model = f"openai/tokens-32-every-120ms@{uuid.uuid4().hex[:8]}"
    async with author.streaming(model, prompt="canary words") as stream:
        events = [event async for event in stream]
    mine = await admin.execute(f"openai/tokens-32-every-120ms@{uuid.uuid4().hex[:8]}")
    body = (await admin.get("/api/monitoring/slow-calls?limit=200")).body
    call = next(each for each in body["results"] if each["model_id"] == model)
    assert call["execution_id"] == events[0].data["execution_id"]
    assert 0 < call["time_to_first_token"] < call["duration"]
    assert call["waited"] + call["answering"] == pytest.approx(call["duration"], abs=0.002)
    assert call["is_visible"] is False
    assert next(each for each in body["results"] if each["execution_id"] == mine.body["id"])["is_visible"] is True
    assert "canary" not in str(body)
    times = next(each for each in body["models"] if each["model_id"] == model)
    assert (times["n"], times["duration"]["p95"]) == (1, None)
    assert times["duration"]["p50"] == pytest.approx(call["duration"], rel=0.03)
    assert times["share_before_first_token"] == pytest.approx(call["time_to_first_token"] / call["duration"], rel=0.03)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "page=2"])
async def test_odd_questions_name_their_field(admin: Person, query: str) -> None:
    answer = await admin.get(f"/api/monitoring/slow-calls?{query}")
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, query.partition("=")[0])
    assert (await admin.get("/api/monitoring/providers/openai/history?days=8")).body["errors"][0]["field"] == "days"
    assert (await admin.get("/api/monitoring/providers/nobody-here/history")).status == 404


@pytest.mark.django_db
def test_what_asked_nobody_is_no_slow_call() -> None:
    model = f"openai/{uuid.uuid4().hex}"
    wanted = [used(model, 7_000_000 + number).execution_id for number in range(3)]
    used(model, 9_000_000, is_copy=True)
    used(model, 9_000_000, is_cached=True)
    used(model, 9_000_000, origin="trace")
    used(model, 9_000_000, hours=25)
    used(model, None, status="failed")
    found = [call.execution_id for call in slowest(viewer=new_user(), now=timezone.now(), limit=3)]
    assert found == wanted[::-1]
    (times,) = [each for each in times_by_model(now=timezone.now()) if each.model_id == model]
    assert times.n == 3


@pytest.mark.django_db
def test_percentiles_of_a_hundred_calls() -> None:
    model = f"openai/{uuid.uuid4().hex}"
    for number in range(1, 101):
        used(model, 1000 * number, 100 * number)
    (times,) = [each for each in times_by_model(now=timezone.now()) if each.model_id == model]
    told = times.percentiles("latency")
    assert [told[name] for name in ("p50", "p95", "p99")] == [pytest.approx(value, rel=0.02) for value in (50, 95, 99)]
    assert times.share_before_first == pytest.approx(0.1)


@pytest.mark.django_db
def test_failures_by_hour_and_code_are_those_of_the_provider() -> None:
    slug = f"p{uuid.uuid4().hex[:8]}"
    now = timezone.now()
    used(f"{slug}/a", None, status="failed", error_code="stream_cut")
    used(f"{slug}/b", None, status="failed", error_code="stream_cut")
    used(f"{slug}/b", None, status="failed", error_code="stream_cut", is_copy=True)
    used(f"{slug}more/b", None, status="failed", error_code="stream_cut")
    used(f"{slug}/a", 2000)
    slots = slots_of(slug, since=now - timedelta(hours=3), before=now, step=timedelta(hours=1))
    assert sum((slot.failures for slot in slots), start=type(slots[0].failures)()) == {"stream_cut": 2}
    (slot,) = [slot for slot in slots if slot.latency]
    assert slot.took(0.5, least=1) == pytest.approx(2, rel=0.02)
    assert slot.took(0.95, least=20) is None


async def test_a_breaker_that_opens_is_in_the_providers_history(admin: Person, author: Person) -> None:
    model = f"openai/fault-500@{uuid.uuid4().hex[:8]}"
    for _ in range(2):
        await author.execute(model)
    await asyncio.to_thread(take_transitions)
    told = (await admin.get("/api/monitoring/providers/openai/history?days=30")).body
    moved = [each for each in told["transitions"] if each["model_id"] == model]
    assert [(each["from_state"], each["to_state"], each["reason"]) for each in moved] == [
        ("closed", "open", "provider_error")
    ]
    assert next(each for each in told["breakers"] if each["model_id"] == model)["share_open"] > 0
    assert told["steps"][-1]["failures"]["provider_error"] >= 1


async def test_objectives_are_told(admin: Person) -> None:
    told = (await admin.get("/api/monitoring/objectives")).body
    assert [each["name"] for each in told["objectives"]] == ["availability", "errors", "speed"]
    assert [each["window"] for each in told["objectives"][0]["windows"]] == ["1h", "1d", "7d", "30d"]


@pytest.mark.django_db
def test_what_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "PATIENCE", 20)
    with pytest.raises(Problem) as refusal, bounded.bounded() as cursor:
        cursor.execute("SELECT pg_sleep(30)")
    assert (refusal.value.status, refusal.value.code) == (503, "took_too_long")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
