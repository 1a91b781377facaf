"""Tools over REST: which there are, one tried alone, and an execution gone on with after its calls."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.requests import SignedInRequest
from foundation.problems import answers_problems, not_found, only
from foundation.rest.rendering import dumps
from playground import resuming
from playground.api.comparisons import asked_of
from playground.api.executions import answered, origin_of, refuse_unknown
from playground.bodies.tools import ResumeSerializer, TryToolSerializer
from playground.tools import registry
from playground.tools.calling import called
from playground.tools.representation import tool_json
from playground.tools.tool import PATIENCE, Caller

RESUME: Final = ResumeSerializer()
TRY: Final = TryToolSerializer()


@only("GET")
@answers_problems
async def tools(request: SignedInRequest) -> HttpResponseBase:
    """`GET /api/tools`."""
    refuse_unknown(request, set())
    results = [tool_json(tool) for tool in (await registry.tools()).values()]
    return _json({"count": len(results), "next": None, "previous": None, "results": results})


@only("POST")
@answers_problems
async def try_tool(request: SignedInRequest, name: str) -> HttpResponseBase:
    """`POST /api/tools/{name}/test`: whoever tries it allows it."""
    refuse_unknown(request, set())
    asked = asked_of(request, TRY)
    tool = (await registry.tools()).get(name)
    if tool is None:
        raise not_found("The tool")
    outcome = await called(tool, asked["parameters"], Caller(request.principal.id), seconds=PATIENCE)
    told = {"tool_name": tool.name, "parameters": asked["parameters"], **outcome, "timestamp": timezone.now()}
    return _json(told)


@only("POST")
@answers_problems
async def resume(request: SignedInRequest, execution_id: UUID) -> HttpResponseBase:
    """`POST /api/executions/{id}/resume`: answers when what goes on has ended."""
    refuse_unknown(request, set())
    user, asked = request.principal, asked_of(request, RESUME)
    key = request.headers.get("Idempotency-Key")
    begun = await resuming.resume(user=user, execution_id=execution_id, body=asked, origin=origin_of(request), key=key)
    return await answered(begun, status=201)


def _json(value: Any) -> HttpResponse:
    return HttpResponse(dumps(value), content_type="application/json")
