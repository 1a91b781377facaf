"""What a browser sends: its cookies with every call, and a CSRF token where a page has put one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from django.test import Client
from yarl import URL

from tests.cast import Answer, Person

CSRF = "0123456789abcdefghijABCDEFGHIJxy"


@dataclass(frozen=True)
class Page(Answer):
    """A whole answer with its text."""

    text: str


class Browser:
    """The cookies of one signed-in browser; `session_key` is the session's cookie."""

    def __init__(self, url: str, *, session_key: str = "") -> None:
        self.url = url
        self.session_key = session_key

    @property
    def cookies(self) -> dict[str, str]:
        """Session and CSRF cookie."""
        return {"csrftoken": CSRF, **({"sessionid": self.session_key} if self.session_key else {})}

    @property
    def cookie_header(self) -> dict[str, str]:
        """The cookies as one header, for sockets and streams."""
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    async def call(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        has_csrf_token: bool = True,
    ) -> Page:
        """One call with the cookies; `path` is sent as it is written."""
        given = {**self.cookie_header, **({"X-CSRFToken": CSRF} if has_csrf_token else {}), **(headers or {})}
        data: Any = form
        if body is not None:
            data, given = json.dumps(body), {**given, "Content-Type": "application/json"}
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(
                method, URL(self.url + path, encoded=True), data=data, headers=given, allow_redirects=False
            ) as response,
        ):
            text = (await response.read()).decode("utf-8", "replace")
            found = json.loads(text) if "json" in response.content_type and text else None
            return Page(response.status, found, dict(response.headers), text)

    async def get(self, path: str, **more: Any) -> Page:
        """GET."""
        return await self.call("GET", path, **more)

    async def post(self, path: str, **more: Any) -> Page:
        """POST."""
        return await self.call("POST", path, **more)

    @asynccontextmanager
    async def socket(
        self, path: str, *, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A socket opened by a page of the service, unless `headers` name another origin."""
        given = {**self.cookie_header, "Origin": self.url, **(headers or {})}
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.ws_connect(self.url + path, headers=given) as socket,
        ):
            yield socket


def browser_of(person: Person) -> Browser:
    """The browser of somebody who has signed in."""
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return Browser(person.url, session_key=client.cookies["sessionid"].value)
