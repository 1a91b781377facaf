"""LiteLLM in a process of its own: `python -m providers.wires.litellm.server FOLDER SOCKET IDLE_SECONDS`.

POST /v1/chat/completions is OpenAI's, with LiteLLM's model names; `Authorization` is the provider's key and
`X-Api-Base` its base URL. An answer with `X-Wire` is the provider's own, unread (relay.py). GET /v1/models/PREFIX lists
what LiteLLM's table knows. Nothing is logged.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import litellm
import orjson
from aiohttp import web

from providers.on_demand.announcement import Announced, Announcement
from providers.wires.litellm.failures import error_of, is_cut
from providers.wires.litellm.headers import TRACEPARENT
from providers.wires.litellm.reading import amend, has_made_up_usage, is_made_up, said_usage
from providers.wires.litellm.relay import Taken, Tap, listen, names_of, passed_on, tap

CHECK_EVERY = 1.0
BODY_LIMIT = 32 * 1024 * 1024
TAKEN = frozenset(
    {
        "model",
        "messages",
        "temperature",
        "top_p",
        "max_tokens",
        "max_completion_tokens",
        "num_ctx",
        "stop",
        "seed",
        "frequency_penalty",
        "presence_penalty",
        "response_format",
        "reasoning_effort",
        "tools",
        "tool_choice",
        "stream",
        "stream_options",
    }
)
"""Anything else in a body could reach settings of the library that are not the client's to choose."""


def configure() -> None:
    litellm.telemetry = False
    litellm.drop_params = True
    litellm.num_retries = 0
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    logging.disable(logging.CRITICAL)


async def complete(request: web.Request) -> web.StreamResponse:
    body = {name: value for name, value in orjson.loads(await request.read()).items() if name in TAKEN}
    waiting = Tap(tools=names_of(body), traceparent=request.headers.get(TRACEPARENT, ""))
    tap.set(waiting)
    try:
        return await _complete(request, body, waiting)
    finally:
        if waiting.response is not None:  # A client that leaves may do so while the library still unwinds.
            await waiting.response.aclose()


async def _complete(request: web.Request, body: dict[str, Any], waiting: Tap) -> web.StreamResponse:
    key = request.headers.get("Authorization", "").removeprefix("Bearer ") or None
    usages: list[dict[str, Any]] = []
    said_usage.set(usages)
    try:
        answer = await litellm.acompletion(
            **body,
            api_key=key,
            api_base=request.headers.get("X-Api-Base"),
            max_retries=0,
            drop_params=True,
            _skip_mcp_handler=True,  # Its gateway needs the package `mcp` as soon as there are tools.
        )
        if not body.get("stream"):
            return web.Response(body=_json(answer), content_type="application/json")
        chunks = aiter(answer)
        # With the first chunk in hand a failure can still have a status of its own.
        first = await anext(chunks, None)
    except (Taken, Exception) as failure:
        if waiting.response is not None:
            return await passed_on(request, waiting.response, waiting.wire)
        if isinstance(failure, Taken):
            raise
        status, error, headers = error_of(failure)
        return web.json_response(error, status=status, headers=headers, dumps=lambda value: _json(value).decode())
    return await _stream(request, first, chunks, answer, usages)


async def _stream(
    request: web.Request, first: Any, chunks: AsyncIterator[Any], answer: Any, usages: list[dict[str, Any]]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    try:
        for usage in usages:
            await response.write(b"data: " + _json({"choices": [], "usage": usage}) + b"\n\n")
        async for chunk in _with(first, chunks):
            if is_made_up(chunk, answer):
                raise ConnectionError("connection closed before the answer's end")
            if has_made_up_usage(chunk, answer):
                continue
            await response.write(b"data: " + _json(chunk) + b"\n\n")
    except Exception as failure:
        if is_cut(failure) and request.transport is not None:
            request.transport.abort()  # The client sees what we saw.
            return response
        await response.write(b"data: " + _json(error_of(failure)[1]) + b"\n\n")
        return response
    await response.write(b"data: [DONE]\n\n")
    return response


async def _with(first: Any, rest: AsyncIterator[Any]) -> AsyncIterator[Any]:
    if first is not None:
        yield first
    async for chunk in rest:
        yield chunk


def _json(value: Any) -> bytes:
    plain = value.model_dump(exclude_none=True) if hasattr(value, "model_dump") else value
    try:
        return orjson.dumps(plain, default=str)
    except TypeError:  # Halves of surrogate pairs: the other side joins them.
        return json.dumps(plain, default=str).encode()


async def models(request: web.Request) -> web.Response:
    prefix = request.match_info["prefix"]
    rows = []
    for name in sorted(litellm.models_by_provider.get(prefix, ())):
        known = litellm.model_cost.get(name, {})
        rows.append(
            {
                "id": name.removeprefix(f"{prefix}/"),
                "context_length": known.get("max_input_tokens"),
                "max_output_tokens": known.get("max_output_tokens"),
            }
        )
    return web.Response(body=_json({"object": "list", "data": rows}), content_type="application/json")


async def serve(folder: Path, socket: Path, idle_seconds: float) -> None:
    app = web.Application(client_max_size=BODY_LIMIT)
    app.router.add_post("/v1/chat/completions", complete)
    app.router.add_get("/v1/models/{prefix}", models)
    # A client that leaves cancels the handler, which closes the provider's connection.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    os.umask(0o177)  # The socket is ours alone from its first moment.
    await web.UnixSite(runner, str(socket)).start()
    announcement = Announcement(folder, Announced(os.getpid(), str(socket)), idle_seconds)
    while not announcement.take_back():  # noqa: ASYNC110 - a file's age wakes nobody
        await asyncio.sleep(min(CHECK_EVERY, idle_seconds / 4))
    await runner.cleanup()


if __name__ == "__main__":
    configure()
    amend()
    listen()
    place = Path(sys.argv[2])
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.unlink(missing_ok=True)
    asyncio.run(serve(Path(sys.argv[1]), place, float(sys.argv[3])))
