"""`GET /v1/models` and `/v1/models/{id}`, in the shape of the vendor whose client asks."""

from __future__ import annotations

from typing import Any, Final

import orjson
from django.http import HttpResponse

from accounts.requests import SignedInRequest
from foundation.database.threads import in_database_thread
from foundation.problems import answers_problems, not_found, only
from playground.gateway import templates
from playground.gateway.running import check_bearer
from playground.gateway.targets import TEMPLATE
from playground.gateway.templates import Listed
from providers.catalogue.listing import model, models_for

UNKNOWN_DATE: Final = "1970-01-01T00:00:00Z"
"""When a model was made is not known here; both vendors' shapes want a date, and Anthropic's says to send this one."""


@only("GET")
@answers_problems
async def models(request: SignedInRequest) -> HttpResponse:
    """The models that the caller may use, and behind them the templates that are released to them."""
    check_bearer(request)
    rows = await in_database_thread(models_for, request.principal)
    told = [_told(request, row) for row in rows if row["available"]]
    told += [_template(request, each) for each in await in_database_thread(templates.released_to, request.principal)]
    if not _is_anthropics(request):
        return _json({"object": "list", "data": told})
    ends = {"first_id": told[0]["id"] if told else None, "last_id": told[-1]["id"] if told else None}
    return _json({"data": told, "has_more": False, **ends})


@only("GET")
@answers_problems
async def one_model(request: SignedInRequest, model_id: str) -> HttpResponse:
    """One model or template; ids contain slashes, colons and at signs."""
    check_bearer(request)
    if model_id.startswith(TEMPLATE):
        return _json(_template(request, await in_database_thread(templates.one, request.principal, model_id)))
    row = await in_database_thread(model, model_id)
    if row is None:
        raise not_found("The model")
    return _json(_told(request, row))


def _told(request: SignedInRequest, row: dict[str, Any]) -> dict[str, Any]:
    if _is_anthropics(request):
        return {"type": "model", "id": row["id"], "display_name": row["name"], "created_at": UNKNOWN_DATE}
    return {"id": row["id"], "object": "model", "created": 0, "owned_by": row["provider"]}


def _template(request: SignedInRequest, listed: Listed) -> dict[str, Any]:
    if _is_anthropics(request):
        created_at = listed.created_at.isoformat().replace("+00:00", "Z")
        return {"type": "model", "id": listed.id, "display_name": listed.name, "created_at": created_at}
    created = int(listed.created_at.timestamp())
    return {"id": listed.id, "object": "model", "created": created, "owned_by": "template"}


def _is_anthropics(request: SignedInRequest) -> bool:
    return "anthropic-version" in request.headers


def _json(value: dict[str, Any]) -> HttpResponse:
    return HttpResponse(orjson.dumps(value), content_type="application/json")
