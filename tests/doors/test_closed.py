"""T26, T28, T03: every door is closed unless it is listed, and all judge by the same rule."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

import aiohttp
import jwt
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session

from accounts.bearer.web_tokens import issue
from accounts.closed_door import OPEN, is_open
from accounts.models import User
from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Person, new_user
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf
from tests.doors.routes import EXAMPLES, every, http_routes, socket_routes
from tests.playground.conftest import Ledger
from tests.servers.service import Service

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def is_turned_away(status: int, headers: Any) -> bool:
    """Whether an answer is a refusal, or the way to the sign-in page."""
    return status in (401, 403) or (status == 302 and headers.get("Location", "").startswith("/login?next="))


@pytest.mark.parametrize(
    ("method", "path", "headers", "back"),
    [
        ("GET", "/templates?q=a", {}, "/templates%3Fq%3Da"),
        ("GET", "/usage/bar", {"HX-Request": "true", "HX-Current-URL": "{url}/?session=a"}, "/%3Fsession%3Da"),
        ("POST", "/executions", {"HX-Request": "true", "HX-Current-URL": "{url}/?session=a"}, "/%3Fsession%3Da"),
        ("POST", "/executions", {"HX-Request": "true", "HX-Current-URL": "https://elsewhere.example/a"}, "/"),
        ("POST", "/settings/webhooks", {"Referer": "{url}/settings/webhooks?a=1"}, "/settings/webhooks%3Fa%3D1"),
        ("POST", "/settings/webhooks", {"Referer": "https://elsewhere.example/a"}, "/"),
        ("POST", "/settings/webhooks", {}, "/"),
    ],
)
async def test_signing_in_leads_back_to_the_page_that_was_on(
    service: Service, method: str, path: str, headers: dict[str, str], back: str
):
    given = {name: value.format(url=service.url) for name, value in headers.items()}
    answer = await Browser(service.url).call(method, path, headers=given)
    leads = {name.lower(): value for name, value in answer.headers.items()}
    assert answer.status == (401 if "HX-Request" in headers else 302)
    assert leads["hx-redirect" if "HX-Request" in headers else "location"] == f"/login?next={back}"


async def visited(url: str, calls: list[tuple[str, str]], **sent: Any) -> dict[str, Any]:
    """Status, headers and text of each call (method, path), by `METHOD path`."""
    places = asyncio.Semaphore(8)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def one(method: str, path: str) -> tuple[str, Any]:
            async with places, session.request(method, url + path, allow_redirects=False, **sent) as response:
                return f"{method} {path}", (response.status, dict(response.headers), await response.text())

        return dict(await asyncio.gather(*(one(method, path) for method, path in calls)))


def test_t26_the_walk_finds_every_kind_of_route():
    found = http_routes()
    assert {
        "/",
        "/api/auth/me",
        "/api/docs",
        "/api/schema",
        "/api/prompts/execute/stream",
        f"/executions/{uuid.UUID('6c1f0f8c-7f0e-4c39-9d0a-3f1f5d1f7a10')}/cancel",
        "/admin/providers/provider/add/",
        "/admin/providers/provider/openai/example/change/",
    } <= set(found)
    assert socket_routes()


def test_t26_the_open_routes_are_few_and_each_is_a_route():
    assert len(OPEN) <= 8
    routes = http_routes()
    for path in OPEN:
        assert any(route == path or (path.endswith("/") and route.startswith(path)) for route in routes), path
    assert {route for route in routes if is_open(route)} == {
        "/health",
        "/health/live",
        "/api/events",
        "/login",
        "/sign-in/example",
        "/sign-in/oidc",
        "/sign-in/oidc/callback",
        "/api/auth/token",
        "/api/auth/token/refresh",
        *(f"/review/example{below}" for below in ("", "/name", "/next", "/undo", f"/items/{EXAMPLES['uuid']}")),
    }


async def test_t26_nobody_comes_through_a_door_that_is_not_listed(service: Service):
    closed = [route for route in http_routes() if not is_open(route)]
    answers = await visited(service.url, every(closed, METHODS))
    assert len(answers) > 200
    assert {call: answer[0] for call, answer in answers.items() if not is_turned_away(*answer[:2])} == {}
    tokenless = {call: status for call, (status, _, _) in answers.items() if " /api/" in call and status != 401}
    assert tokenless == {}


async def test_t26_nobody_comes_through_a_socket(service: Service):
    for path in socket_routes():
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(service.url + path)
            async with session.ws_connect(service.url + path, origin=service.url) as socket:
                assert (await socket.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
                assert socket.close_code == 4401


async def test_t26_what_does_not_exist_is_closed_too(service: Service):
    nowhere = ["/nothing", "/ws", "/api", "/api/nothing", "/admin/nothing"]
    answers = await visited(service.url, every(nowhere, METHODS))
    assert {call for call, answer in answers.items() if not is_turned_away(*answer[:2])} == set()


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in/../api/auth/me",
        "/sign-in/..%2fapi/auth/me",
        "/sign-in/%2e%2e/admin/",
        "/health/../api/models",
        "/health/../../history",
        "//health/../api/models",
        "/health;/api/models",
        "/health%00/api/models",
        "/health%20",
        "/HEALTH",
        "/health/",
        "/health/live/",
        "/login/",
        "/api/auth/token/",
        "/api/auth/token/../me",
        "/api/auth/token%2f..%2fme",
        "/api//models",
        "/./api/models",
        "/api/models?path=/health",
        "/static/../api/models",
        "/static/%2e%2e/api/models",
        "/static/..%2fsecrets.json",
        "/static/....//secrets.json",
        "/static//etc/passwd",
    ],
)
async def test_t26_no_spelling_of_a_path_opens_another(service: Service, path: str):
    page = await Browser(service.url).get(path)
    assert page.status in (302, 400, 401, 403, 404), page.text[:300]
    assert "context_window" not in page.text
    assert "secret_key" not in page.text
    assert "root:" not in page.text


async def test_t26_health_tells_strangers_states_only(service: Service):
    page = await Browser(service.url).get("/health")
    assert page.status in (200, 503)
    assert page.body.keys() == {"status", "timestamp", "version", "dependencies", "workers", "audit", "services"}
    assert page.body["dependencies"].keys() == {"database", "redis", "providers", "engine", "storage"}
    assert {page.body["status"], page.body["workers"], page.body["audit"], *page.body["dependencies"].values()} <= {
        "healthy",
        "unhealthy",
    }
    assert (await Browser(service.url).get("/health/live")).body == {"status": "alive"}


async def test_t26_another_header_or_place_for_a_token_is_none(author: Person, service: Service):
    token = author.token
    for headers in (
        {"X-Api-Key": token},
        {"Authorization": token},
        {"Authorization": f"Token {token}"},
        {"Authorization": f"Basic {token}"},
        {"Proxy-Authorization": f"Bearer {token}"},
        {"X-Forwarded-User": str(author.user and author.user.username)},
        {"Remote-User": str(author.user and author.user.username)},
        {"Cookie": f"access={token}; Authorization=Bearer {token}"},
    ):
        page = await Browser(service.url).get("/api/auth/me", headers=headers)
        assert page.status == 401, headers
    assert (await Browser(service.url).get(f"/api/auth/me?access_token={token}&token={token}")).status == 401


class Verdicts:
    """What each door says to one credential: True when it lets the caller see the execution."""

    def __init__(self, url: str, execution_id: str) -> None:
        self._url = url
        self._path = f"/api/executions/{execution_id}"
        self._socket = f"/ws/executions/{execution_id}"
        self._page = f"/?execution={execution_id}"

    async def on(self, headers: dict[str, str]) -> dict[str, bool]:
        """By door: framework view, plain view, server-sent events, page, socket."""
        calls = await asyncio.gather(
            self._http("/api/auth/me", headers),
            self._http(self._path, headers),
            self._http(f"{self._path}/stream", headers),
            self._http(self._page, headers),
            self._by_socket(headers),
        )
        return dict(zip(("me", "execution", "events", "page", "socket"), calls, strict=True))

    async def _http(self, path: str, headers: dict[str, str]) -> bool:
        page = await Browser(self._url).get(path, headers={"Cookie": "", **headers})
        assert page.status == 200 or is_turned_away(page.status, page.headers), (path, page.status)
        return page.status == 200

    async def _by_socket(self, headers: dict[str, str]) -> bool:
        async with Browser(self._url).socket(self._socket, headers={"Cookie": "", **headers}) as socket:
            async for message in socket:
                return "event" in message.json()
            assert socket.close_code == 4401
            return False


async def test_t28_every_door_gives_a_token_the_same_verdict(author: Person, provider: str, service: Service):
    execution_id = (await author.execute(f"{provider}/echo")).body["id"]
    doors = Verdicts(service.url, execution_id)
    subject, secret = str(author.user and author.user.id), settings.SECRETS.jwt_secret
    now = int(time.time())
    refused = {
        "nothing": {},
        "empty": {"Authorization": "Bearer "},
        "garbage": {"Authorization": "Bearer abc"},
        "refresh": {"Authorization": f"Bearer {issue(subject, use='refresh', lifetime=60)}"},
        "expired": {"Authorization": f"Bearer {issue(subject, use='access', lifetime=-120)}"},
        "foreign": {"Authorization": f"Bearer {jwt.encode({'sub': subject, 'exp': now + 60}, 's' * 40)}"},
        "unsigned": {"Authorization": f"Bearer {jwt.encode({'sub': subject, 'exp': now + 60}, '', 'none')}"},
    }
    for name, headers in refused.items():
        assert set((await doors.on(headers)).values()) == {False}, name
    for spelling in ("Bearer", "bearer", "BEARER"):
        token = jwt.encode({"sub": subject, "exp": now + 60, "jti": spelling}, secret)
        assert set((await doors.on({"Authorization": f"{spelling} {token}"})).values()) == {True}, spelling


async def test_t28_every_door_gives_a_cookie_the_same_verdict(
    author: Person, provider: str, service: Service, browser_of: BrowserOf
):
    execution_id = (await author.execute(f"{provider}/echo")).body["id"]
    doors = Verdicts(service.url, execution_id)
    browser = await in_database_thread(browser_of, author)
    assert set((await doors.on(browser.cookie_header)).values()) == {True}
    for key in ("", "x" * 32, browser.session_key[:-1], browser.session_key.upper() + "A"):
        assert set((await doors.on(Browser(service.url, session_key=key).cookie_header)).values()) == {False}, key
    # A token that is shown is judged; the cookie beside it is not looked at.
    bad = {**browser.cookie_header, "Authorization": "Bearer abc"}
    assert set((await doors.on(bad)).values()) == {False}
    await in_database_thread(User.objects.filter(id=author.user.id).update, is_active=False)  # type: ignore[union-attr]
    assert set((await doors.on(browser.cookie_header)).values()) == {False}
    await in_database_thread(User.objects.filter(id=author.user.id).update, is_active=True)  # type: ignore[union-attr]
    assert set((await doors.on(browser.cookie_header)).values()) == {True}
    await in_database_thread(Session.objects.all().delete)
    assert set((await doors.on(browser.cookie_header)).values()) == {False}


async def test_t03_pages_tell_a_stranger_nothing_of_a_run(
    author: Person, stranger: Person, provider: str, browser_of: BrowserOf, ledger: Ledger
):
    model = f"echo@{uuid.uuid4().hex[:8]}"
    body = (await author.execute(f"{provider}/{model}", "canary-of-the-author")).body
    theirs = await in_database_thread(browser_of, stranger)
    missing = uuid.uuid4()
    for path in ("/?execution={}", "/history?before={}", "/executions/{}"):
        answers = [
            await theirs.get(path.format(identifier), headers={"HX-Request": "true"})
            for identifier in (body["id"], missing)
        ]
        assert [answer.status for answer in answers] == [404, 404], path
        assert "canary" not in answers[0].text
    for path in (f"/executions/{body['id']}/cancel", f"/executions/{missing}/cancel"):
        assert (await theirs.post(path)).status == 404
    rerun = await theirs.post("/executions", form={"rerun": body["id"]})
    assert rerun.status == 404
    elsewhere = {"model_id": f"{provider}/{model}", "prompt": "mine", "session_id": body["session_id"]}
    assert (await theirs.post("/executions", form=elsewhere)).status == 404
    history = await theirs.get(f"/history?session={body['session_id']}")
    assert body["id"] not in history.text
    assert "canary" not in history.text
    # Nothing was made and nobody was asked.
    assert await in_database_thread(PromptExecution.objects.count) == 1
    assert len(await ledger.calls(model)) == 1
    session = await in_database_thread(PlaygroundSession.objects.get, id=body["session_id"])
    assert session.execution_count == 1


async def test_t03_a_list_holds_ones_own_only(author: Person, stranger: Person, provider: str, browser_of: BrowserOf):
    mine, theirs = (await author.execute(f"{provider}/echo")).body, (await stranger.execute(f"{provider}/echo")).body
    page = await (await in_database_thread(browser_of, author)).get("/history")
    assert mine["id"] in page.text
    assert theirs["id"] not in page.text


async def test_t27_the_admin_is_for_administrators(service: Service, author: Person, browser_of: BrowserOf):
    staff = Person(service.url, await in_database_thread(new_user, is_staff=True, roles=["curator"]))
    admin_routes = [route for route in http_routes() if route.startswith("/admin/")]
    for person in (author, staff):
        browser = await in_database_thread(browser_of, person)
        sent = {**browser.cookie_header, "X-CSRFToken": browser.cookies["csrftoken"]}
        answers = await visited(service.url, every(admin_routes, ("GET", "POST")), headers=sent)
        wrong = {
            call: status
            for call, (status, headers, text) in answers.items()
            if status == 200 and ("/user/" in call or "/provider/" in call or "/promptexecution/" in call)
        }
        assert wrong == {}, person.user and person.user.roles


async def test_t27_an_administrator_sees_that_there_was_a_run_and_not_what_it_said(
    service: Service, author: Person, provider: str, browser_of: BrowserOf
):
    body = (await author.execute(f"{provider}/echo", "canary-prompt", context={"a": "canary-context"})).body
    admin = Person(service.url, await in_database_thread(new_user, is_staff=True, is_superuser=True, roles=["admin"]))
    browser = await in_database_thread(browser_of, admin)
    for path in ("", f"{body['id']}/change/", f"{body['id']}/history/"):
        page = await browser.get(f"/admin/playground/promptexecution/{path}")
        assert page.status == 200
        assert "canary" not in page.text
    assert body["id"] not in (await browser.get("/admin/playground/promptexecution/?q=canary-prompt")).text
    for path in ("add/", f"{body['id']}/delete/"):
        assert (await browser.get(f"/admin/playground/promptexecution/{path}")).status == 403
    changed = await browser.post(f"/admin/playground/promptexecution/{body['id']}/change/", form={"status": "failed"})
    assert changed.status == 403
    assert (await admin.get(f"/api/executions/{body['id']}")).status == 404
