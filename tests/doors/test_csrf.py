"""T43: a cookie opens no unsafe method without its CSRF token, at any door, whatever the body looks like."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.bearer import scrapers
from accounts.closed_door import is_open
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import CSRF, Browser
from tests.doors.conftest import BrowserOf
from tests.doors.routes import every, http_routes, in_turn
from tests.doors.test_closed import is_turned_away, visited

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# No cookie opens the scrapers' door, with its token or without: `test_metrics` holds it.
CLOSED = [route for route in http_routes() if not is_open(route) and route != scrapers.DOOR]
KINDS = {
    "nothing": (None, b""),
    "json": ("application/json", b"{}"),
    "an empty form": ("application/x-www-form-urlencoded", b""),
    "a form": ("application/x-www-form-urlencoded", b"a=1"),
    "text": ("text/plain", b'{"a": 1}'),
    "parts": ("multipart/form-data; boundary=x", b"--x--\r\n"),
}
FORGED: dict[str, dict[str, str]] = {
    "no token": {},
    "another token": {"X-CSRFToken": "x" * 32},
    "a foreign page": {"X-CSRFToken": CSRF, "Origin": "https://evil.example.org"},
    "a page without origin": {"X-CSRFToken": CSRF, "Origin": "null"},
}

ODD = ("Bearer", "Basic YTpi", "Token x", "Bearer\tx")
"""What authorizes nobody."""


@pytest.fixture
async def browser(author: Person, browser_of: BrowserOf) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


async def answers(browser: Browser, kind: str, headers: dict[str, str], *, start: int | None = None) -> dict[str, Any]:
    """What every closed door says: to every unsafe method, or to one of them in turn."""
    named, data = KINDS[kind]
    sent = {**browser.cookie_header, **headers, **({"Content-Type": named} if named else {})}
    calls = every(CLOSED, UNSAFE) if start is None else in_turn(CLOSED, UNSAFE, start)
    return await visited(browser.url, calls, headers=sent, data=data)


async def test_t43_a_cookie_alone_opens_no_method_of_any_door(browser: Browser):
    found = await answers(browser, "nothing", FORGED["no token"])
    assert len(found) > 1_000
    assert {call: answer[0] for call, answer in found.items() if answer[0] != 403} == {}


@pytest.mark.parametrize("kind", KINDS)
async def test_t43_a_cookie_without_its_token_opens_nothing(browser: Browser, kind: str):
    found = await answers(browser, kind, FORGED["no token"], start=list(KINDS).index(kind))
    assert len(found) > 250
    assert {call: answer[0] for call, answer in found.items() if answer[0] != 403} == {}
    problems = {call: answer for call, answer in found.items() if " /api/" in call}
    assert len(problems) > 100
    for call, (_, headers, text) in problems.items():
        assert headers["Content-Type"] == "application/problem+json", call
        assert '"csrf_failed"' in text, call


@pytest.mark.parametrize("how", [how for how in FORGED if how != "no token"])
async def test_t43_a_forged_call_opens_nothing(browser: Browser, how: str):
    found = await answers(browser, "nothing", FORGED[how], start=list(FORGED).index(how))
    assert {call: answer[0] for call, answer in found.items() if answer[0] != 403} == {}


async def test_t43_with_its_token_a_cookie_is_as_good_as_a_bearer(browser: Browser):
    for start, kind in enumerate(("nothing", "json", "nothing", "json")):
        found = await answers(browser, kind, {"X-CSRFToken": CSRF, "Origin": browser.url}, start=start)
        assert {call for call, answer in found.items() if "csrf_failed" in answer[2]} == set()


async def test_t43_a_bearer_decides_also_beside_a_cookie(browser: Browser, stranger: Person):
    from_elsewhere = {"Authorization": f"bearer  {stranger.token}", "Origin": "https://evil.test"}
    for start, headers in enumerate((stranger.headers, from_elsewhere, stranger.headers, from_elsewhere)):
        found = await answers(browser, "json", headers, start=start)
        # The admin is for browsers: its views ask for the token themselves.
        refused = {call: answer[2] for call, answer in found.items() if answer[0] == 403 and " /admin/" not in call}
        assert [call for call, text in refused.items() if "csrf_failed" in text or "grown old" in text] == []
        assert len(refused) < 20
    found = await answers(browser, "json", {"Authorization": "Bearer wrong"}, start=0)
    assert {call: answer[0] for call, answer in found.items() if answer[0] != 401} == {}
    calls = in_turn(CLOSED, UNSAFE, 1)
    for start, odd in enumerate(ODD):  # each at every fourth door
        headers = {**browser.cookie_header, "Authorization": odd}
        found = await visited(browser.url, calls[start :: len(ODD)], headers=headers, data=b"{}")
        assert {call: answer[0] for call, answer in found.items() if not is_turned_away(*answer[:2])} == {}, odd


async def test_t43_what_is_forged_changes_nothing(author: Person, browser: Browser):
    session = (await author.post("/api/sessions", {"name": "mine"})).body
    path = f"/api/sessions/{session['id']}"
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/api/sessions", {"body": {"name": "forged"}}),
        ("POST", "/api/sessions", {"form": {"name": "forged"}}),
        ("PATCH", path, {"body": {"name": "forged"}}),
        ("PUT", path, {"body": {"name": "forged"}}),
        ("DELETE", path, {}),
        ("POST", f"{path}/fork", {"form": {}}),
        ("POST", "/api/templates", {"body": {"name": "forged", "template": "x"}}),
        ("POST", "/api/templates/import", {"body": {}, "headers": {"Content-Type": "text/plain"}}),
    ]
    for method, address, sent in calls:
        assert (await browser.call(method, address, has_csrf_token=False, **sent)).status == 403, (method, address)
    assert (await author.get(path)).body == session
    assert (await author.get("/api/templates?search=forged")).body["count"] == 0
    changed = await browser.call("PATCH", path, body={"name": "changed"}, headers={"Origin": browser.url})
    assert (changed.status, changed.body["name"]) == (200, "changed")
