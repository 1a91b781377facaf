"""The execution doors: plain async views, since a REST framework view would hold a thread a run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts.requests import SignedInRequest
from foundation.database.threads import in_database_thread
from foundation.problems import FieldError, Problem, answers_problems, invalid, not_found, only
from foundation.rest.rendering import dumps
from foundation.rest.serializers import checked_json
from playground import executing
from playground.api.streams import readers
from playground.api.watch import Watch, credentials_of_request, executions_seen
from playground.bodies.execution import ExecuteSerializer
from playground.bodies.resolve import resolve
from playground.models import Origin, PromptExecution, Status
from playground.representation import execution_json
from playground.stream.events import HEARTBEAT
from providers.errors import HTTP_STATUS, SENTENCE, Code

LARGEST_EVENT_ID = 2**53
EXECUTE: Final = ExecuteSerializer()


@only("POST")
@answers_problems
async def execute(request: SignedInRequest) -> HttpResponseBase:
    """`POST /api/prompts/execute`: answers when the run has ended; a caller that leaves does not stop it."""
    return await answered(await _begun(request, is_streamed=False))


@only("POST")
@answers_problems
async def stream(request: SignedInRequest) -> HttpResponseBase:
    """`POST /api/prompts/execute/stream`: server-sent events from the first on."""
    return _event_stream(request, await _begun(request, is_streamed=True), after=0)


@only("GET")
@answers_problems
async def execution(request: SignedInRequest, execution_id: UUID) -> HttpResponseBase:
    """`GET /api/executions/{id}`."""
    return _json(await in_database_thread(_find, request.principal, execution_id))


@only("GET")
@answers_problems
async def execution_stream(request: SignedInRequest, execution_id: UUID) -> HttpResponseBase:
    """`GET /api/executions/{id}/stream`: the events above `Last-Event-ID` or `?after=`."""
    refuse_unknown(request, {"after"})
    await in_database_thread(_find, request.principal, execution_id)
    after = after_of(request.GET.get("after"), request.headers.get("Last-Event-ID"))
    return _event_stream(request, execution_id, after=after)


@only("POST")
@answers_problems
async def cancel(request: SignedInRequest, execution_id: UUID) -> HttpResponseBase:
    """`POST /api/executions/{id}/cancel`: 202 while it is being stopped, 200 when it had ended."""
    user = request.principal
    was_running = await executing.cancel(user=user, execution_id=execution_id)
    return _json(await in_database_thread(_find, user, execution_id), status=202 if was_running else 200)


def after_of(parameter: str | None, header: str | None) -> int:
    """The number after which a reader goes on; what is no number that we gave out means from the beginning."""
    for given in (header, parameter):
        if given is not None and given.isascii() and given.isdigit() and int(given) <= LARGEST_EVENT_ID:
            return int(given)
    return 0


def failure_of(execution: PromptExecution) -> Problem:
    """The problem that a failed execution is answered with."""
    code = Code(execution.error_code)
    status = HTTP_STATUS.get(code, 502)
    headers = {"Retry-After": "5"} if status == 503 else {}
    detail = execution.error_message or SENTENCE[code]
    return Problem(status, code.value, detail, headers=headers, execution_id=execution.id)


async def _begun(request: SignedInRequest, *, is_streamed: bool) -> UUID:
    refuse_unknown(request, set())
    body = getattr(request, "json_body", None)
    if not isinstance(body, dict):
        raise Problem(400, "malformed_json", "A JSON object with Content-Type: application/json is expected.")
    user, asked, key = request.principal, checked_json(EXECUTE, body), request.headers.get("Idempotency-Key")
    claim = executing.claim_of(user, key, asked, route="stream" if is_streamed else "execute")
    ask = await resolve(user, asked, origin=origin_of(request))
    return await executing.begin(ask, claim=claim, is_streamed=is_streamed)


def origin_of(request: HttpRequest) -> Origin:
    """A page's script comes with the browser's session, a program with a token."""
    return Origin.SERVICE if request.headers.get("Authorization") else Origin.PERSON


async def answered(execution_id: UUID, *, status: int = 200) -> HttpResponse:
    """The execution once it has ended; a Problem when it failed."""
    execution, told = await executing.ended(execution_id)
    if execution.status == Status.FAILED:
        raise failure_of(execution)
    return HttpResponse(told, content_type="application/json", status=status)


def _event_stream(request: SignedInRequest, execution_id: UUID, *, after: int) -> StreamingHttpResponse:
    watch = Watch(credentials_of_request(request), executions_seen, execution_id)
    headers = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(_frames(execution_id, after, watch), content_type="text/event-stream", headers=headers)


async def _frames(execution_id: UUID, after: int, watch: Watch) -> AsyncIterator[bytes]:
    with watch.kept():
        async for batch in (await readers()).read(execution_id, after=after):
            if watch.is_over:
                return
            if batch is not None:
                yield b"".join(event.as_sse for event in batch) or HEARTBEAT


def _find(user: Any, execution_id: UUID) -> PromptExecution:
    found = PromptExecution.objects.visible_to(user).filter(id=execution_id).first()
    if found is None:
        raise not_found("The execution")
    return found


def _json(execution: PromptExecution, *, status: int = 200) -> HttpResponse:
    return HttpResponse(dumps(execution_json(execution)), content_type="application/json", status=status)


def refuse_unknown(request: SignedInRequest, known: set[str]) -> None:
    """A Problem for each query parameter that is not known."""
    if unknown := sorted(request.GET.keys() - known):
        raise invalid(FieldError(name, "unknown", "There is no such query parameter.") for name in unknown)
