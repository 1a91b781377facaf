"""MCP servers in the admin: set up by address alone (T32), looked at before they are offered, headers hidden (T31)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from playground.models import McpServer
from tests.doors.browser import Browser
from tests.playground.tools.test_admin import admin as admin
from tests.servers.mcp_server import running

ADD = "/admin/playground/mcpserver/add/"


@pytest.fixture(scope="module")
def double() -> Iterator[str]:
    """The server's address."""
    with running() as url:
        yield url


def form(url: str, **changed: str) -> dict[str, str]:
    """The form of a server that holds."""
    ticked = dict.fromkeys(("is_enabled", "needs_approval", "allow_private_address"), "on")
    return {"name": f"s{uuid.uuid4().hex[:8]}", "url": url, "seconds": "30", **ticked, **changed}


async def test_a_server_is_set_up_looked_at_and_offered(admin: Browser, double: str):
    given = form(f"{double}/mcp", new_headers="Authorization: Bearer canary-99")
    answer = await admin.post(ADD, form=given)
    assert answer.status == 302, answer.text
    row = await McpServer.objects.aget(name=given["name"])
    assert row.headers == {"Authorization": "Bearer canary-99"}
    assert row.fault == ""
    assert not row.offered
    address = f"/admin/playground/mcpserver/{row.pk}/change/"
    shown = (await admin.get(address)).text
    assert "Adds two numbers." in shown
    assert "canary" not in shown
    add = next(each for each in row.listing if each["name"] == "add")
    kept = form(row.url, name=row.name, offered=add["fingerprint"])
    assert (await admin.post(address, form=kept)).status == 302
    await row.arefresh_from_db()
    assert row.offered == {add["fingerprint"]}
    assert row.headers == {"Authorization": "Bearer canary-99"}
    # What was not shown cannot be ticked.
    odd = await admin.post(address, form={**kept, "offered": "0" * 32})
    assert (odd.status, "Choose among those offered" in odd.text) == (200, True)
    # At another address nothing is offered that was ticked for this one, and its headers are not sent there.
    moved = {**kept, "url": f"{double}/mcp?other"}
    assert (await admin.post(address, form=moved)).status == 302
    await row.arefresh_from_db()
    assert (row.offered, row.headers) == (frozenset(), {})
    await row.adelete()


async def test_t32_nothing_names_a_command(admin: Browser):
    page = (await admin.get(ADD)).text
    for field in ("command", "args", "env", "transport"):
        assert f'name="{field}"' not in page
    for url, words in (
        ("", "An address is expected"),
        ("stdio:///bin/sh", "http or https"),
        ("http://127.0.0.1/mcp", "not an address of the public internet"),
    ):
        answer = await admin.post(ADD, form={**form(url), "allow_private_address": "", "command": "/bin/sh"})
        assert answer.status == 200
        assert words in answer.text
    odd = await admin.post(ADD, form=form("https://example.org/mcp", name="a__b"))
    assert "single _" in odd.text
