"""Every change of the contract's table has its event, in its transaction, with the fields of the table and no words."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from analytics.anomalies import telling as anomalies
from analytics.models import Anomaly
from events.models import Delivery, Destination, Event
from foundation.database.threads import in_database_thread
from providers.line.telling import tell_changes
from quotas.ledger import thresholds
from quotas.models import QuotaLimit, QuotaUsage
from tests.cast import Person
from tests.faults.test_leaks import database_hits
from tests.playground.conftest import author, make_provider, provider, stranger
from tests.servers.service import Service
from tests.waiting import until

__all__ = ["author", "make_provider", "provider", "stranger"]

CANARY = "canary-of-events-7c1d"


@pytest.fixture
async def listening(service: Service) -> Destination:
    """Somewhere for events to go."""
    return await in_database_thread(Destination.objects.create, name="listener")


async def told(*, type_: str = "") -> list[dict[str, Any]]:
    """Type, aggregate and payload (with the words) of the events, in their order."""

    def rows() -> list[dict[str, Any]]:
        deliveries = Delivery.objects.filter(event__type__contains=type_).select_related("event").order_by("id")
        return [
            {"type": each.event.type.removeprefix("llm_playground."), **each.event.payload, **each.event.words}
            for each in deliveries
        ]

    return await in_database_thread(rows)


async def test_an_execution_tells_its_start_and_its_end(
    author: Person, provider: str, service: Service, listening: Destination
) -> None:
    session = (await author.post("/api/sessions", {"name": "S", "project_id": "p-1"})).body["id"]
    done = (await author.execute(f"{provider}/echo", CANARY, session_id=session)).body
    failed = (await author.execute(f"{provider}/fault-401", CANARY, session_id=session)).body
    started, completed, _, broken = await told(type_="execution")
    ids = {"user_id": str(author.user and author.user.id), "session_id": session}
    assert started == {
        "type": "execution.started", **ids, "execution_id": done["id"], "model_id": f"{provider}/echo",
    }  # fmt: skip
    usage = completed.pop("token_usage")
    assert usage.keys() == {"prompt_tokens", "completion_tokens", "total_tokens", "estimated_cost"}
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0
    assert completed.pop("execution_time") >= 0
    assert completed == {**started, "type": "execution.completed"}
    assert broken.keys() == {*started.keys(), "error_code", "execution_time"}
    assert (broken["type"], broken["execution_id"] == failed["execution_id"]) == ("execution.failed", True)
    assert {each.project_id async for each in Event.objects.filter(type__contains="execution")} == {"p-1"}


async def test_t10_no_event_holds_a_prompt_an_answer_or_a_message(
    author: Person, provider: str, service: Service, listening: Destination
) -> None:
    await author.execute(f"{provider}/echo", CANARY)
    await author.execute(f"{provider}/fault-401", CANARY)
    template = {
        "name": f"Name {CANARY}",
        "category": CANARY,
        "prompt": f"Say {CANARY} {{{{x}}}}",
        "variables": [{"name": "x"}],
    }
    made = (await author.post("/api/templates", template)).body
    assert made["id"], made
    rows = [json.dumps(each) async for each in Event.objects.values_list("payload", flat=True)]
    assert len(rows) >= 5
    assert not [row for row in rows if CANARY in row]
    (created,) = await told(type_="template.created")
    assert (created["template_name"], created["category"]) == (f"Name {CANARY}", CANARY)
    hits = await asyncio.to_thread(lambda: list(database_hits(service.environment["DATABASE_URL"], [CANARY])))
    assert not [hit for hit in hits if " in event" in hit], hits


async def test_templates_and_sessions_tell_what_becomes_of_them(
    author: Person, stranger: Person, service: Service, listening: Destination
) -> None:
    template = (await author.post("/api/templates", {"name": "T", "category": "C", "prompt": "Say this"})).body["id"]
    assert (await author.call("PATCH", f"/api/templates/{template}", {"name": "U"})).status == 200
    labelled = await author.call("PUT", f"/api/templates/{template}/labels/production", {"version": 1})
    assert labelled.status == 200, labelled.body
    assert (await author.call("DELETE", f"/api/templates/{template}")).status == 204
    words = [(each["type"], each["template_name"], each.get("version"), each.get("label")) for each in await told()]
    assert words == [
        ("template.created", "T", 1, None),
        ("template.updated", "U", 1, None),
        ("template.label_moved", "U", 1, "production"),
        ("template.deleted", "U", None, None),
    ]
    session = (await author.post("/api/sessions", {"name": "S", "project_id": "p"})).body["id"]
    members = [{"user_id": str(stranger.user and stranger.user.id), "role": "viewer"}]
    shared = await author.call("PUT", f"/api/sessions/{session}/share", {"members": members})
    assert shared.status == 200, shared.body
    assert (await author.call("DELETE", f"/api/sessions/{session}")).status == 204
    ids = {"session_id": session, "user_id": str(author.user and author.user.id), "project_id": "p"}
    assert await told(type_="session") == [
        {"type": f"session.{what}", **ids} for what in ("created", "shared", "deleted")
    ]


async def test_a_test_tells_its_start_and_its_end(
    author: Person, provider: str, service: Service, listening: Destination
) -> None:
    body = {
        "name": "T", "prompt": CANARY, "model_id": f"{provider}/echo", "parameters": {"runs": 2},
        "test_cases": [{"input": {}, "expected_output": {"type": "contains", "keywords": ["canary"]}}],
    }  # fmt: skip
    made = await author.post("/api/evaluation/probabilistic", body)
    assert made.status == 202, made.body
    await until(lambda: in_database_thread(Event.objects.filter(type__endswith="evaluation.completed").exists))
    started, ended = await told(type_="evaluation")
    ids = {"test_id": made.body["id"], "user_id": str(author.user and author.user.id)}
    assert started == {"type": "evaluation.started", **ids}
    assert {name: ended[name] for name in ids} == ids
    assert (ended["type"], ended["status"], ended["success_rate"]) == ("evaluation.completed", "completed", 1.0)
    assert isinstance(ended["recommendations"], list)
    rows = [json.dumps(each) async for each in Event.objects.values_list("payload", flat=True)]
    assert not [row for row in rows if CANARY in row]


@pytest.mark.django_db
def test_an_event_goes_with_its_transaction(django_user_model: Any) -> None:
    Destination.objects.create(name="listener")
    anomaly = Anomaly(subject_kind="user", subject_id="6c1f0f8c-7f0e-4c39-9d0a-3f1f5d1f7a10", metric="cost")
    anomaly.evidence = {"value": 9.5, "median": 1.0, "score": 7.2}
    with transaction.atomic():
        anomalies.tell(anomaly)
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    anomalies.tell(anomaly)
    assert Event.objects.get().payload == {
        "subject": "user:6c1f0f8c-7f0e-4c39-9d0a-3f1f5d1f7a10", "kind": "cost", "observed": 9.5, "expected": 1.0,
        "severity": 7.2,
    }  # fmt: skip


@pytest.mark.django_db
def test_a_limit_that_is_reached_is_told_once(django_user_model: Any) -> None:
    Destination.objects.create(name="listener")
    QuotaLimit.objects.create(subject_kind="project", subject_id="p", period="day", executions=10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT (now() AT TIME ZONE 'UTC')::date")
        (today,) = cursor.fetchone()
    QuotaUsage.objects.create(
        subject_kind="project", subject_id="p", period="day", starts_on=today, time_zone="UTC", executions=9,
        tokens=0, cost=Decimal(0), counted_from=datetime.now(UTC),
    )  # fmt: skip
    thresholds.look()
    thresholds.look()
    event = Event.objects.get()
    assert (event.type, event.aggregate) == ("llm_playground.quota.threshold_reached", "quota:project:p")
    assert event.payload == {
        "subject": "project:p", "kind": "executions_per_day", "limit": 10, "used": 9, "percent": 80,
    }  # fmt: skip


@pytest.mark.django_db
def test_a_provider_tells_each_change_of_its_status_once() -> None:
    Destination.objects.create(name="listener")
    for status in ("healthy", "down", "down", "healthy"):
        tell_changes([{"provider": "openai", "status": status, "last_error": None if status == "healthy" else "x"}])
    changes = [(each.payload["from"], each.payload["to"]) for each in Event.objects.order_by("created_at")]
    assert changes == [("healthy", "down"), ("down", "healthy")]
