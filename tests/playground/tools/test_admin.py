"""Tools behind an address in the admin: set up, changed, and their secret headers never shown."""

from __future__ import annotations

import uuid

import pytest

from foundation.database.threads import in_database_thread
from playground.models import HttpTool
from tests.cast import Person, new_user
from tests.doors.browser import Browser, browser_of
from tests.servers.service import Service

ADD = "/admin/playground/httptool/add/"


@pytest.fixture
async def admin(service: Service) -> Browser:
    """An administrator's browser."""
    user = await in_database_thread(new_user, name="Admin", roles=["admin"], is_staff=True, is_superuser=True)
    return await in_database_thread(browser_of, Person(service.url, user))


def form(**changed: str) -> dict[str, str]:
    """The form of a tool that holds."""
    return {
        "name": f"tool_{uuid.uuid4().hex[:8]}",
        "description": "Tells the weather.",
        "arguments": '{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}',
        "method": "GET",
        "url": "https://weather.example.org/{city}",
        "seconds": "20",
        "needs_approval": "on",
        "is_enabled": "on",
        **changed,
    }


async def test_a_tool_is_set_up_and_its_headers_are_not_shown(admin: Browser):
    page = await admin.get(ADD)
    assert page.status == 200
    given = form(new_headers="Authorization: Bearer canary-1234\nX-Team: a")
    answer = await admin.post(ADD, form=given)
    assert answer.status == 302, answer.text
    row = await HttpTool.objects.aget(name=given["name"])
    assert row.headers == {"Authorization": "Bearer canary-1234", "X-Team": "a"}
    assert row.parameters["required"] == ["city"]
    address = f"/admin/playground/httptool/{row.pk}/change/"
    shown = (await admin.get(address)).text
    assert "canary" not in shown
    assert "Authorization, X-Team" in shown
    assert "Tells the weather." in shown
    # Saved again without new headers, the old ones stay; with another address they go.
    assert (await admin.post(address, form=form(name=row.name, description="Other words."))).status == 302
    changed = await HttpTool.objects.aget(pk=row.pk)
    assert (changed.description, changed.headers["X-Team"]) == ("Other words.", "a")
    moved = form(name=row.name, url="https://other.example.org/{city}")
    assert (await admin.post(address, form=moved)).status == 302
    changed = await HttpTool.objects.aget(pk=row.pk)
    assert changed.headers == {}
    await changed.adelete()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": "calculator"}, "comes with the service"),
        ({"name": "a b"}, "letters, digits"),
        ({"url": "http://127.0.0.1/"}, "not an address of the public internet"),
        ({"url": "https://example.org/{town}"}, "does not require town"),
        ({"url": "https://example.org/{"}, "braces"),
        ({"arguments": "no JSON"}, "This is no JSON"),
        ({"arguments": '{"type": "nothing"}'}, "Parameters"),
        ({"arguments": '{"type": "string"}', "url": "https://example.org/"}, "are an object"),
        ({"arguments": "[]"}, "Parameters"),
        ({"new_headers": "no header"}, "Name: value is expected"),
        ({"description": " "}, "required"),
    ],
)
async def test_what_does_not_hold_is_told(admin: Browser, changed: dict[str, str], words: str):
    answer = await admin.post(ADD, form=form(**changed))
    assert answer.status == 200
    assert words in answer.text
