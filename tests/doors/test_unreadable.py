"""A sealed cell that does not open: whoever looks is told so in its place and sees the rest; nobody acts on it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from foundation.database.threads import in_database_thread
from foundation.sealing.encryption import keyring
from foundation.sealing.fields import UNREADABLE, place_of
from tests.cast import Person, new_user
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf
from tests.servers.service import Service


@pytest.fixture
def owner(service: Service) -> Person:
    """Somebody with a session, runs and a template."""
    return Person(service.url, new_user(name="Owner"))


def flip(table: str, column: str, key: str) -> bytes:
    """Changes the last byte of a cell, as a fault of the disk might; gives what stood there."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [key])
        (sealed,) = cursor.fetchone()
        before = bytes(sealed)
        write(cursor, table, column, key, before[:-1] + bytes([before[-1] ^ 1]))
    return before


def reshape(table: str, column: str, key: str) -> bytes:
    """Seals a value of another shape into a cell, as another version might; gives what stood there."""
    before = now_in(table, column, key)
    put_back(table, column, key, keyring().seal_json(["odd"], place=place_of(table, key, column)))
    return before


def write(cursor: Any, table: str, column: str, key: str, value: bytes) -> None:
    cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, key])


def put_back(table: str, column: str, key: str, value: bytes) -> None:
    with connection.cursor() as cursor:
        write(cursor, table, column, key, value)


def now_in(table: str, column: str, key: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [key])
        return bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("column", ["description", "purpose", "metadata"])
async def test_a_session_that_does_not_open_hides_no_other(owner: Person, browser_of: BrowserOf, column: str):
    sound = (await owner.post("/api/sessions", {"name": "Sound"})).body
    body = {"name": "Broken", "description": "What for", "purpose": "extraction", "metadata": {"a": 1}}
    broken = (await owner.post("/api/sessions", body)).body
    before = await in_database_thread(flip, "playground_sessions", column, broken["id"])
    listed = await owner.get("/api/sessions")
    assert listed.status == 200
    assert {sound["id"], broken["id"]} <= {row["id"] for row in listed.body["results"]}
    browser: Browser = await in_database_thread(browser_of, owner)
    for path in ("/sessions", f"/sessions/{broken['id']}", "/"):
        assert (await browser.get(path)).status == 200, path
    renamed = await owner.call("PATCH", f"/api/sessions/{broken['id']}", {"name": "Still broken"})
    assert renamed.status in (200, 500)
    damaged = await in_database_thread(now_in, "playground_sessions", column, broken["id"])
    assert damaged[:-1] == before[:-1]
    await in_database_thread(put_back, "playground_sessions", column, broken["id"], before)
    found = (await owner.get(f"/api/sessions/{broken['id']}")).body
    assert found[column] == body[column]


@pytest.mark.parametrize("damage", [flip, reshape])
@pytest.mark.parametrize("column", ["request", "answer", "parameters", "notes"])
async def test_a_run_that_does_not_open_hides_no_other(
    owner: Person, browser_of: BrowserOf, column: str, damage: Callable[[str, str, str], bytes]
):
    asked = {"parameters": {"temperature": 0.5}, "metadata": {"note": "mine"}}
    broken = (await owner.execute("openai/echo", "one", **asked)).body
    sound = (await owner.execute("openai/echo", "two")).body
    await in_database_thread(damage, "prompt_executions", column, broken["id"])
    session = f"/api/sessions/{broken['session_id']}"
    history = (await owner.get(f"{session}/history")).body["results"]
    assert {broken["id"], sound["id"]} == {row["id"] for row in history}
    assert next(row for row in history if row["id"] == sound["id"])["response"] == "two"
    one = await owner.get(f"/api/executions/{broken['id']}")
    assert one.status == 200
    if column in ("request", "answer"):
        assert one.body["prompt" if column == "request" else "response"] == UNREADABLE
    for name in ("json", "csv", "markdown", "parquet"):
        assert (await owner.get(f"{session}/export?format={name}")).status == 200, name
    browser: Browser = await in_database_thread(browser_of, owner)
    for path in (f"/sessions/{broken['session_id']}", f"/?execution={broken['id']}"):
        assert (await browser.get(path)).status == 200, path
    if column in ("request", "parameters"):
        again = await owner.post(f"/api/executions/{broken['id']}/replay", {})
        assert (again.status, again.body["code"]) == (500, "unreadable")
    copied = await owner.post(f"{session}/fork", {})
    assert (copied.status, copied.body["code"]) == (500, "unreadable")


async def test_a_template_that_does_not_open_hides_no_other_and_runs_nowhere(owner: Person, browser_of: BrowserOf):
    mark = uuid.uuid4().hex[:8]
    body = {"category": "c", "description": "What for", "prompt": "Say it", "is_public": True}
    sound, broken = [
        (await owner.post("/api/templates", {**body, "name": f"{name} {mark}"})).body for name in ("Sound", "Broken")
    ]

    def flip_both() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM template_versions WHERE template_id = %s", [broken["id"]])
            (version,) = cursor.fetchone()
        flip("template_versions", "sealed", version)
        flip("prompt_templates", "description", broken["id"])

    await in_database_thread(flip_both)
    listed = await owner.get(f"/api/templates?search={mark}")
    rows = {row["id"]: row for row in listed.body["results"]}
    assert rows.keys() == {sound["id"], broken["id"]}
    assert rows[broken["id"]]["prompt"] == rows[broken["id"]]["description"] == UNREADABLE
    browser: Browser = await in_database_thread(browser_of, owner)
    assert (await browser.get("/templates")).status == 200
    # Production calls this door: it must not send that sentence to a model.
    alone = await owner.get(f"/api/templates/{broken['id']}")
    assert alone.body.get("prompt") != UNREADABLE
    run = {"template_id": broken["id"], "model_id": "openai/echo"}
    refused = await owner.post("/api/prompts/execute", run)
    assert (refused.status, refused.body["code"]) == (500, "unreadable")
    assert (await owner.post("/api/prompts/execute", {**run, "template_id": sound["id"]})).status == 200
