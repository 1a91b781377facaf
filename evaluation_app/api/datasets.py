"""Datasets over REST: made, described, their versions and cases (api.md, "Evaluation")."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import principal
from evaluation_app.api.dataset_shapes import (
    CaseJSON,
    CasePageJSON,
    DatasetJSON,
    DatasetVersionJSON,
    SavedCasesJSON,
)
from evaluation_app.creation.bodies import MOST_CASES
from evaluation_app.datasets import details, editing
from evaluation_app.datasets.bodies import (
    LONGEST_NOTE,
    DatasetCaseEditSerializer,
    DatasetCaseSerializer,
    DatasetCasesSerializer,
    checked_cases,
    too_many,
)
from evaluation_app.datasets.case import body_of as case_json
from evaluation_app.datasets.editing import cases_of
from evaluation_app.datasets.errors import no_case, stale
from evaluation_app.datasets.inputs import chosen_template, types_of_template
from evaluation_app.datasets.reading import Place, cases_in, page_at, version_of, visible
from evaluation_app.datasets.representation import dataset_json, listed_json, saved_json, tag_of, version_json
from evaluation_app.datasets.writing import create
from evaluation_app.models import CaseOrigin, Dataset, DatasetCase, Split
from foundation.rest.conditional import is_current, is_stale
from foundation.rest.openapi import ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION, problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer, TextField, checked_json
from foundation.search.matching import Sought

LARGEST_NUMBER = 2**31 - 1


class DatasetsQuery(PageQuery):
    """Query of GET /api/datasets."""

    search = serializers.CharField(max_length=255, required=False, help_text="Parts of the name")
    template_id = serializers.UUIDField(required=False)
    archived = serializers.BooleanField(required=False, default=False)


class DatasetBody(StrictSerializer):
    """A new dataset."""

    name = serializers.CharField(max_length=255)
    description = TextField(max_length=10_000, required=False, allow_blank=True)
    template_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="What inputs are typed against: its present version's variables."
    )
    cases = DatasetCaseSerializer(many=True, required=False, help_text="Of version 1.")
    note = TextField(max_length=LONGEST_NOTE, required=False, allow_blank=True)


class DatasetChangeBody(StrictSerializer):
    """What of a dataset is to be another."""

    name = serializers.CharField(max_length=255, required=False)
    description = TextField(max_length=10_000, required=False, allow_blank=True)
    template_id = serializers.UUIDField(required=False, allow_null=True)
    archived = serializers.BooleanField(required=False)


class CasesQuery(StrictSerializer):
    """Query of GET /api/datasets/{id}/cases."""

    version = serializers.IntegerField(
        min_value=1, max_value=LARGEST_NUMBER, required=False, help_text="Else the newest"
    )
    split = serializers.ChoiceField(choices=Split.choices, required=False)
    tag = serializers.CharField(max_length=100, required=False)
    origin = serializers.ChoiceField(choices=CaseOrigin.choices, required=False)
    cluster = serializers.CharField(max_length=255, required=False)
    is_generated = serializers.BooleanField(required=False, allow_null=True, default=None)
    cursor = serializers.CharField(max_length=200, required=False)
    page_size = serializers.IntegerField(min_value=1, max_value=200, required=False)


class BaseQuery(StrictSerializer):
    """What a change is based on."""

    base_version = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER, required=False)


class VersionQuery(StrictSerializer):
    """Which version is meant."""

    version = serializers.IntegerField(
        min_value=1, max_value=LARGEST_NUMBER, required=False, help_text="Else the newest"
    )


class DatasetsView(APIView):
    """`/api/datasets`."""

    @extend_schema(operation_id="datasets_list", parameters=[DatasetsQuery], responses=page_of(DatasetJSON))
    def get(self, request: Request) -> Response:
        """Your datasets, the last changed first."""
        wanted, pages = query_of(request, DatasetsQuery), Pages()
        found = Dataset.objects.visible_to(principal(request)).filter(archived=wanted["archived"])
        if sought := Sought(wanted.get("search", "")):
            # Names are read here: they are folded as texts are everywhere.
            named = found.values_list("id", "name")
            found = found.filter(id__in=[id_ for id_, name in named if sought.is_in([name])])
        if "template_id" in wanted:
            found = found.filter(template=wanted["template_id"])
        rows: Any = pages.paginate_queryset(found.order_by("-updated_at", "-id"), request, view=self)
        return pages.get_paginated_response(listed_json(rows or ()))

    @extend_schema(
        operation_id="datasets_create",
        parameters=[ETAG, LOCATION],
        request=DatasetBody,
        responses={201: DatasetJSON, **problems(404, 409)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A new dataset; its version 1 holds the cases that are sent, or none."""
        user, given = principal(request), dict(request.data) if isinstance(request.data, dict) else request.data
        cases = given.pop("cases", []) if isinstance(given, dict) else []
        asked = checked(given)
        template = chosen_template(user, asked["template_id"]) if asked.get("template_id") else None
        bodies = checked_cases(cases, types=types_of_template(template) if template else None)
        saved = create(
            owner=user,
            name=asked["name"],
            description=asked.get("description", ""),
            template_id=template.id if template else None,
            cases=cases_of(bodies, known={}, present={}, origin=CaseOrigin.PERSON),
            note=asked.get("note", ""),
        )
        return response_of(saved.dataset, status=201)


class DatasetView(APIView):
    """`/api/datasets/{id}`."""

    @extend_schema(
        operation_id="datasets_retrieve", parameters=[IF_NONE_MATCH, ETAG], responses={200: DatasetJSON, 304: None}
    )
    def get(self, request: Request, dataset_id: UUID) -> Response:
        """The dataset and its newest version; `If-None-Match` is answered with 304."""
        dataset = visible(principal(request), dataset_id)
        if is_current(request.headers, tag_of(dataset)):
            return Response(status=304, headers={"ETag": tag_of(dataset)})
        return response_of(dataset)

    @extend_schema(
        operation_id="datasets_change",
        parameters=[IF_MATCH, ETAG],
        request=DatasetChangeBody,
        responses={200: DatasetJSON, **problems(409)},
    )
    def patch(self, request: Request, dataset_id: UUID) -> Response:
        """Changes what the body names; cases that do not fit a new template are named."""

        def check(dataset: Dataset) -> None:
            if is_stale(request.headers, tag_of(dataset)):
                raise stale(dataset_json(dataset))

        given = body_of(request, DatasetChangeBody)
        return response_of(details.change(user=principal(request), dataset_id=dataset_id, details=given, check=check))

    @extend_schema(operation_id="datasets_delete", responses={204: None})
    def delete(self, request: Request, dataset_id: UUID) -> Response:
        """Archives it: lists leave it out, tests keep what they have; `PATCH {archived: false}` brings it back."""
        details.change(user=principal(request), dataset_id=dataset_id, details={"archived": True})
        return Response(status=204)


class VersionsView(APIView):
    """`/api/datasets/{id}/versions`."""

    @extend_schema(operation_id="datasets_versions", parameters=[PageQuery], responses=page_of(DatasetVersionJSON))
    def get(self, request: Request, dataset_id: UUID) -> Response:
        """Its versions, the newest first."""
        dataset, pages = visible(principal(request), dataset_id), Pages()
        query_of(request, PageQuery)
        rows: Any = pages.paginate_queryset(dataset.versions.order_by("-number"), request, view=self)
        return pages.get_paginated_response([version_json(version) for version in rows or ()])


class CasesView(APIView):
    """`/api/datasets/{id}/cases`."""

    @extend_schema(operation_id="datasets_cases", parameters=[CasesQuery], responses=CasePageJSON)
    def get(self, request: Request, dataset_id: UUID) -> Response:
        """The cases of a version in their order, page by page."""
        dataset, wanted = visible(principal(request), dataset_id), query_of(request, CasesQuery)
        number = version_of(dataset, wanted.get("version")).number
        narrowed = {name: value for name, value in wanted.items() if value is not None}
        at = Place.read(wanted["cursor"]) if "cursor" in wanted else None
        rows, next_, previous = page_at(cases_in(dataset, number, narrowed), at, wanted.get("page_size", 50))
        http = request._request

        def address(place: Place | None) -> str | None:
            if place is None:
                return None
            query = http.GET.copy()
            # Pages stay those of one version, also when somebody saves another meanwhile.
            query["cursor"], query["version"] = str(place), str(number)
            return http.build_absolute_uri(f"{http.path}?{query.urlencode()}")

        results = [case_json(row) for row in rows]
        told = {"next": address(next_), "previous": address(previous), "version": number, "results": results}
        return Response(told)

    @extend_schema(
        operation_id="datasets_cases_add",
        request=DatasetCasesSerializer,
        responses={201: SavedCasesJSON, **problems(409)},
    )
    @idempotent
    def post(self, request: Request, dataset_id: UUID) -> Response:
        """Adds cases at the end: a new version."""
        saved = editing.add(user=principal(request), dataset_id=dataset_id, **_cases(request))
        return Response(saved_json(saved), status=201)

    @extend_schema(
        operation_id="datasets_cases_replace",
        request=DatasetCasesSerializer,
        responses={200: SavedCasesJSON, **problems(409)},
    )
    def put(self, request: Request, dataset_id: UUID) -> Response:
        """Makes these all of its cases: a new version, unless nothing is another."""
        saved = editing.replace(user=principal(request), dataset_id=dataset_id, **_cases(request))
        return Response(saved_json(saved))


class CaseView(APIView):
    """`/api/datasets/{id}/cases/{key}`."""

    @extend_schema(operation_id="datasets_case", parameters=[VersionQuery], responses=CaseJSON)
    def get(self, request: Request, dataset_id: UUID, key: str) -> Response:
        """The case, as it is in that version."""
        dataset, wanted = visible(principal(request), dataset_id), query_of(request, VersionQuery)
        number = version_of(dataset, wanted.get("version")).number
        row = DatasetCase.objects.of(dataset, number).filter(key=key).first()
        if row is None:
            raise no_case(key)
        return Response(case_json(row))

    @extend_schema(
        operation_id="datasets_case_change",
        request=DatasetCaseEditSerializer,
        responses={200: SavedCasesJSON, **problems(409)},
    )
    def patch(self, request: Request, dataset_id: UUID, key: str) -> Response:
        """Changes what the body names: a new version, unless nothing is another."""
        given = body_of(request, DatasetCaseEditSerializer)
        based = {name: given.pop(name) for name in ("base_version", "note") if name in given}
        saved = editing.edit(user=principal(request), dataset_id=dataset_id, key=key, changes=given, **based)
        return Response(saved_json(saved))

    @extend_schema(
        operation_id="datasets_case_delete", parameters=[BaseQuery], responses={200: SavedCasesJSON, **problems(409)}
    )
    def delete(self, request: Request, dataset_id: UUID, key: str) -> Response:
        """Takes the case out: a new version; earlier ones have it still."""
        based = query_of(request, BaseQuery)
        return Response(saved_json(editing.remove(user=principal(request), dataset_id=dataset_id, keys=[key], **based)))


def _cases(request: Request) -> dict[str, Any]:
    """Cases as `editing` takes them."""
    given = request.data.get("cases") if isinstance(request.data, dict) else None
    if isinstance(given, list) and len(given) > MOST_CASES:
        raise too_many(len(given))
    asked = body_of(request, DatasetCasesSerializer)
    return {"bodies": asked.pop("cases"), **asked}


def checked(given: Any) -> dict[str, Any]:
    """The body of a new dataset without its cases, which are judged against its template."""
    return dict(checked_json(DatasetBody(), given))


def response_of(dataset: Dataset, *, status: int = 200) -> Response:
    """The dataset with its tag, and with its address where it is new."""
    headers = {"ETag": tag_of(dataset)}
    if status == 201:
        headers["Location"] = f"/api/datasets/{dataset.id}"
    return Response(dataset_json(dataset), status=status, headers=headers)
