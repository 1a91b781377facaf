"""Replays and comparisons over REST: plain async views, like the execution doors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from accounts.models import User
from accounts.requests import SignedInRequest
from foundation.database.threads import in_database_thread
from foundation.problems import Problem, answers_problems, only
from foundation.rest.rendering import dumps
from foundation.rest.serializers import StrictSerializer, checked_json
from playground import comparing, executing
from playground.api.executions import answered, origin_of, refuse_unknown
from playground.bodies.comparison import ComparisonSerializer, ReplaySerializer, VoteSerializer, asks_of
from playground.bodies.execution import check
from playground.bodies.resolve import resolve
from playground.models import Comparison
from playground.replay import ask_of, repeat_of
from playground.representation import execution_json


@only("POST")
@answers_problems
async def replay(request: SignedInRequest, execution_id: UUID) -> HttpResponseBase:
    """`POST /api/executions/{id}/replay`: answers when the run has ended."""
    changes = asked_of(request, ReplaySerializer())
    key = request.headers.get("Idempotency-Key")
    repeat = await repeat_of(user=request.principal, execution_id=execution_id, changes=changes)
    ask = await resolve(request.principal, check(repeat.body), origin=origin_of(request))
    claim = executing.claim_of(request.principal, key, repeat.claimed, route="replay")
    return await answered(await executing.begin(ask_of(repeat, ask), claim=claim), status=201)


@only("POST")
@answers_problems
async def compare(request: SignedInRequest) -> HttpResponseBase:
    """`POST /api/comparisons`: answers at once; the executions' streams are open."""
    asked = asked_of(request, ComparisonSerializer())
    user = request.principal
    claim = executing.claim_of(user, request.headers.get("Idempotency-Key"), asked, route="compare")
    comparison_id = await comparing.compare(await asks_of(user, asked), claim=claim)
    return _json(await in_database_thread(_seen_json, user, comparison_id), status=202)


@only("GET")
@answers_problems
async def comparison(request: SignedInRequest, comparison_id: UUID) -> HttpResponseBase:
    """`GET /api/comparisons/{id}`."""
    refuse_unknown(request, set())
    return _json(await in_database_thread(_seen_json, request.principal, comparison_id))


@only("POST")
@answers_problems
async def vote(request: SignedInRequest, comparison_id: UUID) -> HttpResponseBase:
    """`POST /api/comparisons/{id}/vote`."""
    asked = asked_of(request, VoteSerializer())

    def voted() -> dict[str, Any]:
        comparing.vote(user=request.principal, comparison_id=comparison_id, **asked)
        return _seen_json(request.principal, comparison_id)

    return _json(await in_database_thread(voted))


def _seen_json(user: User, comparison_id: UUID) -> dict[str, Any]:
    return comparison_json(comparing.seen(user, comparison_id), user)


def comparison_json(found: Comparison, user: User) -> dict[str, Any]:
    """The comparison with its executions and votes."""
    return {
        "id": found.id,
        "session_id": found.session_id,
        "user_id": found.user_id,
        "created_at": found.created_at,
        "executions": [execution_json(each) for each in comparing.executions_of(found)],
        **comparing.votes_json(found, user),
    }


def asked_of(request: SignedInRequest, rules: StrictSerializer) -> Any:
    """The checked body."""
    return checked_json(rules, _body(request))


def _body(request: SignedInRequest) -> Any:
    if not request.body:
        return {}
    body = getattr(request, "json_body", None)
    if not isinstance(body, dict):
        raise Problem(400, "malformed_json", "A JSON object with Content-Type: application/json is expected.")
    return body


def _json(value: Any, *, status: int = 200) -> HttpResponse:
    return HttpResponse(dumps(value), content_type="application/json", status=status)
