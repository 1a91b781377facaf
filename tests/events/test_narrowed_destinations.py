"""A destination of one project, person or kind gets those events and no others, whoever wrote them into the outbox."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection

from events.models import Delivery, Destination, Event
from events.outbox import destinations
from events.outbox.publishing import publish
from events.outbox.statements import written
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.playground.conftest import author, make_provider, provider, stranger
from tests.servers.service import Service

__all__ = ["author", "make_provider", "provider", "stranger"]

SOMEBODY, SOMEBODY_ELSE = uuid.uuid4(), uuid.uuid4()
STARTED, COMPLETED = "llm_playground.execution.started", "llm_playground.execution.completed"
NARROWED: dict[str, dict[str, Any]] = {
    "all": {},
    "of p-1": {"project_id": "p-1"},
    "of p-2": {"project_id": "p-2"},
    "ends of p-1": {"project_id": "p-1", "types": [COMPLETED]},
    "somebody's": {"user_id": SOMEBODY},
    "somebody's of p-2": {"user_id": SOMEBODY, "project_id": "p-2"},
    "no kind": {"types": []},
    "off": {"is_active": False},
}


def make(narrowed: dict[str, dict[str, Any]]) -> None:
    """Destinations of these names."""
    for name, fields in narrowed.items():
        Destination.objects.create(name=name, **fields)


def got() -> dict[str, list[tuple[str, str]]]:
    """Type and project of what each destination gets, in order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in Delivery.objects.select_related("event").order_by("id"):
        found.setdefault(each.destination_id, []).append((each.event.type, each.event.project_id))
    return found


async def test_of_executions_a_project_hears_its_own(author: Person, stranger: Person, provider: str, service: Service):
    me = author.user and author.user.id
    narrowed: dict[str, dict[str, Any]] = {
        "all": {},
        "p-1": {"project_id": "p-1"},
        "my p-2": {"project_id": "p-2", "user_id": me},
        "ends": {"types": [COMPLETED], "user_id": me},
    }
    await in_database_thread(make, narrowed)
    for person, project in ((author, "p-1"), (author, "p-2"), (author, ""), (stranger, "p-1"), (stranger, "p-2")):
        session = (await person.post("/api/sessions", {"name": "S", "project_id": project})).body["id"]
        run = await person.execute(f"{provider}/echo", session_id=session)
        assert run.body["status"] == "completed", run.body
    heard = {
        name: [(type_, project) for type_, project in events if ".execution." in type_]
        for name, events in (await in_database_thread(got)).items()
    }
    assert heard["p-1"] == [(STARTED, "p-1"), (COMPLETED, "p-1")] * 2
    assert heard["my p-2"] == [(STARTED, "p-2"), (COMPLETED, "p-2")]
    assert heard["ends"] == [(COMPLETED, "p-1"), (COMPLETED, "p-2"), (COMPLETED, "")]
    assert len(heard["all"]) == 10


def write_by_statement(type_: str, project_id: str, user_id: uuid.UUID | None) -> None:
    """As the engine does."""
    rows = """SELECT %(type)s AS type, 'execution:1' AS aggregate, %(user)s::uuid AS user_id, NULL::uuid AS session_id,
        %(project)s AS project_id, '{}'::jsonb AS payload"""
    with connection.cursor() as cursor:
        told = written("tried", rows)
        cursor.execute(f"WITH {told} SELECT 1", {"type": type_, "user": user_id, "project": project_id})


@pytest.mark.django_db
@pytest.mark.parametrize("user_id", [SOMEBODY, SOMEBODY_ELSE, None])
@pytest.mark.parametrize("project_id", ["", "p-1", "p-2", "p-3"])
@pytest.mark.parametrize("type_", [STARTED, COMPLETED])
def test_the_statement_and_the_call_write_for_the_same(type_: str, project_id: str, user_id: uuid.UUID | None):
    make(NARROWED)
    write_by_statement(type_, project_id, user_id)
    by_statement = {name for name, events in got().items() if events == [(type_, project_id)]}
    assert by_statement == set(got())
    people = [user_id] if user_id else []
    assert by_statement == set(destinations.of(type_, people=people, project_id=project_id))
    expected = {
        "all": True,
        "of p-1": project_id == "p-1",
        "of p-2": project_id == "p-2",
        "ends of p-1": project_id == "p-1" and type_ == COMPLETED,
        "somebody's": user_id == SOMEBODY,
        "somebody's of p-2": user_id == SOMEBODY and project_id == "p-2",
        "no kind": False,
        "off": False,
    }
    assert by_statement == {name for name, gets in expected.items() if gets}
    Delivery.objects.all().delete()
    publish(type_.removeprefix("llm_playground."), aggregate="a", payload={}, user_id=user_id, project_id=project_id)
    assert set(got()) == by_statement


@pytest.mark.django_db
def test_what_nobody_wants_is_not_written():
    make({"of p-1": {"project_id": "p-1"}})
    write_by_statement(STARTED, "p-2", SOMEBODY)
    publish("execution.started", aggregate="a", payload={}, project_id="p-2")
    assert (Event.objects.count(), Delivery.objects.count()) == (0, 0)
