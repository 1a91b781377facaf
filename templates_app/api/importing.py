"""Templates in over REST, from the files of this and of other tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import principal
from foundation.problems import FieldError, Problem, invalid
from foundation.rest.openapi import problems
from foundation.rest.parsing import AnyBody
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer
from templates_app.api.openapi import ImportJSON, ImportUndoneJSON
from templates_app.exchange.deciding import WISHES
from templates_app.exchange.entries import CREATE, UPDATE
from templates_app.exchange.formats.format import COLUMNS, MOST_TEMPLATES, Choices
from templates_app.exchange.formats.registry import FORMATS
from templates_app.exchange.planning import Plan, Wishes, plan
from templates_app.exchange.reading import AUTO
from templates_app.exchange.source import Source
from templates_app.exchange.undoing import undo
from templates_app.exchange.writing import carry_out, rehearse
from templates_app.models import TemplateImport

MOST_FILES: Final = 500
SENT: Final = {
    "application/json": OpenApiTypes.OBJECT,
    "application/yaml": OpenApiTypes.STR,
    "text/plain": OpenApiTypes.STR,
    "text/csv": OpenApiTypes.STR,
    "application/zip": OpenApiTypes.BINARY,
    "multipart/form-data": {
        "type": "object",
        "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
        "required": ["file"],
    },
}


class TemplateImportQuery(StrictSerializer):
    """What a file is, and what is wanted of it."""

    dry_run = serializers.BooleanField(default=False, help_text="Tells what would be done, and writes nothing.")
    format = serializers.ChoiceField(choices=[AUTO, *FORMATS], default=AUTO)
    file_name = serializers.CharField(
        max_length=255, required=False, help_text="Of a file that is the body; a form tells the names of its files."
    )
    name = serializers.CharField(max_length=255, default="", help_text="Of a template whose file gives it none.")
    only = serializers.RegexField(
        r"^\d{1,6}(,\d{1,6})*$",
        max_length=7 * MOST_TEMPLATES,
        required=False,
        help_text="Comma-separated: the entries that are wanted, by their index.",
    )
    on_conflict = serializers.ChoiceField(
        choices=WISHES,
        required=False,
        help_text="append: the file's versions come on top; copy: a second template. Left out: nothing is done.",
    )

    def get_fields(self) -> dict[str, Any]:
        told = "Of a table: the column that holds it."
        columns = {f"{each}_column": serializers.CharField(max_length=255, required=False) for each in COLUMNS}
        for each in columns.values():
            each.help_text = told
        return {**super().get_fields(), **columns}


class ImportView(APIView):
    """`/api/templates/import`."""

    parser_classes = [MultiPartParser, AnyBody]

    @extend_schema(
        operation_id="templates_import",
        parameters=[TemplateImportQuery],
        request=SENT,
        responses={200: ImportJSON, **problems(403)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Judges all files whole, then writes all of it or nothing; nothing is overwritten."""
        asked, user = query_of(request, TemplateImportQuery), principal(request)
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise Problem(415, "unsupported_encoding", "A body is taken as it is, not compressed.")
        found = plan(
            _sources(request, asked),
            user=user,
            format_name=asked["format"],
            choices=_choices(asked),
            wishes=_wishes(asked),
        )
        if asked["dry_run"]:
            rehearse(found, user=user)
            if found.errors:
                raise invalid(found.errors)
            return Response(summary(found, run=None))
        return Response(summary(found, run=carry_out(found, user=user)))


class UndoImportView(APIView):
    """`/api/templates/import/{id}/undo`."""

    @extend_schema(
        operation_id="templates_import_undo", request=None, responses={200: ImportUndoneJSON, **problems(404, 409)}
    )
    @idempotent
    def post(self, request: Request, import_id: UUID) -> Response:
        """Takes an import back, as far as nobody has gone on from it."""
        told = undo(user=principal(request), run_id=import_id)
        shape = [{"id": each.id, "name": each.name, "undone": each.is_undone, "reason": each.reason} for each in told]
        return Response({"templates": shape})


def _sources(request: Request, asked: Mapping[str, Any]) -> list[Source]:
    if not request.content_type.startswith("multipart/"):
        body: Any = request.data  # an empty mapping where there is no body
        return [Source(body or b"", asked.get("file_name", ""))]
    listed = request.FILES.getlist("file")
    if not 1 <= len(listed) <= MOST_FILES:
        raise invalid([FieldError("file", "required", f"1 to {MOST_FILES} parts named file are expected.")])
    return [Source(each.read(), each.name or "") for each in listed]


def _choices(asked: Mapping[str, Any]) -> Choices:
    columns = {each: asked[f"{each}_column"] for each in COLUMNS if f"{each}_column" in asked}
    return Choices(columns=columns, name=asked["name"])


def _wishes(asked: Mapping[str, Any]) -> Wishes:
    picked = frozenset(map(int, asked["only"].split(","))) if "only" in asked else None
    return Wishes(picked, asked.get("on_conflict", ""))


def summary(found: Plan, *, run: TemplateImport | None) -> dict[str, Any]:
    """The API's answer; without a run, of what would be done."""
    count = {action: sum(each.action == action for each in found.entries) for action in (CREATE, UPDATE)}
    return {
        "format": found.format,
        "created": count[CREATE],
        "updated": count[UPDATE],
        "skipped": len(found.entries) - sum(count.values()),
        "errors": [],
        "entries": [each.as_json() for each in found.entries],
        "notes": found.notes,
        "dry_run": run is None,
        "import_id": run and run.id,
    }
