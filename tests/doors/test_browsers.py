"""T17: what pages of other sites may make a browser do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from accounts.models import User
from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.raw import raw_answer
from tests.servers.service import Service, Web

LONG = "tokens-300-every-30ms"
FRIEND = "https://dadms.example.org"


# T17: cross-site requests


@pytest.mark.parametrize(
    "path",
    ["/api/prompts/execute", "/api/prompts/execute/stream", "/api/executions/{id}/cancel", "/executions", "/logout"],
)
async def test_t17_a_cookie_needs_a_csrf_token(author: Person, browser: Browser, provider: str, path: str):
    made = (await author.execute(f"{provider}/echo")).body
    body = {"model_id": f"{provider}/echo", "prompt": "forged"}
    address = path.format(id=made["id"])
    sent: Any = {"form": body} if path in ("/executions", "/logout") else {"body": body}
    for headers in ({}, {"X-CSRFToken": "x" * 32}, {"X-CSRFToken": ""}, {"Origin": "https://evil.example.org"}):
        answer = await browser.post(address, has_csrf_token=False, headers=headers, **sent)
        assert answer.status == 403
        if path.startswith("/api/"):
            assert answer.body["code"] == "csrf_failed"
            assert answer.headers["Content-Type"] == "application/problem+json"
    foreign = await browser.post(address, headers={"Origin": "https://evil.example.org"}, **sent)
    assert foreign.status == 403
    assert await in_database_thread(PromptExecution.objects.count) == 1
    assert (await browser.get("/api/auth/me")).status == 200


async def test_t17_a_cookie_with_its_csrf_token_works(browser: Browser, provider: str):
    body = {"model_id": f"{provider}/echo", "prompt": "mine"}
    answer = await browser.post("/api/prompts/execute", body=body, headers={"Origin": browser.url})
    assert (answer.status, answer.body["response"]) == (200, "mine")


async def test_t17_a_bearer_needs_no_csrf_token_and_its_cookie_is_not_read(
    author: Person, stranger: Person, browser: Browser, provider: str
):
    body = {"model_id": f"{provider}/echo", "prompt": "mine"}
    headers = {**stranger.headers, "Origin": "https://evil.example.org"}
    answer = await browser.post("/api/prompts/execute", body=body, headers=headers, has_csrf_token=False)
    assert answer.status == 200
    assert answer.body["user_id"] == str(stranger.user and stranger.user.id)
    assert (await author.get(f"/api/executions/{answer.body['id']}")).status == 404


async def test_t17_signing_in_needs_a_csrf_token_and_goes_nowhere_else(service: Service, author: Person):
    await in_database_thread(User.objects.create_user, "pat", "a long enough phrase")
    form = {"username": "pat", "password": "a long enough phrase", "next": "https://evil.example.org/"}
    visitor = Browser(service.url)
    assert (await visitor.post("/login", form=form, has_csrf_token=False)).status == 403
    for wanted in ("https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "javascript:alert(1)"):
        entered = await visitor.post("/login", form={**form, "next": wanted})
        assert (entered.status, entered.headers["Location"]) == (302, "/")
    assert (await visitor.post("/login", form={**form, "next": "/history"})).headers["Location"] == "/history"


async def test_t17_cookies_are_for_this_site_and_not_for_scripts(service: Service):
    await in_database_thread(User.objects.create_user, "pat", "a long enough phrase")
    form = {"username": "pat", "password": "a long enough phrase"}
    headers = {"Cookie": f"csrftoken={'a' * 32}", "X-CSRFToken": "a" * 32}
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.post(f"{service.url}/login", data=form, headers=headers, allow_redirects=False) as entered,
    ):
        cookies = {line.partition("=")[0]: line for line in entered.headers.getall("Set-Cookie")}
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookies["sessionid"].split("; "))
    assert {"SameSite=Lax", "Path=/"} <= set(cookies["csrftoken"].split("; "))
    assert all("Domain=" not in cookie for cookie in cookies.values())


async def test_t17_a_session_that_was_there_before_signing_in_is_not_taken_over(service: Service):
    await in_database_thread(User.objects.create_user, "pat", "a long enough phrase")
    planted = Browser(service.url, session_key="plantedplantedplantedplantedplan")
    entered = await planted.post("/login", form={"username": "pat", "password": "a long enough phrase"})
    assert entered.status == 302
    assert planted.session_key not in entered.headers["Set-Cookie"]
    assert (await planted.get("/api/auth/me")).status == 401


# T17: other origins


@pytest.fixture
async def friendly(service: Service) -> AsyncIterator[Web]:
    """A web process that knows another site."""
    process = await asyncio.to_thread(Web, {**service.environment, "CORS_ORIGINS": FRIEND})
    yield process
    await asyncio.to_thread(process.stop)


async def test_t17_a_foreign_page_reads_nothing(author: Person):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for origin in ("https://evil.example.org", "null", author.url + ".evil.example.org", "*"):
        for method, path, extra in (
            ("GET", "/api/auth/me", {}),
            ("OPTIONS", "/api/prompts/execute", asked),
            ("GET", "/health", {}),
            ("GET", "/login", {}),
            ("GET", "/api/nothing", {}),
        ):
            answer = await author.call(method, path, headers={"Origin": origin, **extra})
            assert not [name for name in answer.headers if name.lower().startswith("access-control-allow")], path


async def test_t17_a_configured_origin_reads_the_api_without_cookies(author: Person, friendly: Web):
    person = author.at(friendly.url)
    answer = await person.get("/api/auth/me", headers={"Origin": FRIEND})
    assert answer.headers["Access-Control-Allow-Origin"] == FRIEND
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "origin" in answer.headers["Vary"].lower()
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    preflight = await Person(friendly.url, None).call(
        "OPTIONS", "/api/prompts/execute", headers={"Origin": FRIEND, **asked}
    )
    assert preflight.status == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == FRIEND
    assert "authorization" in preflight.headers["Access-Control-Allow-Headers"]
    for origin in (f"{FRIEND}.evil.org", FRIEND.replace("https", "http"), f"{FRIEND}:444", FRIEND.upper() + "x"):
        foreign = await person.get("/api/auth/me", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in foreign.headers, origin
    page = await Person(friendly.url, None).get("/login", headers={"Origin": FRIEND})
    assert "Access-Control-Allow-Origin" not in page.headers


@pytest.mark.parametrize("path", ["/login", "/api/auth/me", "/health", "/api/prompts/execute", "/admin/"])
async def test_t17_another_host_is_refused(author: Person, path: str):
    for host in ("evil.example.org", "127.0.0.1.evil.example.org", "localhost@evil.org", "", "127.0.0.1:80:80", "a b"):
        said = await raw_answer(
            author.url,
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {author.token}\r\n"
            "Connection: close\r\n\r\n".encode(),
        )
        assert b" 400 " in said.split(b"\r\n")[0], (host, said[:200])
    forwarded = await author.get(path, headers={"X-Forwarded-Host": "evil.example.org"})
    assert "evil" not in str(forwarded.headers) + str(forwarded.body)


# T17: framing and content


SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


async def test_t17_every_kind_of_answer_carries_the_policy(author: Person, browser: Browser, provider: str):
    made = (await author.execute(f"{provider}/echo")).body
    paths = {
        "/": 200, "/history": 200, f"/?execution={made['id']}": 200, "/login": 200, "/nothing": 404,
        "/api/auth/me": 200, "/api/nothing": 404, f"/api/executions/{made['id']}": 200, "/api/models": 200,
        f"/api/executions/{made['id']}/stream": 200, "/health": 200, "/health/live": 200, "/api/docs": 200,
        "/api/docs/executions": 200, "/api/docs/nothing": 404,
        "/api/schema": 200, "/sign-in/wrong": 200, "/api/executions/wrong": 404, "/admin/": 302,
    }  # fmt: skip
    for path, status in paths.items():
        page = await browser.get(path)
        assert page.status == status or path in ("/health", "/admin/"), (path, page.status)
        expected = SECURITY if not path.startswith("/sign-in") else {**SECURITY, "Referrer-Policy": "strict-origin"}
        assert {name: page.headers.get(name) for name in expected} == expected, path
        policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'", path
        assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == "'self'", path
        assert policy["img-src"] == "'self' data:", path
        assert "unsafe" not in policy["style-src"], path
        assert page.headers["X-Request-ID"]
    refused = await browser.post("/api/prompts/execute", body={}, has_csrf_token=False)
    assert refused.headers["X-Frame-Options"] == "DENY"
    redirected = await Browser(author.url).get("/history")
    assert "frame-ancestors 'none'" in redirected.headers["Content-Security-Policy"]


async def test_t17_static_files_are_what_they_say(author: Person, browser: Browser):
    page = (await browser.get("/")).text
    script = page.partition('src="/static/')[2].partition('"')[0]
    answer = await browser.get(f"/static/{script}")
    assert answer.status == 200
    assert "javascript" in answer.headers["Content-Type"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("given", ["a" * 65, "short", "with space", "line\tend", "<script>alert(1)</script>", "é" * 9])
async def test_a_request_id_that_is_odd_is_replaced(author: Person, given: str):
    answer = await author.get("/api/auth/me", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-ID"] != given
    kept = await author.get("/api/auth/me", headers={"X-Request-Id": "request-0123"})
    assert kept.headers["X-Request-ID"] == "request-0123"


# T17: sockets


async def test_t17_a_socket_takes_no_foreign_page(author: Person, browser: Browser, provider: str):
    made = (await author.execute(f"{provider}/echo")).body
    path = f"/ws/executions/{made['id']}"
    async with browser.socket(path) as socket:
        assert (await socket.receive_json())["event"] == "started"
    port = urlsplit(author.url).port or 0
    for origin in (
        "https://evil.example.org",
        "null",
        "",
        f"{author.url}.evil.example.org",
        f"http://127.0.0.1:{port + 1}",
        "http://127.0.0.1",
        f"http://127.0.0.1@evil.example.org:{port}",
        f"http://evil.example.org/{author.url}",
        f"http://evil.example.org#{author.url}",
        f"file://127.0.0.1:{port}.evil.org",
        FRIEND,
    ):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            async with browser.socket(path, headers={"Origin": origin}):
                pass
        assert refusal.value.status in (400, 403), origin
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with browser.socket(path, headers={"Host": "evil.example.org", "Origin": "http://evil.example.org"}):
            pass
    async with aiohttp.ClientSession() as session:  # no Origin at all, and a cookie
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(author.url + path, headers=browser.cookie_header)


async def test_t17_a_configured_origin_opens_sockets(author: Person, browser: Browser, provider: str, friendly: Web):
    made = (await author.execute(f"{provider}/echo")).body
    elsewhere = Browser(friendly.url, session_key=browser.session_key)
    async with elsewhere.socket(f"/ws/executions/{made['id']}", headers={"Origin": FRIEND}) as socket:
        assert (await socket.receive_json())["event"] == "started"
