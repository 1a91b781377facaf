"""From a vendor's request to the run and back: what all of these doors have in common."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

import orjson
from django.http import HttpResponse, StreamingHttpResponse

from accounts.models import User
from accounts.requests import SignedInRequest
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from foundation.rest.rendering import dumps
from foundation.rest.serializers import checked_json
from playground import executing
from playground.api.executions import EXECUTE, failure_of
from playground.api.streams import readers
from playground.api.watch import Watch, credentials_of_request, executions_seen
from playground.bodies.resolve import resolve
from playground.engine.ask import Ask
from playground.gateway.places import Places
from playground.gateway.targets import TEMPLATE
from playground.models import Origin, PromptExecution, Status
from playground.stream.events import HEARTBEAT, TERMINAL
from providers.errors import HTTP_STATUS, SENTENCE, Code

SHOWN: Final = frozenset({"token", "reasoning", "tool_call_part", "tool_call"}) | TERMINAL
OURS: Final = ("session_id", "confirm_cost", "context", "sticky_key")
"""Fields of our own API that a client may add to a request (`extra_body`)."""
OUR_PARAMETERS: Final = ("max_cost", "timeout", "fallback_models", "cache")


@dataclass(slots=True)
class Wanted:
    """A vendor's request in our words."""

    body: dict[str, Any]
    """As `POST /api/prompts/execute` takes it."""
    is_streamed: bool = False
    ignored: list[str] = field(default_factory=list)
    """What was sent, and changes nothing here."""
    parent_id: UUID | None = None
    options: dict[str, Any] = field(default_factory=dict)
    """What the answer's shape needs to know of the request."""
    turns: list[dict[str, Any]] = field(default_factory=list)
    """What of the body's messages and prompt the client sent, in order, each knowing its place (`Placed`)."""
    names: dict[str, str] = field(default_factory=dict)
    """Our fields by the client's names, where these differ."""
    run_here: frozenset[str] = frozenset()
    """Tools of a template's that are run here: their calls are none for the client to make."""


def json_of(request: SignedInRequest) -> dict[str, Any]:
    """The body; a Problem where a browser's session asks, which these doors do not take."""
    check_bearer(request)
    body = getattr(request, "json_body", None)
    if not isinstance(body, dict):
        raise Problem(400, "malformed_json", "A JSON object with Content-Type: application/json is expected.")
    return body


def check_bearer(request: SignedInRequest) -> None:
    """A 401 problem for whoever has shown no token."""
    if request.is_known_by_cookie:  # type: ignore[attr-defined]
        raise Problem(401, "not_authenticated", "These doors take a bearer token, not a browser's session.")


async def read(request: SignedInRequest, reading: Callable[[User, dict[str, Any]], Wanted]) -> Wanted:
    """What the body asks for; in a thread of the database only where a template or an earlier answer is looked up."""
    return await read_body(request.principal, json_of(request), reading)


async def read_body(user: User, body: dict[str, Any], reading: Callable[[User, dict[str, Any]], Wanted]) -> Wanted:
    """The same of a body that is known."""
    model = body.get("model")
    is_template = isinstance(model, str) and model.startswith(TEMPLATE)
    if is_template or body.get("prompt") is not None or body.get("previous_response_id") is not None:
        return await in_database_thread(reading, user, body)
    return reading(user, body)


async def begin(request: SignedInRequest, wanted: Wanted, *, route: str) -> UUID:
    """Begins the run; raises Problem."""
    wanted.body["metadata"] = {**wanted.body.get("metadata", {}), "door": route}
    user, key = request.principal, request.headers.get("Idempotency-Key")
    checked, ask = await asked(user, wanted)
    claim = executing.claim_of(user, key, {**checked, "parent": str(wanted.parent_id)}, route=route)
    wanted.run_here = frozenset(tool["name"] for tool in ask.request.get("tools", ()) if tool.get("registered"))
    if wanted.parent_id:
        ask = replace(ask, parent_id=wanted.parent_id)
    async with named(ask, wanted):
        return await executing.begin(ask, claim=claim, is_streamed=wanted.is_streamed)


async def asked(user: User, wanted: Wanted) -> tuple[dict[str, Any], Ask]:
    """The checked body and what it asks for; a Problem names what does not hold as the client does."""
    tools = wanted.body.get("tools") or ()
    async with Places(wanted.turns, tools, wanted.names).named():
        checked = checked_json(EXECUTE, wanted.body)
    # Among a template's turns, those of the request have other numbers.
    async with Places([] if "template_id" in checked else wanted.turns, tools, wanted.names).named():
        return checked, await resolve(user, checked, origin=Origin.SERVICE, is_template_first=True)


def named(ask: Ask, wanted: Wanted) -> AbstractAsyncContextManager[None]:
    """Inside, what does not hold of the resolved request is refused by the client's names."""
    request = ask.request
    turns = len(request.get("messages", ())) + bool(request.get("prompt") or request.get("parts"))
    tools = wanted.body.get("tools") or ()
    return Places(wanted.turns, tools, wanted.names).named(before=turns - len(wanted.turns))


async def ended(execution_id: UUID) -> PromptExecution:
    """The run once it has completed; a Problem where it failed or was cancelled."""
    execution = await executing.record_of(execution_id)
    if execution.status == Status.FAILED:
        raise failure_of(execution)
    if execution.status == Status.CANCELLED:
        raise cancelled()
    return execution


def cancelled() -> Problem:
    """No status that a client tries again."""
    return Problem(410, "cancelled", "The run was cancelled before its answer was whole.")


def answer(told: dict[str, Any], execution: PromptExecution, wanted: Wanted) -> HttpResponse:
    """A whole answer, and in headers what their shape has no place for."""
    dropped = execution.metadata.get("dropped_parameters") or []
    headers = {"X-Execution-Id": str(execution.id), **_notes(wanted)}
    if dropped:
        headers["X-Dropped-Parameters"] = ", ".join(dropped)
    return HttpResponse(dumps(told), content_type="application/json", headers=headers)


def _notes(wanted: Wanted) -> dict[str, str]:
    return {"X-Ignored-Parameters": ", ".join(wanted.ignored)} if wanted.ignored else {}


Said = dict[str, Any]
Tell = Callable[[str, Said], bytes]
"""The bytes that an event of ours (`playground.stream.events`) becomes; none where nothing is said."""


async def streamed(
    request: SignedInRequest, execution_id: UUID, wanted: Wanted, *, tell: Tell, ping: bytes = HEARTBEAT
) -> StreamingHttpResponse:
    """The run's events in a vendor's words.

    It waits for the first that shows something: a run that fails before is answered by its status, so that clients try
    again as they do with the vendor. After 15 seconds of silence it is begun all the same.
    """
    watch = Watch(credentials_of_request(request), executions_seen, execution_id)
    events = _for_client(_events(execution_id, watch), wanted.run_here)
    first: list[tuple[str, Said]] = []
    try:
        async for event in events:
            first.append(event)
            if event[0] in SHOWN or event[0] == "ping":
                break
        if first and first[-1][0] in ("failed", "cancelled"):
            raise failure(*first[-1])
    except BaseException:
        # With it ends the watch over the reader's rights.
        await events.aclose()
        raise
    headers = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
    headers |= {"X-Execution-Id": str(execution_id), **_notes(wanted)}
    content = _told(first, events, tell, ping)
    return StreamingHttpResponse(content, content_type="text/event-stream", headers=headers)


async def _told(
    first: list[tuple[str, Said]], events: AsyncGenerator[tuple[str, Said], None], tell: Tell, ping: bytes
) -> AsyncIterator[bytes]:
    if begun := b"".join(tell(*event) for event in first):
        yield begun
    async with aclosing(events):
        async for kind, said in events:
            if told := ping if kind == "ping" else tell(kind, said):
                yield told


async def _for_client(
    events: AsyncGenerator[tuple[str, Said], None], run_here: frozenset[str]
) -> AsyncGenerator[tuple[str, Said], None]:
    """Without the calls that are run here. What is said with them is a paragraph of the answer."""
    has_said = False
    async with aclosing(events):
        async for kind, said in events:
            if kind == "token":
                has_said = True
            elif kind == "round":
                if has_said:
                    yield "token", {"text": "\n\n"}
            elif run_here and (kind == "tool_call_part" or (kind == "tool_call" and said["tool_name"] in run_here)):
                # Whose a part is may not be known yet: what is the client's comes whole.
                continue
            yield kind, said


async def _events(execution_id: UUID, watch: Watch) -> AsyncGenerator[tuple[str, Said], None]:
    with watch.kept():
        async for batch in (await readers()).read(execution_id, after=0):
            if watch.is_over:
                return
            if batch is not None and not batch:
                yield "ping", {}
            for event in batch or ():
                yield event.kind, orjson.loads(event.data)


def failure(kind: str, said: Said) -> Problem:
    """What a run's terminal event that is no answer means."""
    if kind == "cancelled":
        return cancelled()
    code = Code(said["error"]["code"])
    status = HTTP_STATUS.get(code, 502)
    headers = {"Retry-After": "5"} if status == 503 else {}
    return Problem(status, code.value, said["error"]["message"] or SENTENCE[code], headers=headers)
