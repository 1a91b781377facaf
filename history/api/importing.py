"""A session out of an export, over REST (api.md, "Sessions")."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.models import User
from accounts.requests import principal
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer
from history.api import openapi as told
from history.importing.planning import Plan, planned_for
from history.importing.remembering import Before
from history.importing.writing import write
from sessions_app.lookup import visible
from sessions_app.models import PlaygroundSession
from sessions_app.representation import session_json


class ImportQuery(StrictSerializer):
    """Query of POST /api/sessions/import."""

    dry_run = serializers.BooleanField(required=False, default=False)


class ImportView(APIView):
    """`POST /api/sessions/import`."""

    @extend_schema(
        operation_id="sessions_import",
        parameters=[ImportQuery],
        request=OpenApiTypes.OBJECT,
        responses={201: told.ImportedSerializer, 200: told.DryRunSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A JSON export becomes a session of yours with new ids; nothing is written when anything is wrong with it."""
        is_dry = query_of(request, ImportQuery)["dry_run"]
        user = principal(request)
        planned = planned_for(user, request.data)
        before, notes = planned.before(user), planned.notes(user)
        session = None if is_dry else write(user, planned)
        return Response(_import_json(planned, user, session, before, notes), status=200 if is_dry else 201)


def _import_json(
    planned: Plan, user: User, session: PlaygroundSession | None, before: list[Before], notes: list[str]
) -> dict[str, Any]:
    return {
        "session": session_json(visible(user, session.id), user) if session else _would_be(planned),
        "executions": len(planned.executions),
        "dropped_links": planned.dropped_links,
        "attachments": planned.taken_files,
        "imported_before": [each.as_json for each in before],
        "notes": [*notes, *(each.sentence for each in before)],
        "dry_run": session is None,
    }


def _would_be(planned: Plan) -> dict[str, Any]:
    names = ("name", "description", "project_id", "purpose", "tags")
    counted = {"execution_count": len(planned.executions), "total_cost": planned.total_cost}
    times = {"created_at": planned.session.get("created_at"), "last_executed": planned.last_executed}
    archived = {"archived": planned.session["archived"]}
    return {**{name: planned.session[name] for name in names}, **archived, **counted, **times}
