"""Answers of wires that we read ourselves, passed on byte for byte: LiteLLM's reading loses what they say.

LiteLLM then has only written the request. It reads the answer itself where it has changed what was asked (a schema as a
tool of its own), and where the wire is another one than ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson
from aiohttp import web

from providers.wires.litellm.headers import TRACEPARENT, WIRE

WIRES: Final = {
    "/chat/completions": "openai",
    "/v1/messages": "anthropic",
    "/api/chat": "ollama",
    "/converse": "bedrock",
    "/converse-stream": "bedrock",
    "/v2/chat": "cohere",
    ":generateContent": "gemini",
    ":streamGenerateContent": "gemini",
}
CLOCKS: Final = httpx.Timeout(24 * 3600.0, connect=10.0)
"""The library's own would end an answer after 600 seconds, and wait as long for a connection; the client's govern."""
PASSED: Final = ("Content-Type", "Content-Encoding", "Retry-After", "retry-after-ms")


class Taken(BaseException):
    """The answer's head is here, and the library need not read on."""


@dataclass(slots=True)
class Tap:
    """What one call's answer is waited for with."""

    tools: Sequence[str]
    """The names of the tools that were given."""
    traceparent: str = ""
    """The trace that the call belongs to; empty where it belongs to none."""
    response: httpx.Response | None = None
    wire: str = ""

    def suits(self, request: httpx.Request) -> bool:
        """Whether the answer to this request is one that we read ourselves."""
        self.wire = next((wire for end, wire in WIRES.items() if request.url.path.endswith(end)), "")
        if not self.wire or self.response is not None:
            return False
        try:
            asked = orjson.loads(request.content)
        except (orjson.JSONDecodeError, httpx.RequestNotRead):
            return False
        return isinstance(asked, dict) and names_of(asked) == list(self.tools)


def names_of(asked: dict[str, Any]) -> list[Any]:
    """The names of the tools in a body of any wire; None for one that has no name."""
    config = asked.get("toolConfig")
    tools = config.get("tools") if isinstance(config, dict) else asked.get("tools")
    names: list[Any] = []
    for each in tools if isinstance(tools, list) else ():
        # Gemini's stand together, Bedrock's and OpenAI's within another object, Anthropic's alone.
        together = each.get("functionDeclarations") or each.get("function_declarations")
        found = together or [each.get("function") or each.get("toolSpec") or each]
        names += [one.get("name") for one in found]
    return names


tap: ContextVar[Tap | None] = ContextVar("tap", default=None)


def listen() -> None:
    """Has the library's client give out such answers, in this process. It follows no redirect any more either.

    It would, and a key would travel along. Nor has it clocks of its own, but for a connection.
    """
    send = httpx.AsyncClient.send

    async def send_once(self: httpx.AsyncClient, request: httpx.Request, **given: Any) -> httpx.Response:
        given |= {"follow_redirects": False}
        request.extensions = {**request.extensions, "timeout": CLOCKS.as_dict()}
        waiting = tap.get()
        if waiting is not None and waiting.traceparent:
            request.headers[TRACEPARENT] = waiting.traceparent
        if waiting is None or not waiting.suits(request):
            return await send(self, request, **given)
        response = await send(self, request, **given | {"stream": True})
        if 300 <= response.status_code < 400:
            if not given.get("stream"):
                await response.aread()
            return response
        waiting.response = response
        raise Taken

    httpx.AsyncClient.send = send_once  # type: ignore[method-assign]


async def passed_on(request: web.Request, source: httpx.Response, wire: str) -> web.StreamResponse:
    """The provider's answer as it comes; the caller closes it."""
    headers = {name: source.headers[name] for name in PASSED if name in source.headers}
    response = web.StreamResponse(status=source.status_code, headers=headers | {WIRE: wire})
    await response.prepare(request)
    try:
        async for piece in source.aiter_raw():
            await response.write(piece)
    except (httpx.HTTPError, httpx.StreamError, OSError):
        if request.transport is not None:
            request.transport.abort()  # The client sees what we saw.
        return response
    await response.write_eof()
    return response
