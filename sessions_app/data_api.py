"""A session's data over REST: export, import, analytics, and the projects it may belong to (api.md, "Sessions")."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.models import User
from accounts.requests import principal
from foundation.problems import not_found
from foundation.query import query_of
from foundation.serializers import StrictSerializer
from playground.representation import execution_json
from sessions_app import data_openapi as told
from sessions_app.access import refuse_viewers
from sessions_app.analytics import analytics
from sessions_app.api import visible
from sessions_app.artifacts.opening import contents
from sessions_app.artifacts.ordering import order
from sessions_app.artifacts.representation import artifact_json
from sessions_app.export.format import Format
from sessions_app.export.heading import heading
from sessions_app.export.naming import content_disposition, file_name
from sessions_app.export.registry import FORMATS
from sessions_app.export.rows import rows
from sessions_app.export.selection import Selection
from sessions_app.export.streaming import in_pieces
from sessions_app.importing.planning import Plan, plan, templates_named
from sessions_app.importing.reading import read
from sessions_app.importing.writing import write
from sessions_app.models import ExportArtifact, PlaygroundSession
from sessions_app.period import PeriodQuery
from sessions_app.projects import projects
from sessions_app.representation import session_json
from sessions_app.roles import role_in
from templates_app.models import PromptTemplate, TemplateVersion
from templates_app.parameters import ParametersSerializer

logger = logging.getLogger(__name__)

STREAMED_UP_TO = 5_000
"""Executions; more are made in the background."""
STATUSES = ("pending", "running", "completed", "failed", "cancelled")
A_FILE = {(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, description="The file.")}
STREAM_HEADERS = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}


class WhateverIsAsked(BaseContentNegotiation):
    """Files have the type of their format: `Accept` chooses nothing, and `?format=` is not REST framework's."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return next(iter(parsers))

    def select_renderer(  # type: ignore[override]
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], str(renderers[0].media_type)


class ExportQuery(PeriodQuery):
    """Query of GET /api/sessions/{id}/export."""

    format = serializers.ChoiceField(choices=list(FORMATS), required=False, default="json")
    status = serializers.ChoiceField(choices=STATUSES, required=False)


class ExportView(APIView):
    """`GET /api/sessions/{id}/export`."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        operation_id="sessions_export",
        parameters=[ExportQuery],
        responses={**A_FILE, 202: told.OrderedSerializer},
    )
    def get(self, request: Request, session_id: UUID) -> HttpResponseBase:
        """The session's executions as a file, oldest first; over 5,000 an artifact that is made meanwhile."""
        asked = query_of(request, ExportQuery)
        session = visible(principal(request), session_id)
        refuse_viewers(role_in(session, principal(request)))
        selection = Selection(asked.get("from"), asked.get("to"), asked.get("status"))
        count = selection.of(session.executions).count()
        if count > STREAMED_UP_TO:
            return _ordered(request, session, asked["format"], selection, count)
        chosen = FORMATS[asked["format"]]
        found = rows(session, selection, until=timezone.now(), represent=execution_json)
        return _file(chosen.write(heading(session), found), session.name, chosen)


def _ordered(
    request: Request, session: PlaygroundSession, format_name: str, selection: Selection, count: int
) -> Response:
    artifact = order(user=principal(request), session=session, format_name=format_name, selection=selection, rows=count)
    ring(artifact.id)
    url = f"/api/artifacts/{artifact.id}"
    return Response({"artifact_id": artifact.id, "status_url": url}, status=202, headers={"Location": url})


def ring(artifact_id: UUID) -> None:
    """Tells a worker of an artifact. The row is what counts: a ring that is lost is followed by another in seconds."""
    from kombu.exceptions import OperationalError  # Celery is loaded by web processes that need it only

    from config.celery import app

    try:
        app.send_task("sessions_app.tasks.make_artifact", kwargs={"artifact_id": str(artifact_id)}, retry=False)
    except OperationalError:
        logger.warning("ring_lost", extra={"artifact": str(artifact_id)})


def _file(chunks: Any, title: str, chosen: Format, **headers: str) -> StreamingHttpResponse:
    name = file_name(title, day=timezone.now().date(), suffix=chosen.suffix)
    given = {**STREAM_HEADERS, "Content-Disposition": content_disposition(name), **headers}
    return StreamingHttpResponse(in_pieces(chunks), content_type=chosen.media_type, headers=given)


def visible_artifact(request: Request, artifact_id: UUID) -> ExportArtifact:
    """The caller's own artifact, while its session is theirs to read."""
    user = principal(request)
    own = ExportArtifact.objects.filter(user=user, session__in=PlaygroundSession.objects.editable_by(user))
    found = own.select_related("session").filter(id=artifact_id).first()
    if found is None:
        raise not_found("The export")
    return found


class ArtifactView(APIView):
    """`GET /api/artifacts/{id}`."""

    @extend_schema(operation_id="artifacts_retrieve", responses=told.ArtifactSerializer)
    def get(self, request: Request, artifact_id: UUID) -> Response:
        """How far an export is, and where it lies; of your own only."""
        query_of(request, StrictSerializer)
        return Response(artifact_json(visible_artifact(request, artifact_id), now=timezone.now()))


class DownloadView(APIView):
    """`GET /api/artifacts/{id}/download`."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(operation_id="artifacts_download", responses=A_FILE)
    def get(self, request: Request, artifact_id: UUID) -> HttpResponseBase:
        """The file; 409 while it is made, 410 when its 24 hours are over."""
        query_of(request, StrictSerializer)
        artifact = visible_artifact(request, artifact_id)
        chunks = contents(artifact, now=timezone.now())
        length = {"Content-Length": str(artifact.size)}
        return _file(chunks, artifact.session.name, FORMATS[artifact.format], **length)


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
        bundle = read(request.data, parameters=ParametersSerializer(required=False))
        planned = plan(bundle, template_versions=versions_named(user, templates_named(bundle)))
        session = None if is_dry else write(user, planned)
        return Response(_import_json(planned, user, session), status=200 if is_dry else 201)


def versions_named(user: User, named: set[tuple[UUID, int]]) -> dict[tuple[UUID, int], UUID]:
    """The versions that a bundle names and `user` may see, by template and number."""
    seen = PromptTemplate.objects.visible_to(user).filter(id__in={template for template, _ in named})
    found = TemplateVersion.objects.filter(template__in=seen).values_list("template_id", "number", "id")
    return {(template, number): key for template, number, key in found if (template, number) in named}


def _import_json(planned: Plan, user: User, session: PlaygroundSession | None) -> dict[str, Any]:
    return {
        "session": session_json(visible(user, session.id), user) if session else _would_be(planned),
        "executions": len(planned.executions),
        "dropped_links": planned.dropped_links,
        "dry_run": session is None,
    }


def _would_be(planned: Plan) -> dict[str, Any]:
    names = ("name", "description", "project_id", "purpose", "tags")
    counted = {"execution_count": len(planned.executions), "total_cost": planned.total_cost}
    return {**{name: planned.session[name] for name in names}, **counted, "last_executed": planned.last_executed}


class AnalyticsView(APIView):
    """`GET /api/sessions/{id}/analytics`."""

    @extend_schema(operation_id="sessions_analytics", parameters=[PeriodQuery], responses=told.AnalyticsSerializer)
    def get(self, request: Request, session_id: UUID) -> Response:
        """Cost, tokens, percentiles and success of the executions that have ended, by model and by day."""
        asked = query_of(request, PeriodQuery)
        session = visible(principal(request), session_id)
        kept = settings.ENV.cache_analytics_ttl
        return Response(analytics(session, since=asked.get("from"), before=asked.get("to"), kept=kept))


class ProjectsView(APIView):
    """`GET /api/projects`."""

    @extend_schema(operation_id="projects_list", responses=told.ProjectsSerializer)
    def get(self, request: Request) -> Response:
        """Projects of the Project Service that you see there; when it is away, why, and never an error."""
        query_of(request, StrictSerializer)
        authorization = request.headers.get("Authorization", "")
        base_url = settings.ENV.project_service_url
        return Response(projects(base_url, user_id=principal(request).id, authorization=authorization))
