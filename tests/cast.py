"""The people of the tests, and how each talks to the service: an access test reads as a sentence."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from accounts.bearer.web_tokens import issue
from accounts.models import User
from tests.waiting import PATIENCE

CLOCK = aiohttp.ClientTimeout(total=PATIENCE)
"""A web that died holds its address: whoever asks then would wait for ever."""


@dataclass(frozen=True)
class Answer:
    """A whole answer; `body` is its JSON, None when it has none."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    id: int
    kind: str
    data: Any


class Person:
    """A user with a token, at one address of the service."""

    def __init__(self, url: str, user: User | None, *, token: str | None = None) -> None:
        self.url = url
        self.user = user
        self.token = token or (issue(str(user.id), use="access", lifetime=600) if user else "")

    def at(self, url: str) -> Person:
        """The same person at another web process."""
        return Person(url, self.user, token=self.token)

    @property
    def headers(self) -> dict[str, str]:
        """The bearer token, when there is one."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
    ) -> Answer:
        """One call; `data` is sent as it is, `body` as JSON."""
        sent = data if data is not None else None if body is None else json.dumps(body).encode()
        given = {**self.headers, "Content-Type": "application/json", **(headers or {})}
        async with (
            aiohttp.ClientSession(timeout=CLOCK) as session,
            session.request(method, self.url + path, data=sent, headers=given, allow_redirects=False) as response,
        ):
            text = await response.read()
            is_json = "json" in response.content_type
            return Answer(response.status, json.loads(text) if is_json else None, response.headers)

    async def get(self, path: str, **kwargs: Any) -> Answer:
        """GET."""
        return await self.call("GET", path, **kwargs)

    async def post(self, path: str, body: Any = None, **kwargs: Any) -> Answer:
        """POST."""
        return await self.call("POST", path, body, **kwargs)

    async def execute(self, model: str, prompt: Any = "Say something", **more: Any) -> Answer:
        """POST /api/prompts/execute."""
        key = more.pop("key", None)
        headers = {"Idempotency-Key": key} if key else {}
        return await self.post("/api/prompts/execute", {"model_id": model, "prompt": prompt, **more}, headers=headers)

    @asynccontextmanager
    async def streaming(self, model: str, prompt: str = "Say something", **more: Any) -> AsyncIterator[Stream]:
        """POST /api/prompts/execute/stream, read event by event."""
        body = {"model_id": model, "prompt": prompt, **more}
        async with self._opened("POST", "/api/prompts/execute/stream", json.dumps(body).encode(), {}) as stream:
            yield stream

    @asynccontextmanager
    async def following(
        self, execution_id: str, *, after: int | None = None, last_event_id: str | None = None
    ) -> AsyncIterator[Stream]:
        """GET /api/executions/{id}/stream."""
        query = "" if after is None else f"?after={after}"
        headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
        path = f"/api/executions/{execution_id}/stream{query}"
        async with self._opened("GET", path, None, headers) as stream:
            yield stream

    async def events(self, model: str, prompt: str = "Say something", **more: Any) -> list[Event]:
        """Every event of a new run."""
        async with self.streaming(model, prompt, **more) as stream:
            return [event async for event in stream]

    @asynccontextmanager
    async def _opened(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str]
    ) -> AsyncIterator[Stream]:
        given = {**self.headers, "Content-Type": "application/json", **headers}
        async with (
            aiohttp.ClientSession(timeout=CLOCK, read_bufsize=2**23) as session,
            session.request(method, self.url + path, data=data, headers=given) as response,
        ):
            yield Stream(response)


class Stream:
    """Server-sent events as a client reads them."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.status = response.status
        self.comments = 0

    async def __aiter__(self) -> AsyncIterator[Event]:
        fields: dict[str, str] = {}
        async for raw in self.response.content:
            line = raw.decode().rstrip("\n")
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                yield Event(int(fields["id"]), fields["event"], json.loads(fields["data"]))
                fields = {}


def text_of(events: list[Event]) -> str:
    """What a reader of these events has seen of the answer."""
    return "".join(event.data["text"] for event in events if event.kind == "token")


def new_user(**fields: Any) -> User:
    """A user nobody else has."""
    return User.objects.create_user(f"user-{uuid.uuid4().hex[:12]}", None, **fields)
