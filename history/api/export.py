"""A session as a file over REST: at once, or made meanwhile and fetched (api.md, "Sessions")."""

from __future__ import annotations

from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.requests import principal
from foundation.downloads.sending import download
from foundation.problems import Problem, not_found
from foundation.rest.negotiation import WhateverIsAsked
from foundation.rest.openapi import ATTACHMENT, LOCATION, files, problems
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer
from history.api import openapi as told
from history.artifacts.opening import contents
from history.artifacts.ordering import order, ring
from history.artifacts.representation import artifact_json
from history.export.registry import FORMATS
from history.export.rows import heading, rows
from history.export.selection import Selection
from history.importing.background.representation import import_json
from history.models import ExportArtifact, SessionImportArtifact
from history.period import PeriodQuery
from playground.api.artifacts import facts, visible
from playground.models import PromptExecution
from sessions_app.lookup import copyable
from sessions_app.models import PlaygroundSession

STREAMED_UP_TO = 5_000
"""Executions; more are made in the background."""
STATUSES = ("pending", "running", "completed", "failed", "cancelled")
A_FILE = files(*(each.media_type for each in FORMATS.values()))


class ExportQuery(PeriodQuery):
    """Query of GET /api/sessions/{id}/export."""

    format = serializers.ChoiceField(choices=list(FORMATS), required=False, default="json")
    status = serializers.ChoiceField(choices=STATUSES, required=False)


class ExportView(APIView):
    """`GET /api/sessions/{id}/export`."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        operation_id="sessions_export",
        parameters=[ExportQuery, ATTACHMENT, LOCATION],
        responses={**A_FILE, 202: told.OrderedSerializer, **problems(403, 429)},
    )
    def get(self, request: Request, session_id: UUID) -> HttpResponseBase:
        """The session's executions as a file, oldest first; over 5000 an artifact that is made meanwhile."""
        asked = query_of(request, ExportQuery)
        user = principal(request)
        session = copyable(user, session_id)
        selection = Selection(asked.get("from"), asked.get("to"), asked.get("status"))
        count = selection.of(PromptExecution.objects.filter(session=session)).count()
        if count > STREAMED_UP_TO:
            return _ordered(user, session, asked["format"], selection, count)
        chosen = FORMATS[asked["format"]]
        found = rows(session, selection, until=timezone.now(), with_feedback=chosen.has_feedback)
        chunks = chosen.write(heading(session), found)
        return download(chunks, title=session.name, media_type=chosen.media_type, suffix=chosen.suffix)


def _ordered(user: User, session: PlaygroundSession, format_name: str, selection: Selection, count: int) -> Response:
    artifact = order(user=user, session=session, format_name=format_name, selection=selection, rows=count)
    ring(artifact.id)
    url = f"/api/artifacts/{artifact.id}"
    return Response({"artifact_id": artifact.id, "status_url": url}, status=202, headers={"Location": url})


def visible_artifact(request: Request, artifact_id: UUID) -> ExportArtifact:
    """The caller's own artifact, while its session is theirs to read."""
    user = principal(request)
    own = ExportArtifact.objects.filter(user=user, session__in=PlaygroundSession.objects.kept_by(user))
    found = own.select_related("session").filter(id=artifact_id).first()
    if found is None:
        raise not_found("The export")
    return found


class ArtifactView(APIView):
    """`GET /api/artifacts/{id}`."""

    @extend_schema(operation_id="artifacts_retrieve", responses=told.ANY_ARTIFACT)
    def get(self, request: Request, artifact_id: UUID) -> Response:
        """How far an export or an import of yours is, and what came of it; of a file for prompts, what it is."""
        query_of(request, StrictSerializer)
        user = principal(request)
        if (large := SessionImportArtifact.objects.filter(user=user, id=artifact_id).first()) is not None:
            return Response(import_json(large))
        try:
            return Response(artifact_json(visible_artifact(request, artifact_id), now=timezone.now()))
        except Problem:
            return Response(facts(visible(user, artifact_id)))


class DownloadView(APIView):
    """`GET /api/artifacts/{id}/download`."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        operation_id="artifacts_download", parameters=[ATTACHMENT], responses={**A_FILE, **problems(409, 410)}
    )
    def get(self, request: Request, artifact_id: UUID) -> HttpResponseBase:
        """The file; 409 while it is made, 410 when its 24 hours are over."""
        query_of(request, StrictSerializer)
        artifact = visible_artifact(request, artifact_id)
        chunks = contents(artifact, now=timezone.now())
        made, length = FORMATS[artifact.format], {"Content-Length": str(artifact.size)}
        title = artifact.session.name
        return download(chunks, title=title, media_type=made.media_type, suffix=made.suffix, **length)
