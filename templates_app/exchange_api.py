"""Templates in and out over REST: documents of whole templates, and code for production."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.text import slugify
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.parsing import GatedJSONParser
from foundation.problems import FieldError, Problem, invalid
from foundation.query import query_of
from foundation.serializers import StrictSerializer
from templates_app.api import VersionQuery, principal
from templates_app.exchange import importing, reading
from templates_app.exchange.document import as_json, as_yaml, document
from templates_app.models import PromptTemplate
from templates_app.openapi import ImportJSON
from templates_app.reading import visible

DOCUMENTS = {"json": ("application/json", as_json), "yaml": ("application/yaml", as_yaml)}
MOST_IN_A_LIBRARY = 500


class ExportQuery(VersionQuery):
    """What of a template, and as what."""

    format = serializers.ChoiceField(choices=list(DOCUMENTS), default="json")
    model_id = serializers.CharField(max_length=255, required=False)


class ExportView(APIView):
    """`/api/templates/{id}/export`."""

    @extend_schema(
        operation_id="templates_export", parameters=[ExportQuery], responses={(200, "*/*"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, template_id: UUID) -> HttpResponse:
        """The template with all versions and labels (json, yaml), or code that runs one version in production."""
        asked = query_of(request, ExportQuery)
        template = visible(principal(request), template_id)
        return as_file(document([template]), asked["format"], name=slugify(template.name) or "template")


class LibraryQuery(StrictSerializer):
    """Which templates."""

    format = serializers.ChoiceField(choices=list(DOCUMENTS), default="json")
    ids = serializers.CharField(
        required=False, max_length=37 * MOST_IN_A_LIBRARY, help_text="Comma-separated; all of yours when left out."
    )

    def validate_ids(self, value: str) -> list[UUID]:
        return [serializers.UUIDField().run_validation(each.strip()) for each in value.split(",") if each.strip()]


class LibraryExportView(APIView):
    """`/api/templates/export`."""

    @extend_schema(
        operation_id="templates_export_library",
        parameters=[LibraryQuery],
        responses={(200, "*/*"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> HttpResponse:
        """Several templates as one document."""
        asked, user = query_of(request, LibraryQuery), principal(request)
        found = PromptTemplate.objects.visible_to(user).select_related("current").order_by("name", "id")
        found = found.filter(id__in=asked["ids"]) if "ids" in asked else found.filter(owner=user)
        missing = set(asked.get("ids", ())) - {each.id for each in found}
        if missing:
            errors = [FieldError("ids", "not_found", f"There is no template {each}.") for each in sorted(missing)]
            raise Problem(404, "not_found", errors[0].message, errors=errors)
        if len(found) > MOST_IN_A_LIBRARY:
            raise invalid([FieldError("ids", "max_length", f"Up to {MOST_IN_A_LIBRARY} templates at once.")])
        return as_file(document(found), asked["format"], name="templates")


class AnyBody(BaseParser):
    """The body as bytes, whatever it calls itself: what it is, is looked at."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read()


class ImportQuery(StrictSerializer):
    """Whether anything is written."""

    dry_run = serializers.BooleanField(default=False)


class ImportView(APIView):
    """`/api/templates/import`."""

    parser_classes = [GatedJSONParser, AnyBody]

    @extend_schema(
        operation_id="templates_import",
        parameters=[ImportQuery],
        request={"application/json": OpenApiTypes.OBJECT, "application/yaml": OpenApiTypes.STR},
        responses=ImportJSON,
    )
    def post(self, request: Request) -> Response:
        """Judges the whole document, then writes all of it or nothing; nothing is overwritten."""
        dry_run, user = query_of(request, ImportQuery)["dry_run"], principal(request)
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise Problem(415, "unsupported_encoding", "A body is taken as it is, not compressed.")
        data: Any = request.data
        entries = importing.plan(reading.read(data) if isinstance(data, bytes) else data, user=user)
        if not dry_run:
            importing.carry_out(entries, user=user)
        return Response(importing.summary(entries, dry_run=dry_run))


def as_file(shape: dict[str, Any], format_name: str, *, name: str) -> HttpResponse:
    """The document as a download."""
    media_type, write = DOCUMENTS[format_name]
    headers = {"Content-Disposition": f'attachment; filename="{name[:80]}.{format_name}"'}
    return HttpResponse(write(shape), content_type=media_type, headers=headers)
