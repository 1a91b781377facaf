"""T12: NUL, broken UTF-8 and odd numbers in addresses, queries, headers, cookies and forms are never a 5xx."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import jwt
import pytest
from django.conf import settings
from yarl import URL

from accounts.models import User
from foundation.database.threads import in_database_thread
from tests.accounts.test_tokens import by_hand
from tests.cast import Person, new_user
from tests.doors.browser import CSRF, Browser, browser_of
from tests.doors.routes import EXAMPLES, every, http_routes, in_turn
from tests.servers.service import Service

ODD = {
    "NUL": "%00",
    "NUL inside": "a%00b",
    "broken UTF-8": "%ff%fe",
    "half a character": "%e2%82",
    "a lone surrogate": "%ed%a0%80",
    "a number too many": "99999999999999999999",
    "a number beyond all": "1e400",
    "no number": "NaN",
    "below nothing": "-1",
    "line ends": "a%0d%0ab%0aSet-Cookie:x",
    "much": "%C3%A9" * 400,
}
NAMES = (
    "after", "archived", "base", "category", "cursor", "execution", "favourite", "format", "from", "group_by",
    "label", "left", "limit", "model", "model_id", "next", "ordering", "owner", "page", "page_size", "parent",
    "period", "project_id", "provider", "purpose", "q", "right", "role", "search", "session", "session_id",
    "since", "sort", "status", "tag", "tags", "template", "to", "until", "version",
)  # fmt: skip
PART = b"--x\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n--x--\r\n"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


class Caller:
    """An administrator, by token at the API and by cookie elsewhere."""

    def __init__(self, browser: Browser, person: Person) -> None:
        self._url = person.url
        self._by_token = person.headers
        self._by_cookie = {**browser.cookie_header, "X-CSRFToken": CSRF}

    async def failures(self, calls: list[tuple[str, str]], **sent: Any) -> dict[str, int]:
        """Of these calls (method, path) those that the service could not answer."""
        places = asyncio.Semaphore(6)
        headers = sent.pop("headers", {})
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:

            async def one(method: str, path: str) -> tuple[str, int]:
                known = self._by_token if path.startswith("/api/") else self._by_cookie
                address = URL(self._url + path, encoded=True)
                given = {**known, **headers}
                async with (
                    places,
                    session.request(method, address, headers=given, allow_redirects=False, **sent) as response,
                ):
                    return f"{method} {path[:90]}", response.status

            answers = dict(await asyncio.gather(*(one(method, path) for method, path in calls)))
        return {call: status for call, status in answers.items() if status >= 500 and "/health" not in call}


@pytest.fixture
async def caller(service: Service) -> Caller:
    """The administrator."""
    user = await in_database_thread(new_user, is_staff=True, is_superuser=True, roles=["admin"])
    person = Person(service.url, user)
    return Caller(await in_database_thread(browser_of, person), person)


def in_queries(odd: str, start: int) -> list[tuple[str, str]]:
    """Every route with an odd query; where unknown names are refused, each name stands alone in one of the calls."""
    everything = "&".join(f"{name}={odd}" for name in NAMES)
    calls = [("GET", f"{route}?{everything}") for route in http_routes()]
    api = [route for route in http_routes() if route.startswith("/api/")]
    return calls + [("GET", f"{route}?{NAMES[(start + index) % len(NAMES)]}={odd}") for index, route in enumerate(api)]


@pytest.mark.parametrize("name", ODD)
async def test_t12_an_odd_query_is_no_servers_error(caller: Caller, name: str):
    assert await caller.failures(in_queries(ODD[name], list(ODD).index(name))) == {}


LISTS = (
    "/api/models", "/api/sessions", "/api/templates", "/api/templates/categories", "/api/providers/status",
    "/api/projects", "/history", "/templates", "/", "/compare", "/sessions",
)  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
async def test_t12_each_parameter_of_a_list_may_be_odd(caller: Caller, path: str):
    calls = [("GET", f"{path}?{name}={odd}") for name in NAMES for odd in ODD.values()]
    assert await caller.failures(calls) == {}


async def test_t12_an_odd_address_is_no_servers_error(caller: Caller):
    examples = sorted(set(EXAMPLES.values()), key=len, reverse=True)
    calls = []
    for route in http_routes():
        for example in examples:
            if example in route and len(example) > 1:
                calls += [("GET", route.replace(example, odd, 1)) for odd in ODD.values()]
                break
    assert len(calls) > 500
    assert await caller.failures([*calls, ("GET", "/%00"), ("GET", "/static/%00"), ("GET", "/static/%ff")]) == {}


FORMS = (
    ("application/x-www-form-urlencoded", "&".join(f"{name}=a%00b" for name in (*NAMES, "username")).encode()),
    ("application/x-www-form-urlencoded", b"%00=1&username=%ed%a0%80&password=%ff"),
    ("application/x-www-form-urlencoded; charset=utf-16", b"username=a&password=b"),
    ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(1_200))),
    ("multipart/form-data", b""),
    ("multipart/form-data; boundary=x", PART % (b'name="username"', b"a\0b")),
    ("multipart/form-data; boundary=x", PART % (b'name="file"; filename="a%00\0b"', b"{}")),
    ("multipart/form-data; boundary=x", PART % (b'name="a"\r\nContent-Transfer-Encoding: base64', b"=")),
    ("multipart/form-data; boundary=\xe9", b"--x--"),
    ("application/json", b'{"name": "a\\u0000b", "prompt": "\\u0000"}'),
    ("application/json; charset=utf-16", b'{"name": "a"}'),
    ("", b"\0"),
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(FORMS)))
async def test_t12_an_odd_form_is_no_servers_error(caller: Caller, number: int):
    kind, data = FORMS[number]
    # The admin's own way out ends the session that the other calls need.
    routes = [route for route in http_routes() if not route.endswith(("/logout", "/logout/"))]
    api = [route for route in routes if route.startswith("/api/")]
    calls = in_turn(api, UNSAFE, number) + every(sorted({*routes} - {*api}), ("POST",))
    assert await caller.failures(calls, data=data, headers={"Content-Type": kind} if kind else {}) == {}


HEADERS: dict[str, dict[str, str]] = {
    "cookie with NUL": {"Cookie": f'sessionid="\\000{"a" * 31}"; csrftoken="\\000{"b" * 31}"; messages="\\000"'},
    "cookie of bytes": {"Cookie": "sessionid=\xff\xfe; messages=\xed\xa0\x80; a=\\u0000"},
    "idempotency key": {"Idempotency-Key": "\xff"},
    "long idempotency key": {"Idempotency-Key": "a" * 4_000},
    "accept": {"Accept": "\xff; q=NaN, */*;q=1e400", "Accept-Language": "\xff" * 99, "Accept-Encoding": "gzip;q=x"},
    "request id": {"X-Request-Id": "\xff" * 64},
    "conditions": {"If-Match": "\xff", "If-None-Match": '"' * 99, "If-Modified-Since": "99999999999999999999"},
    "last event": {"Last-Event-ID": "9" * 99},
    "htmx": {"HX-Request": "true", "HX-Current-URL": "%00\xff", "HX-Target": "\xff"},
    "range": {"Range": "bytes=99999999999999999999-"},
    "referer": {"Referer": "\xff://[::1", "Origin": "\xff"},
    "forwarded": {"X-Forwarded-For": "\xff", "X-Forwarded-Proto": "\xff", "X-Forwarded-Host": "\xff"},
}


@pytest.mark.parametrize("name", HEADERS)
async def test_t12_an_odd_header_is_no_servers_error(caller: Caller, name: str):
    routes = [route for route in http_routes() if not route.endswith(("/logout", "/logout/"))]
    calls = in_turn(routes, ("GET", "POST"), list(HEADERS).index(name))
    assert await caller.failures(calls, headers=HEADERS[name]) == {}


SECRET = settings.SECRETS.jwt_secret


def claims(**changes: Any) -> dict[str, Any]:
    """Claims that let somebody in."""
    return {"sub": "odd", "exp": int(time.time()) + 300, **changes}


def deep(part: str) -> str:
    """A token whose header or claims are lists in lists."""
    parts = [base64.urlsafe_b64encode(text).rstrip(b"=").decode() for text in (b'{"alg":"HS256"}', b"{}")]
    parts[part == "claims"] = base64.urlsafe_b64encode(b"[" * 12_000).rstrip(b"=").decode()
    return ".".join([*parts, "x"])


TOKENS: dict[str, Callable[[], str]] = {
    "NUL in the name": lambda: jwt.encode(claims(name="a\0b"), SECRET),
    "NUL in the address": lambda: jwt.encode(claims(email="a\0@b.org"), SECRET),
    "NUL in the organisation": lambda: jwt.encode(claims(org="\0"), SECRET),
    "NUL in the subject": lambda: jwt.encode(claims(sub="\0"), SECRET),
    "NUL in a role": lambda: jwt.encode(claims(roles=["\0"]), SECRET),
    "a lone surrogate in the name": lambda: by_hand({"alg": "HS256"}, claims(name="\ud800"), SECRET.encode()),
    "a lone surrogate in the subject": lambda: by_hand({"alg": "HS256"}, claims(sub="\udfff"), SECRET.encode()),
    "an end beyond all": lambda: by_hand({"alg": "HS256"}, claims(exp=float("inf")), SECRET.encode()),
    "no end": lambda: by_hand({"alg": "HS256"}, claims(exp=float("nan")), SECRET.encode()),
    "an end of 400 digits": lambda: by_hand({"alg": "HS256"}, claims(exp=10**400), SECRET.encode()),
    "claims are a list": lambda: by_hand({"alg": "HS256"}, [], SECRET.encode()),  # type: ignore[arg-type]
    "the algorithm is a list": lambda: by_hand({"alg": ["HS256"]}, claims(), SECRET.encode()),
    "a deep header": lambda: deep("header"),
    "deep claims": lambda: deep("claims"),
    "bytes": lambda: "\xff.\xfe.\xfd",
}


@pytest.mark.parametrize("name", TOKENS)
async def test_t12_an_odd_token_is_refused(service: Service, name: str):
    token = TOKENS[name]()
    for scheme in ("Bearer", "bearer"):
        answer = await Person(service.url, None).get("/api/auth/me", headers={"Authorization": f"{scheme} {token}"})
        assert answer.status == 401, answer.body
    refreshed = await Person(service.url, None).post("/api/auth/token/refresh", {"refresh": token})
    assert refreshed.status in (400, 401)
    assert not await in_database_thread(User.objects.filter(username__startswith="token:").exists)


async def test_t12_a_form_with_nul_is_told_so(service: Service):
    for form in ("username=a%00&password=b", "username=a&password=%00", "a%00=b"):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await Browser(service.url).post("/login", form=form, headers=headers)
        assert (answer.status, answer.body["errors"][0]["code"]) == (400, "nul_character")
    assert (await Browser(service.url).get("/login?next=%00")).status == 400


@pytest.mark.parametrize(
    "path",
    ["/ws/x", "/ws", "/", "/ws/executions/", "/ws/executions/%00", "/ws/sessions/none?a=%00", "/ws/%ff", "/api/models"],
)  # fmt: skip
async def test_an_unknown_socket_is_not_there(service: Service, path: str):
    for headers in ({}, Person(service.url, await in_database_thread(new_user)).headers):
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await session.ws_connect(URL(service.url + path, encoded=True), origin=service.url, headers=headers)
        assert refusal.value.status == 404


async def test_an_odd_query_of_a_socket_is_no_servers_error(service: Service):
    person = Person(service.url, await in_database_thread(new_user))
    for odd in ODD.values():
        path = f"/ws/executions/{EXAMPLES['uuid']}?after={odd}"
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(URL(service.url + path, encoded=True), headers=person.headers) as socket,
        ):
            await socket.receive()
            assert socket.close_code not in (1006, 1011), odd
