"""The pages of tools: which there are, one tried alone, and a run gone on with after its calls."""

from __future__ import annotations

import uuid
from typing import Any, Final, cast
from uuid import UUID

import orjson
from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import is_htmx
from foundation import json_values
from foundation.problems import FieldError, Problem, as_problem, invalid
from foundation.rest.serializers import checked_json
from playground import resuming
from playground.bodies.tools import ResumeSerializer
from playground.models import Origin
from playground.pages.compose import views
from playground.pages.presentation.tools import ToolCallView, tool_choices
from playground.tools import registry
from playground.tools.calling import called, failed
from playground.tools.tool import PATIENCE, Caller

DECISION: Final = "decision."
"""What the names of the fields begin with that allow or refuse a call."""


@require_GET
@vary_on_headers("HX-Request")
def tools(request: HttpRequest) -> HttpResponse:
    """The list, each with its schema and a place to try it; the fragment is boxes for a field that holds some."""
    context = {"tools": tool_choices()}
    if is_htmx(request):
        return render(request, "playground/tools/_choices.html", {**context, "is_for_list": True})
    return render(request, "playground/tools/index.html", context)


@require_POST
@vary_on_headers("HX-Request")
async def try_tool(request: HttpRequest, name: str) -> HttpResponseBase:
    """Runs one alone; whoever tries it allows it."""
    user = cast(User, await request.auser())
    tool = (await registry.tools()).get(name)
    if tool is None:
        raise Http404
    written = request.POST.get("parameters", "")
    arguments, outcome = await _tried(tool.name, written, user)
    call = ToolCallView.of({"id": "", "tool_name": name, "arguments": arguments, **outcome})
    if is_htmx(request):
        return await sync_to_async(render)(request, "playground/tools/_outcome.html", {"call": call})
    choices = await sync_to_async(tool_choices)()
    context = {"tools": choices, "tried": name, "call": call, "written": written}
    return await sync_to_async(render)(request, "playground/tools/index.html", context)


async def _tried(name: str, written: str, user: User) -> tuple[Any, dict[str, Any]]:
    try:
        arguments = json_of(written, "parameters")
    except Problem as problem:
        return written, failed(problem.errors[0]["message"])
    tool = (await registry.tools())[name]
    return arguments, await called(tool, arguments, Caller(user.id), seconds=PATIENCE)


@require_POST
async def resume(request: HttpRequest, execution_id: UUID) -> HttpResponseBase:
    """Goes on after a run's calls: `decision.ID` is "approve" or "refuse", `edit` one whose `result` was changed."""
    user = cast(User, await request.auser())
    key = request.POST.get("idempotency_key") or uuid.uuid4().hex
    try:
        body = checked_json(ResumeSerializer(), _decision(request))
        begun = await resuming.resume(user=user, execution_id=execution_id, body=body, origin=Origin.PERSON, key=key)
    except (Problem, ValidationError) as error:
        problem = cast(Problem, as_problem(error))
        return await sync_to_async(views.refused)(request, user, problem, run_id=execution_id)
    return await sync_to_async(views.started)(request, user, begun)


def _decision(request: HttpRequest) -> dict[str, Any]:
    data = request.POST
    body: dict[str, Any] = {}
    for name, value in data.items():
        if name.startswith(DECISION) and value in ("approve", "refuse"):
            body.setdefault(str(value), []).append(name.removeprefix(DECISION))
    if "edit" in data:
        body["results"] = [{"id": data["edit"], "result": json_of(data.get("result", ""), "results.0.result")}]
    if data.get("confirm_cost") == "true":
        body["confirm_cost"] = True
    return body


def json_of(written: str, field: str) -> Any:
    """The value that was typed; raises a Problem that says where it is no JSON."""
    try:
        value = orjson.loads(written)
    except orjson.JSONDecodeError as error:
        raise invalid([FieldError(field, "invalid_json", f"This is not JSON: {error}.")]) from None
    json_values.check(value)
    return value
