"""Requests to the doors behind, made in the caller's name, and their whole answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import orjson

Scope = dict[str, Any]
LEFT_OUT: Final = (b"accept", b"accept-encoding", b"content-length", b"content-type")
"""Headers that are the adapter's to send: an answer that is read is not compressed."""
ACCEPT: Final = (b"accept", b"text/event-stream, application/json")


def is_json(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether an answer of these headers is JSON."""
    return any(name.lower() == b"content-type" and b"json" in value for name, value in headers)


@dataclass(slots=True)
class Answer:
    """A whole answer; `body` is its JSON, None where it has none."""

    status: int
    headers: list[tuple[bytes, bytes]]
    content: bytes

    @property
    def is_json(self) -> bool:
        """Whether the content is JSON."""
        return is_json(self.headers)

    @property
    def body(self) -> Any:
        """The JSON."""
        return orjson.loads(self.content) if self.is_json and self.content else None

    def naming(self, ours: str, theirs: str) -> Answer:
        """A refusal with a field called as the caller called it; other answers as they are."""
        body = self.body if self.status >= 400 else None
        if not isinstance(body, dict) or not body.get("errors"):
            return self
        body["errors"] = [{**each, "field": theirs} if each.get("field") == ours else each for each in body["errors"]]
        return Answer(self.status, self.headers, orjson.dumps(body))


@dataclass(frozen=True, slots=True)
class Asked:
    """A request in our words."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None


class Doors:
    """What is behind the adapter, as the caller of one request may use it."""

    def __init__(self, application: Any, scope: Scope) -> None:
        self._application = application
        self._scope = scope

    async def get(self, path: str, **query: Any) -> Answer:
        """A request beside the caller's own."""
        return await self.ask(Asked("GET", path, query))

    async def ask(self, asked: Asked) -> Answer:
        """The whole answer."""
        told: list[bytes] = []
        start: dict[str, Any] = {}

        async def keep(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                told.append(message.get("body", b""))

        await self.send(asked, keep)
        return Answer(start["status"], list(start["headers"]), b"".join(told))

    async def send(self, asked: Asked, answer: Any, *, receive: Any = None) -> None:
        """Sends it, each message of the answer handed to `answer`; `receive` tells that the caller has gone."""
        content = b"" if asked.body is None else orjson.dumps(asked.body)
        headers = [(name, value) for name, value in self._scope["headers"] if name not in LEFT_OUT]
        headers.append(ACCEPT)
        if asked.body is not None:
            headers += [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        scope = {
            **self._scope,
            "method": asked.method,
            "path": asked.path,
            "raw_path": asked.path.encode(),
            "query_string": urlencode(asked.query, doseq=True).encode(),
            "headers": headers,
        }
        await self._application(scope, _once(content, receive), answer)

    async def pass_on(self, receive: Any, answer: Any) -> None:
        """Sends the caller's request as it is, but for what is accepted."""
        headers = [(name, value) for name, value in self._scope["headers"] if name not in LEFT_OUT[:2]]
        await self._application({**self._scope, "headers": [*headers, ACCEPT]}, receive, answer)


def _once(content: bytes, receive: Any) -> Callable[[], Any]:
    """The body, and after it what the caller's connection tells."""
    is_sent = False

    async def received() -> dict[str, Any]:
        nonlocal is_sent
        if not is_sent:
            is_sent = True
            return {"type": "http.request", "body": content, "more_body": False}
        if receive is None:
            await asyncio.Event().wait()
        message: dict[str, Any] = await receive()
        return message

    return received
