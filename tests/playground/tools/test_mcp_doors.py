"""MCP servers over REST: set up by address alone (T32), offered once looked at (T18), headers never told (T31)."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
from django.db import connection

from accounts.models import Role
from audit.models import AuditEntry
from foundation.database.threads import in_database_thread
from playground.models import McpServer
from tests.cast import Person, new_user
from tests.playground.tools.test_rounds import script
from tests.servers.mcp_server import running
from tests.servers.service import Service

PATH = "/api/mcp-servers"


@pytest.fixture(scope="module")
def double() -> Iterator[str]:
    """The server's address."""
    with running() as url:
        yield url


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator."""
    return Person(service.url, new_user(roles=[Role.ADMIN]))


def given(double: str, **changed: Any) -> dict[str, Any]:
    """A server that holds."""
    body = {"name": f"s{uuid.uuid4().hex[:8]}", "url": f"{double}/mcp", "allow_private_address": True}
    return {**body, "needs_approval": False, **changed}


@pytest.fixture
async def made(admin: Person, double: str) -> AsyncIterator[dict[str, Any]]:
    """One that was just set up."""
    answer = await admin.post(PATH, given(double, headers={"Authorization": "Bearer canary-77"}))
    assert answer.status == 201, answer.body
    assert answer.headers["Location"] == f"{PATH}/{answer.body['id']}"
    yield answer.body
    await in_database_thread(McpServer.objects.filter(id=answer.body["id"]).delete)


def fingerprint_of(server: dict[str, Any], tool: str) -> str:
    """That of a tool as it is described now."""
    name = f"{server['name']}__{tool}"
    return next(str(each["fingerprint"]) for each in server["tools"] if each["name"] == name)


async def test_t18_t31_a_server_is_set_up_looked_at_offered_and_moved(
    admin: Person, author: Person, provider: str, made: dict[str, Any]
):
    path = f"{PATH}/{made['id']}"
    assert (made["fault"], made["header_names"]) == ("", "Authorization")
    assert [each["is_offered"] for each in made["tools"]] == [False] * len(made["tools"])
    name = f"{made['name']}__add"
    refused = await author.execute(f"{provider}/tool-script", "x", tools=[name])
    assert (refused.status, refused.body["errors"][0]["code"]) == (400, "unknown_tool")
    changed = await admin.call("PATCH", path, {"offered": [fingerprint_of(made, "add")]})
    assert changed.status == 200, changed.body
    assert [each["name"] for each in changed.body["tools"] if each["is_offered"]] == [name]
    run = await author.execute(f"{provider}/tool-script", script([[name, {"a": 2, "b": 3}]]), tools=[name])
    assert run.body["tool_executions"][0]["result"] == {"sum": 5}
    listed = (await admin.get(PATH)).body["results"]
    assert changed.body in listed
    assert "canary" not in str(listed)
    # At another address nothing is offered, and what was saved for this one is not sent there.
    moved = await admin.call("PATCH", path, {"url": f"{made['url']}?other", "offered": [fingerprint_of(made, "add")]})
    assert moved.status == 200, moved.body
    assert (moved.body["header_names"], moved.body["fault"]) == ("none", "")
    assert not [each for each in moved.body["tools"] if each["is_offered"]]
    assert (await admin.call("DELETE", path)).status == 204
    assert (await admin.get(path)).status == 404

    def acts() -> list[str]:
        entries = AuditEntry.objects.filter(object_id=made["id"]).order_by("id")
        assert {entry.actor for entry in entries} == {admin.user.id if admin.user else None}
        return [entry.act for entry in entries]

    assert await in_database_thread(acts) == ["tool_made", "tool_changed", "tool_changed", "tool_deleted"]


async def test_its_tools_are_read_when_asked_and_a_fault_is_told(admin: Person, made: dict[str, Any]):
    path = f"{PATH}/{made['id']}"
    again = await admin.post(f"{path}/list")
    assert (again.status, again.body["tools"]) == (200, made["tools"])
    away = await admin.call("PATCH", path, {"url": "http://127.0.0.1:9/mcp"})
    assert (away.status, away.body["fault"] != "") == (200, True)


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"url": "stdio:///bin/sh"}, "url", "invalid"),
        ({"url": ""}, "url", "blank"),
        ({"url": "http://127.0.0.1/mcp", "allow_private_address": False}, "url", "invalid"),
        ({"name": "a__b"}, "name", "invalid"),
        ({"seconds": 0}, "seconds", "min_value"),
        ({"command": "/bin/sh"}, "command", "unknown"),
        ({"offered": []}, "offered", "unknown"),
        ({"headers": {"X Y": "1"}}, "headers.X Y", "no_header"),
        ({"headers": {"X": "1\r\nY: 2"}}, "headers.X", "no_header"),
        ({"headers": {f"X{at}": "1" for at in range(21)}}, "headers", "too_many"),
    ],
)
async def test_t08_t32_what_does_not_hold_is_named(
    admin: Person, double: str, changed: dict[str, Any], field: str, code: str
):
    body = given(double, **changed)
    answer = await admin.post(PATH, body)
    assert answer.status == 400, answer.body
    assert (answer.body["errors"][0]["field"], answer.body["errors"][0]["code"]) == (field, code)
    assert not await in_database_thread(McpServer.objects.filter(name=body["name"]).exists)


async def test_what_does_not_hold_of_one_that_is_there(admin: Person, double: str, made: dict[str, Any]):
    path = f"{PATH}/{made['id']}"
    twice = await admin.post(PATH, given(double, name=made["name"]))
    assert (twice.status, twice.body["errors"][0]["code"]) == (400, "unique")
    odd = await admin.call("PATCH", path, {"offered": [fingerprint_of(made, "add"), "0" * 32]})
    assert (odd.status, odd.body["errors"][0]["field"]) == (400, "offered.1")
    assert (await admin.get(f"{PATH}/{uuid.uuid4()}")).status == 404
    assert (await admin.get(path)).body == made


async def test_t32_one_of_the_settings_file_keeps_what_the_file_says(admin: Person):
    row = await McpServer.objects.acreate(name=f"f{uuid.uuid4().hex[:8]}", url="")
    path = f"{PATH}/{row.id}"
    answer = await admin.call("PATCH", path, {"url": "https://example.org/mcp"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "of_settings_file")
    assert (await admin.call("PATCH", path, {"is_enabled": False})).body["is_enabled"] is False
    # The file names it no more.
    assert (await admin.call("DELETE", path)).status == 204


async def test_f43_one_that_cannot_be_opened_hides_no_other(admin: Person, made: dict[str, Any]):
    spoilt = await McpServer.objects.acreate(name=f"x{uuid.uuid4().hex[:8]}", url="https://example.org/mcp")

    def spoil() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE mcp_servers SET listing = %s WHERE id = %s", [b"\x01spoilt", spoilt.id])

    await in_database_thread(spoil)
    listed = {each["id"]: each for each in (await admin.get(PATH)).body["results"]}
    assert listed[str(spoilt.id)]["tools"] is None
    assert listed[made["id"]] == made
    refused = await admin.call("PATCH", f"{PATH}/{spoilt.id}", {"offered": ["x"]})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "offered.0")
    assert (await admin.call("DELETE", f"{PATH}/{spoilt.id}")).status == 204


async def test_a_server_is_told_the_callers_trace(admin: Person, author: Person, provider: str, made: dict[str, Any]):
    given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    name = f"{made['name']}__add"
    changed = await admin.call("PATCH", f"{PATH}/{made['id']}", {"offered": [fingerprint_of(made, "add")]})
    assert changed.status == 200, changed.body
    body = {"model_id": f"{provider}/tool-script", "prompt": script([[name, {"a": 2, "b": 3}]]), "tools": [name]}
    answer = await author.post("/api/prompts/execute", body, headers={"traceparent": given})
    assert answer.body["tool_executions"][0]["result"] == {"sum": 5}
    async with aiohttp.ClientSession() as session, session.get(made["url"].replace("/mcp", "/state")) as response:
        headers = (await response.json())["headers"]
    told = [each["traceparent"] for each in headers if each.get("traceparent", "").startswith(given[:36])]
    assert told
    assert given not in told
