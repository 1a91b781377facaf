"""T10: faults of the running service, in a view, in a worker's task and in the engine, become groups without a text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from accounts.models import Role
from foundation.database.threads import in_database_thread
from foundation.tasks import send_task
from monitoring.models import ErrorGroup
from tests.cast import Person, new_user
from tests.faults.test_leaks import database_hits, found_in
from tests.servers.embedded import EmbeddedServers
from tests.servers.service import Service
from tests.waiting import until

CANARY = "kanarienvogel-e4c1"
SESSION = """
CREATE FUNCTION break_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'no place for %', NEW.name; END $$;
CREATE TRIGGER break_here BEFORE INSERT ON playground_sessions FOR EACH ROW EXECUTE FUNCTION break_here()
"""
TASK = f"""
CREATE FUNCTION break_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{CANARY} is not forgotten'; END $$;
CREATE TRIGGER break_here BEFORE DELETE ON idempotency_keys FOR EACH STATEMENT EXECUTE FUNCTION break_here()
"""
ENGINE = f"""
CREATE FUNCTION break_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{CANARY} was said'; END $$;
CREATE TRIGGER break_here BEFORE UPDATE ON prompt_executions FOR EACH ROW WHEN (NEW.status = 'completed')
EXECUTE FUNCTION break_here()
"""


@contextmanager
def broken(statement: str) -> Iterator[None]:
    """While it lasts the database refuses, with words of people in its message."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION break_here CASCADE")


@pytest.fixture
def author(service: Service) -> Person:
    """Somebody at the service."""
    return Person(service.url, new_user())


async def group(**wanted: Any) -> ErrorGroup:
    """The one group of that description, once it is there."""
    rows = ErrorGroup.objects.filter(**wanted)
    found: ErrorGroup = await until(
        lambda: in_database_thread(rows.first), seconds=60, why=lambda: f"only {list(rows.values())}"
    )
    assert not found_in(str(found.__dict__).encode(), "the group", (CANARY,))
    return found


async def begun(statement: str) -> Any:
    """`broken`, in the thread of the database."""
    holding = broken(statement)
    await in_database_thread(holding.__enter__)
    return holding


async def test_a_fault_in_a_view(author: Person, service: Service, embedded_servers: EmbeddedServers) -> None:
    holding = await begun(SESSION)
    try:
        answers = [await author.post("/api/sessions", {"name": CANARY}) for _ in range(3)]
    finally:
        await in_database_thread(holding.__exit__, None, None, None)
    assert [each.status for each in answers] == [500] * 3
    seen = await group(route="api/sessions", count=3)
    assert (seen.role, seen.logger, seen.event) == ("web", "django.request", "")
    assert seen.type.startswith("django.db.utils.")
    assert seen.place.startswith("sessions_app.")
    assert seen.last_request_id == answers[-1].headers["X-Request-Id"]
    assert [link["type"].partition(".")[0] for link in seen.chain] == ["django", "psycopg"]
    hits = await in_database_thread(lambda: list(database_hits(embedded_servers.database_url, (CANARY,))))
    assert hits == []


async def test_a_fault_in_a_task(service: Service) -> None:
    holding = await begun(TASK)
    try:
        assert await in_database_thread(send_task, "playground.tasks.prune_idempotency_keys")
        seen = await group(role="worker")
    finally:
        await in_database_thread(holding.__exit__, None, None, None)
    assert (seen.place, seen.logger) == ("playground.tasks:prune_idempotency_keys", "celery.app.trace")


async def test_a_fault_in_the_engine(author: Person, service: Service) -> None:
    holding = await begun(ENGINE)
    try:
        answer = await author.execute("openai/echo", CANARY)
        seen = await group(event="end_not_stored")
    finally:
        await in_database_thread(holding.__exit__, None, None, None)
    assert answer.status >= 500
    assert (seen.role, seen.logger) == ("web", "playground.engine.runner")
    assert seen.place.startswith("playground.engine.")
    assert seen.last_execution_id is not None


async def test_an_error_that_is_back_is_told_to_administrators(author: Person, service: Service) -> None:
    admin = Person(service.url, await in_database_thread(lambda: new_user(roles=[Role.ADMIN])))
    holding = await begun(SESSION)
    try:
        await author.post("/api/sessions", {"name": CANARY})
        seen = await group(route="api/sessions")
        done = await admin.post(f"/api/monitoring/errors/{seen.id}/resolve")
        assert (done.status, done.body["state"], done.body["days"][-1]["count"]) == (200, "resolved", 1)
        assert (await admin.post(f"/api/monitoring/errors/{seen.id}/mute")).status == 409
        await author.post("/api/sessions", {"name": CANARY})
        again = await group(route="api/sessions", regressions=1)
    finally:
        await in_database_thread(holding.__exit__, None, None, None)
    assert (again.id, again.state) == (seen.id, "open")

    async def told() -> list[str]:
        rows = (await admin.get("/api/notifications")).body["results"]
        return [each["sentence"] for each in rows if each["kind"] == "error_returned"]

    assert await until(told) == [f"{seen.type} in {seen.place} was resolved and is back"]
    assert (await author.get("/api/notifications")).body["results"] == []
    log = (await admin.get("/api/audit?act=error_resolved")).body["results"]
    assert [(each["kind"], each["object_id"]) for each in log] == [("error", str(seen.id))]
