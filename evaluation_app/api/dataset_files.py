"""Datasets in and out as files over REST (api.md, "Evaluation")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import principal
from evaluation_app.api.dataset_shapes import ImportedJSON
from evaluation_app.datasets.case import body_of
from evaluation_app.datasets.formats.format import Format
from evaluation_app.datasets.formats.plain_expected import TAKING
from evaluation_app.datasets.formats.registry import FORMATS, format_named
from evaluation_app.datasets.importing import Imported, import_into, import_new
from evaluation_app.datasets.inputs import chosen_template, types_of_template
from evaluation_app.datasets.reading import all_of, cases_in, version_of, visible
from evaluation_app.datasets.representation import saved_json
from evaluation_app.models import Split
from evaluation_app.models.dataset import DatasetCaseQuerySet
from foundation.context import looking
from foundation.downloads.sending import download
from foundation.problems import FieldError, Problem, invalid
from foundation.rest.negotiation import WhateverIsAsked
from foundation.rest.openapi import ATTACHMENT, files, problems
from foundation.rest.parsing import AnyBody, GatedJSONParser
from foundation.rest.query import query_of
from foundation.rest.rendering import dumps
from foundation.rest.serializers import StrictSerializer, TextField

A_FILE = files(*(each.media_type for each in FORMATS.values()))
LONGEST_NOTE = 500
"""Characters, in an address."""
SENT = {
    "multipart/form-data": {
        "type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"],
    },
    "text/csv": OpenApiTypes.STR,
    "application/jsonl": OpenApiTypes.STR,
    "application/octet-stream": OpenApiTypes.BINARY,
    "application/json": {},
}  # fmt: skip


class FileQuery(StrictSerializer):
    """How a file is read."""

    format = serializers.ChoiceField(
        choices=list(FORMATS), required=False, help_text="Else by the file's name or the body's type."
    )
    dry_run = serializers.BooleanField(default=False, help_text="Tells what would come, and writes nothing.")
    scorer = serializers.ChoiceField(
        choices=list(TAKING), default="contains", help_text="What judges a plain text in a column expected."
    )
    note = TextField(max_length=LONGEST_NOTE, required=False, allow_blank=True)


class ImportQuery(FileQuery):
    """Query of POST /api/datasets/{id}/import."""

    mode = serializers.ChoiceField(
        choices=["add", "replace"],
        default="add",
        help_text="add: a case whose key is there becomes the file's; replace: the file's cases are all there are.",
    )
    base_version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class NewImportQuery(FileQuery):
    """Query of POST /api/datasets/import."""

    name = serializers.CharField(max_length=255, required=False, help_text="Else the file's name.")
    template_id = serializers.UUIDField(required=False, help_text="What inputs are typed against.")


class ImportView(APIView):
    """`/api/datasets/{id}/import`."""

    parser_classes = [GatedJSONParser, MultiPartParser, AnyBody]

    @extend_schema(
        operation_id="datasets_import_into",
        parameters=[ImportQuery],
        request=SENT,
        responses={200: ImportedJSON, **problems(409)},
    )
    @idempotent
    def post(self, request: Request, dataset_id: UUID) -> Response:
        """Judges the whole file, then writes all of it as one version, or nothing."""
        asked = query_of(request, ImportQuery)
        data, name = _file(request)
        chosen = _format(request, asked, name)
        imported = import_into(
            user=principal(request),
            dataset_id=dataset_id,
            data=data,
            chosen=chosen,
            scorer=asked["scorer"],
            replaces=asked["mode"] == "replace",
            is_rehearsal=asked["dry_run"],
            base_version=asked.get("base_version"),
            note=asked.get("note", ""),
        )
        return Response(_told(imported, chosen, is_dry=asked["dry_run"]))


class NewImportView(APIView):
    """`/api/datasets/import`."""

    parser_classes = [GatedJSONParser, MultiPartParser, AnyBody]

    @extend_schema(
        operation_id="datasets_import",
        parameters=[NewImportQuery],
        request=SENT,
        responses={201: ImportedJSON, 200: ImportedJSON, **problems(404, 409)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A new dataset of a file's cases, or, in a dry run, what it would hold."""
        asked, user = query_of(request, NewImportQuery), principal(request)
        data, file_name = _file(request)
        chosen = _format(request, asked, file_name)
        name = asked.get("name") or file_name.rpartition("/")[2].partition(".")[0][:255]
        if not name.strip() and not asked["dry_run"]:
            raise invalid([FieldError("name", "required", "A name for the dataset is needed.")])
        template = chosen_template(user, asked["template_id"]) if "template_id" in asked else None
        imported = import_new(
            user=user,
            name=name.strip(),
            template_id=template.id if template else None,
            data=data,
            chosen=chosen,
            types=types_of_template(template) if template else None,
            scorer=asked["scorer"],
            is_rehearsal=asked["dry_run"],
            note=asked.get("note", ""),
        )
        told = _told(imported, chosen, is_dry=asked["dry_run"])
        if imported.saved is None:
            return Response(told)
        return Response(told, status=201, headers={"Location": f"/api/datasets/{imported.saved.dataset.id}"})


class ExportQuery(StrictSerializer):
    """Which cases, as what."""

    format = serializers.ChoiceField(choices=list(FORMATS), default="jsonl")
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text="Else the newest")
    split = serializers.ChoiceField(choices=Split.choices, required=False)
    tag = serializers.CharField(max_length=100, required=False)


class ExportView(APIView):
    """`/api/datasets/{id}/export`."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(operation_id="datasets_export", parameters=[ExportQuery, ATTACHMENT], responses=A_FILE)
    def get(self, request: Request, dataset_id: UUID) -> HttpResponseBase:
        """A version's cases as a file that an import takes back as it is."""
        asked, dataset = query_of(request, ExportQuery), visible(principal(request), dataset_id)
        version, chosen = version_of(dataset, asked.get("version")), FORMATS[asked["format"]]
        cases = _Bodies(cases_in(dataset, version.number, asked))
        chunks = chosen.write({"name": dataset.name, "version": version.number}, cases)
        title = f"{dataset.name}-v{version.number}"
        return download(chunks, title=title, media_type=chosen.media_type, suffix=chosen.suffix)


class _Bodies:
    """Cases in the API's shape, read anew each time that somebody goes through them."""

    def __init__(self, cases: DatasetCaseQuerySet) -> None:
        self._cases = cases

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in all_of(self._cases):
            with looking():
                body = body_of(row)
            yield body


def _file(request: Request) -> tuple[bytes, str]:
    """What was sent, and what it is called: a file of a form, or the body itself."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(415, "unsupported_encoding", "A body is taken as it is, not compressed.")
    data: Any = request.data
    if request.content_type.startswith("multipart/"):
        file = data.get("file")
        if not hasattr(file, "read"):
            raise invalid([FieldError("file", "required", "A file is needed.")])
        return file.read(), str(file.name or "")
    if isinstance(data, bytes):
        return data, ""
    # JSON comes as the value that the gate has read; an empty body as an empty object.
    return (b"" if data == {} else dumps(data)), ""


def _format(request: Request, asked: Mapping[str, Any], name: str) -> Format:
    media_type = "" if request.content_type.startswith("multipart/") else request.content_type
    found = format_named(asked.get("format", ""), file_name=name, media_type=media_type)
    if found is None:
        message = f"Say what the file is: ?format= {', '.join(FORMATS)}."
        raise invalid([FieldError("format", "required", message)])
    return found


def _told(imported: Imported, chosen: Format, *, is_dry: bool) -> dict[str, Any]:
    saved = imported.saved
    counts: dict[str, Any] = {
        "version": None,
        "added": len(imported.bodies),
        "changed": 0,
        "removed": 0,
        "unchanged": 0,
        "keys": [],
    }
    return {
        **(saved_json(saved) if saved else counts),
        "dataset_id": saved.dataset.id if saved else None,
        "format": chosen.name,
        "dry_run": is_dry,
        "cases": len(imported.bodies),
        "columns": imported.read.columns,
        "notes": [note._asdict() for note in imported.read.notes],
        "preview": [_previewed(body) for body in imported.bodies[:5]],
    }


def _previewed(body: Mapping[str, Any]) -> dict[str, Any]:
    """A case as it would be, as far as that is known."""
    usual: dict[str, Any] = {
        "key": "", "name": "", "input": {}, "expected_output": None, "scorers": [], "tags": [], "split": "train",
        "cluster": "", "weight": 1.0, "origin": "import", "is_generated": False,
    }  # fmt: skip
    return {**usual, **body}
