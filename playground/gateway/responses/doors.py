"""`POST /v1/responses`, `GET /v1/responses/{id}`."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from accounts.requests import SignedInRequest
from foundation.database.threads import in_database_thread
from foundation.problems import answers_problems, only
from foundation.rest.rendering import dumps
from playground.gateway import running
from playground.gateway.responses.answer import response_of
from playground.gateway.responses.request import execution_of, wanted_of
from playground.gateway.responses.stream import ResponseEvents

ROUTE = "v1/responses"


@only("POST")
@answers_problems
async def responses(request: SignedInRequest) -> HttpResponseBase:
    """A caller that leaves does not stop the run: it is read by its id."""
    wanted = await running.read(request, wanted_of)
    execution_id = await running.begin(request, wanted, route=ROUTE)
    if wanted.is_streamed:
        events = ResponseEvents(wanted.body["parameters"], wanted.body.get("tools", []))
        return await running.streamed(request, execution_id, wanted, tell=events.tell)
    execution = await running.ended(execution_id)
    return running.answer(response_of(execution), execution, wanted)


@only("GET")
@answers_problems
async def response(request: SignedInRequest, response_id: str) -> HttpResponseBase:
    """A response that was asked for before, also one that still runs."""
    running.check_bearer(request)
    execution = await in_database_thread(execution_of, request.principal, response_id, "this id")
    return HttpResponse(dumps(response_of(execution)), content_type="application/json")
