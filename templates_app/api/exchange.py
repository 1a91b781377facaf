"""Templates out over REST: documents of whole templates, and code for production."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from accounts.requests import principal
from foundation.downloads.naming import content_disposition, file_name
from foundation.problems import FieldError, Problem, invalid
from foundation.rest.openapi import ATTACHMENT, files, problems
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer
from foundation.search.ordering import by_name
from foundation.words import number
from templates_app.api.templates import VersionQuery
from templates_app.exchange.document import as_json, as_yaml, document
from templates_app.exchange.formats.format import MOST_TEMPLATES
from templates_app.export_code.formats import FORMATS
from templates_app.export_code.of_version import handover_of
from templates_app.lookup import chosen, visible
from templates_app.models import PromptTemplate

DOCUMENTS = {"json": ("application/json", as_json), "yaml": ("application/yaml", as_yaml)}
DOCUMENT_TYPES = tuple(media_type for media_type, _ in DOCUMENTS.values())
MOST_NAMED = 500
"""Ids in an address, which servers take up to 64 KB."""
MOST_IN_A_LIBRARY = MOST_TEMPLATES
"""What goes out comes back in one file."""


class ExportQuery(VersionQuery):
    """What of a template, and as what; version, label and model_id are for code."""

    format = serializers.ChoiceField(choices=[*DOCUMENTS, *FORMATS], default="json")
    model_id = serializers.RegexField(
        r"^[^/\s]+/\S+$", max_length=255, required=False, help_text="Left out: the model of the latest execution."
    )


class ExportView(APIView):
    """`/api/templates/{id}/export`."""

    @extend_schema(
        operation_id="templates_export",
        parameters=[ExportQuery, ATTACHMENT],
        responses=files(*DOCUMENT_TYPES, *(each.media_type for each in FORMATS.values())),
    )
    def get(self, request: Request, template_id: UUID) -> HttpResponse:
        """The template with all versions and labels (json, yaml), or code that runs one version in production."""
        asked, user = query_of(request, ExportQuery), principal(request)
        template = visible(user, template_id)
        if asked["format"] in DOCUMENTS:
            return as_document([template], asked["format"], name=template.name)
        return as_code(template, asked, user=user, service_url=request.build_absolute_uri("/").rstrip("/"))


class LibraryQuery(StrictSerializer):
    """Which templates."""

    format = serializers.ChoiceField(choices=list(DOCUMENTS), default="json")
    ids = serializers.RegexField(
        r"^[0-9A-Fa-f, -]*$",
        required=False,
        max_length=37 * MOST_NAMED,
        help_text="Comma-separated; all of yours when left out.",
    )

    def validate_ids(self, value: str) -> list[UUID]:
        return [serializers.UUIDField().run_validation(each.strip()) for each in value.split(",") if each.strip()]


class LibraryExportView(APIView):
    """`/api/templates/export`."""

    @extend_schema(
        operation_id="templates_export_library",
        parameters=[LibraryQuery, ATTACHMENT],
        responses={**files(*DOCUMENT_TYPES), **problems(404)},
    )
    def get(self, request: Request) -> HttpResponse:
        """Several templates as one document."""
        asked, user = query_of(request, LibraryQuery), principal(request)
        found = PromptTemplate.objects.visible_to(user).select_related("current")
        found = found.order_by(*by_name(key="name_order"), "id")
        found = found.filter(id__in=asked["ids"]) if "ids" in asked else found.filter(owner=user)
        missing = set(asked.get("ids", ())) - {each.id for each in found}
        if missing:
            errors = [FieldError("ids", "not_found", f"There is no template {each}.") for each in sorted(missing)]
            raise Problem(404, "not_found", errors[0].message, errors=errors)
        if len(found) > MOST_IN_A_LIBRARY:
            raise invalid([FieldError("ids", "max_length", f"Up to {number(MOST_IN_A_LIBRARY)} templates at once.")])
        return as_document(found, asked["format"], name="templates")


def as_document(templates: Iterable[PromptTemplate], format_name: str, *, name: str) -> HttpResponse:
    """The templates as one document to download, named after `name`."""
    media_type, write = DOCUMENTS[format_name]
    return _file(write(document(templates)), media_type, file_name(name, suffix=f".{format_name}"))


def as_code(template: PromptTemplate, asked: dict[str, Any], *, user: User, service_url: str) -> HttpResponse:
    """One version of the template as code that runs it."""
    version = chosen(template, number=asked.get("version"), label=asked.get("label"))
    handover = handover_of(
        template, version, label=asked.get("label"), model_id=asked.get("model_id", ""), service_url=service_url
    )
    chosen_format = FORMATS[asked["format"]]
    code, ascii_name = chosen_format.render(handover).encode(), chosen_format.file_name(handover)
    return _file(code, chosen_format.media_type, chosen_format.file_name_in_any_script(handover), fallback=ascii_name)


def _file(body: bytes, media_type: str, name: str, *, fallback: str = "") -> HttpResponse:
    headers = {"Content-Disposition": content_disposition(name, fallback=fallback)}
    return HttpResponse(body, content_type=media_type, headers=headers)
