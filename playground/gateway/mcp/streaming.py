"""A call whose client wants to hear of its progress: answered as server-sent events, the last of which is the response
(specification 2025-11-25, "Sending Messages to the Server" and "Progress").
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, Final

from django.http import HttpRequest, StreamingHttpResponse

from accounts.authentication import Caller
from foundation.rest.rendering import dumps
from playground.gateway.mcp.calls import Call
from playground.gateway.mcp.messages import INTERNAL_ERROR, Id, RpcError
from playground.gateway.mcp.methods import answered

logger = logging.getLogger(__name__)

HEARTBEAT: Final = 15.0
"""Seconds of silence after which a comment is sent, for proxies."""
EVENT_STREAM: Final = "text/event-stream"

Messages = asyncio.Queue[dict[str, Any] | None]


def token_of(request: HttpRequest, params: dict[str, Any]) -> Id | None:
    """The token by which the client wants to hear of the progress; None where it does not, or reads no stream."""
    match params:
        case {"_meta": {"progressToken": str() | int() as token}} if not isinstance(token, bool):
            return token if EVENT_STREAM in request.headers.get("Accept", "") else None
    return None


def streamed(caller: Caller, params: dict[str, Any], *, id: Id, token: Id, name: str) -> StreamingHttpResponse:
    """The call's answer, begun at once. A client that leaves does not stop the run that it began."""
    messages: Messages = asyncio.Queue()

    def hear(done: float, total: float | None, message: str) -> None:
        told = {"progressToken": token, "progress": done, "message": message}
        params = told if total is None else {**told, "total": total}
        messages.put_nowait({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})

    # Made here and not when it is read: who asks stands in the context of the request (foundation.context).
    answering = asyncio.create_task(_answer(caller, params, id, Call(name, hear), messages))
    headers = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(_told(messages, answering), content_type=EVENT_STREAM, headers=headers)


async def _answer(caller: Caller, params: dict[str, Any], id: Id, call: Call, messages: Messages) -> None:
    try:
        body = {"jsonrpc": "2.0", "id": id, "result": await answered(caller, "tools/call", params, call)}
    except RpcError as error:
        body = error.body(id)
    except Exception:
        # Nobody stands behind it to answer, and the client would wait for ever.
        logger.exception("mcp_call_broke")
        body = RpcError(INTERNAL_ERROR, "The service made a mistake; it is logged.").body(id)
    messages.put_nowait(body)
    messages.put_nowait(None)


async def _told(messages: Messages, answering: asyncio.Task[None]) -> AsyncIterator[bytes]:
    try:
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    message = await messages.get()
            except TimeoutError:
                yield b": still at it\n\n"
                continue
            if message is None:
                return
            yield b"event: message\ndata: %s\n\n" % dumps(message)
    finally:
        answering.cancel()
