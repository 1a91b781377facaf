"""Sessions out of a file, over REST (api.md, "Sessions")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.models import User
from accounts.requests import principal
from foundation.http.body_gate import size_of
from foundation.problems import Problem
from foundation.rest.openapi import LOCATION, problems
from foundation.rest.parsing import GatedJSONParser
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer
from history.api import openapi as told
from history.importing.background.ordering import PIECE, order, pieces_of
from history.importing.formats.registry import AUTO, CHOICES
from history.importing.planning import Plan
from history.importing.preparing import AT_ONCE, Prepared, carry_out, prepare
from history.importing.reading import value_of
from history.importing.remembering import Before
from sessions_app.lookup import visible
from sessions_app.models import PlaygroundSession
from sessions_app.representation import session_json


class AnyBody(BaseParser):
    """The body as bytes, whatever it calls itself: what it is, is looked at."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read()


class ImportQuery(StrictSerializer):
    """Query of POST /api/sessions/import."""

    dry_run = serializers.BooleanField(required=False, default=False)
    format = serializers.ChoiceField(choices=CHOICES, required=False, default=AUTO)


class ImportView(APIView):
    """`POST /api/sessions/import`."""

    parser_classes = [GatedJSONParser, AnyBody]

    @extend_schema(
        operation_id="sessions_import",
        parameters=[ImportQuery, LOCATION],
        request={
            "application/json": OpenApiTypes.OBJECT,
            "application/jsonl": OpenApiTypes.STR,
            "application/zip": OpenApiTypes.BINARY,
        },
        responses={
            201: told.ImportedSerializer,
            200: told.DryRunSerializer,
            202: told.OrderedSerializer,
            **problems(413, 429),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A file becomes sessions of yours with new ids; nothing is written when anything is wrong with it.

        Over 8 MB or 5000 runs it is imported in the background: 202 with the artifact that tells how far it is.
        """
        asked, user = query_of(request, ImportQuery), principal(request)
        http = request._request
        if http.headers.get("Content-Encoding", "identity") != "identity":
            raise Problem(415, "unsupported_encoding", "A body is taken as it is, not compressed.")
        size = size_of(http)
        if size > settings.MAX_BODY_BYTES:
            return _ordered(user, _spooled(http), size, asked)
        data: Any = request.data
        value = value_of(data) if isinstance(data, bytes) else data
        prepared = None if has_many_runs(value) else prepare(user, value, format_name=asked["format"])
        if prepared is None or prepared.executions > AT_ONCE:
            raw = data if isinstance(data, bytes) else http.body
            return _ordered(user, pieces_of(raw), len(raw), asked)
        before = [plan.before(user) for plan in prepared.plans]
        notes = [*prepared.notes, *(note for plan in prepared.plans for note in plan.notes(user))]
        sessions = None if asked["dry_run"] else carry_out(user, prepared)
        return Response(_import_json(prepared, user, sessions, before, notes), status=201 if sessions else 200)


def has_many_runs(value: Any) -> bool:
    """Whether a bundle of ours has more runs than somebody waits for."""
    runs = value.get("executions") if isinstance(value, dict) else None
    return isinstance(runs, list) and len(runs) > AT_ONCE


def _spooled(http: HttpRequest) -> Iterator[bytes]:
    spooled: Any = http._stream
    spooled.seek(0)
    return iter(lambda: spooled.read(PIECE), b"")


def _ordered(user: User, pieces: Iterable[bytes], size: int, asked: dict[str, Any]) -> Response:
    made = order(user=user, pieces=pieces, size=size, format_name=asked["format"], is_dry=asked["dry_run"])
    url = f"/api/artifacts/{made.id}"
    return Response({"artifact_id": made.id, "status_url": url}, status=202, headers={"Location": url})


def _import_json(
    prepared: Prepared,
    user: User,
    sessions: list[PlaygroundSession] | None,
    before: list[list[Before]],
    notes: list[str],
) -> dict[str, Any]:
    each = [
        {
            "session": session_json(visible(user, sessions[place].id), user) if sessions else _would_be(plan),
            "executions": len(plan.executions),
            "dropped_links": plan.dropped_links,
            "attachments": plan.taken_files,
            "imported_before": [one.as_json for one in before[place]],
        }
        for place, plan in enumerate(prepared.plans)
    ]
    return {
        "format": prepared.format_name,
        "sessions": each,
        **({"session": each[0]["session"]} if len(each) == 1 else {}),
        "executions": prepared.executions,
        "dropped_links": sum(plan.dropped_links for plan in prepared.plans),
        "attachments": sum(plan.taken_files for plan in prepared.plans),
        "imported_before": [one.as_json for found in before for one in found],
        "notes": [*notes, *(one.sentence for found in before for one in found)],
        "dry_run": sessions is None,
    }


def _would_be(planned: Plan) -> dict[str, Any]:
    names = ("name", "description", "project_id", "purpose", "tags")
    counted = {"execution_count": len(planned.executions), "total_cost": planned.total_cost}
    times = {"created_at": planned.session.get("created_at"), "last_executed": planned.last_executed}
    archived = {"archived": planned.session["archived"]}
    return {**{name: planned.session[name] for name in names}, **archived, **counted, **times}
