"""The adapter itself: looks whether somebody asks for the profile, and stands between them and the doors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from dadms_profile.doors import STREAM, check, door_of, execution_body
from dadms_profile.errors import Refused, error_of, written
from dadms_profile.exchange import Answer, Asked, Doors, is_json
from dadms_profile.stream import Frames
from dadms_profile.words import in_camel, in_snake, snake
from foundation.json_values import parse
from foundation.problems import Problem

MEDIA_TYPE: Final = b"application/vnd.dadms+json"
OURS: Final = (b"content-length", b"content-type")
"""Headers that another body has others of."""


class DadmsProfile:
    """ASGI: requests that accept `application/vnd.dadms+json` are asked and answered in DADMS's words."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if not any(name == b"accept" and MEDIA_TYPE in value for name, value in scope["headers"]):
            await self._application(scope, receive, send)
            return
        doors, reply = Doors(self._application, scope), Reply(send)
        kind = dict(scope["headers"]).get(b"content-type", b"application/json")
        if b"json" not in kind:  # a file that is sent
            await doors.pass_on(receive, reply)
            return
        try:
            asked = await _asked(scope, receive)
            door = door_of(asked.method, asked.path)
            if is_stream(asked):
                reply.frames = Frames()
                asked = Asked("POST", STREAM, asked.query, execution_body(asked.body))
                await doors.send(asked, reply, receive=receive)
            elif door is None:
                await doors.send(replace(asked, body=in_snake(asked.body)), reply, receive=receive)
            else:
                await reply.whole(*await door(doors, asked))
        except Refused as refused:
            await reply.tell(refused.status, [], written(refused.code, refused.message, {}))
        except Problem as problem:
            await reply.tell(problem.status, [], error_of(problem.body(scope["path"])))


async def _asked(scope: dict[str, Any], receive: Any) -> Asked:
    content, more = b"", True
    while more:
        message = await receive()
        content, more = content + message.get("body", b""), message.get("more_body", False)
    query: dict[str, Any] = {}
    for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
        query.setdefault(name, []).append(value)
    single = {name: values[0] if len(values) == 1 else values for name, values in query.items()}
    body = parse(content) if content else None
    check(single, body)
    return Asked(scope["method"], scope["path"], {snake(name): value for name, value in single.items()}, body)


def is_stream(asked: Asked) -> bool:
    """Whether its answer comes event by event."""
    if asked.method != "POST":
        return False
    is_asked_for = isinstance(asked.body, dict) and asked.body.get("stream") is True
    return asked.path == STREAM or (asked.path == "/api/prompts/execute" and is_asked_for)


class Reply:
    """The answer on its way out: JSON is kept until it is whole and then spelled anew, all else goes on as it comes."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self._start: dict[str, Any] = {}
        self._is_json = False
        self._kept: list[bytes] = []
        self.frames: Frames | None = None

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._start, self._is_json = message, is_json(message["headers"])
            if not self._is_json:
                await self._send(message)
        elif self._is_json:
            self._kept.append(message.get("body", b""))
            if not message.get("more_body", False):
                answer = Answer(self._start["status"], list(self._start["headers"]), b"".join(self._kept))
                await self.whole(answer, None)
        else:
            body = message.get("body", b"")
            await self._send({**message, "body": self.frames.of(body) if self.frames else body})

    async def whole(self, answer: Answer, told: Any) -> None:
        """A whole answer, with `told` in its place where there is that."""
        headers = [(name, value) for name, value in answer.headers if name.lower() not in OURS]
        if not answer.is_json:
            await self._send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            await self._send({"type": "http.response.body", "body": answer.content})
        elif answer.status >= 400:
            await self.tell(answer.status, headers, error_of(answer.body))
        else:
            await self.tell(answer.status, headers, in_camel(answer.body) if told is None else told)

    async def tell(self, status: int, headers: list[tuple[bytes, bytes]], body: Any) -> None:
        """JSON of DADMS's media type."""
        content = orjson.dumps(body)
        own = [(b"content-type", MEDIA_TYPE), (b"content-length", str(len(content)).encode())]
        await self._send({"type": "http.response.start", "status": status, "headers": [*headers, *own]})
        await self._send({"type": "http.response.body", "body": content})
