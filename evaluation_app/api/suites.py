"""Suites and gates over REST (api.md, "Evaluation")."""

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
from evaluation_app.api.suite_shapes import GatesJSON, ListedSuiteJSON, OverrideJSON, SuiteJSON, SuiteRunJSON
from evaluation_app.models import GateChange, GateOverride, Suite, SuiteRun, Why
from evaluation_app.suites import gate, keeping, running
from evaluation_app.suites.bodies import OverrideSerializer, RunSerializer, SuiteChangeSerializer, SuiteSerializer
from evaluation_app.suites.representation import gate_change_json, listed_json, override_json, run_json, suite_json
from foundation.problems import not_found
from foundation.rest.openapi import LOCATION, problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from templates_app.lookup import LABEL, visible

TOLD = 100


class SuitesQuery(PageQuery):
    """Query of GET /api/suites."""

    template_id = serializers.UUIDField(required=False)


class SuitesView(APIView):
    """`/api/suites`."""

    @extend_schema(operation_id="suites_list", parameters=[SuitesQuery], responses=page_of(ListedSuiteJSON))
    def get(self, request: Request) -> Response:
        """Your suites, and those that gate templates which you may change, the newest first."""
        wanted = query_of(request, SuitesQuery)
        found = Suite.objects.visible_to(principal(request)).select_related("user").order_by("-created_at", "-id")
        if "template_id" in wanted:
            found = found.filter(template_id=wanted["template_id"])
        pages = Pages()
        rows: Any = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response([listed_json(suite) for suite in rows or ()])

    @extend_schema(
        operation_id="suites_create", parameters=[LOCATION], request=SuiteSerializer, responses={201: SuiteJSON}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Keeps tests that run together; with `gate`, a label does not move before they have passed."""
        suite = keeping.create(user=principal(request), given=body_of(request, SuiteSerializer))
        return Response(suite_json(suite), status=201, headers={"Location": f"/api/suites/{suite.id}"})


class SuiteView(APIView):
    """`/api/suites/{id}`."""

    @extend_schema(operation_id="suites_suite", responses=SuiteJSON)
    def get(self, request: Request, suite_id: UUID) -> Response:
        """The suite with its last run."""
        return Response(suite_json(keeping.seen(principal(request), suite_id)))

    @extend_schema(operation_id="suites_change", request=SuiteChangeSerializer, responses=SuiteJSON)
    def patch(self, request: Request, suite_id: UUID) -> Response:
        """Changes what the body names; null takes a gate or a schedule away."""
        user = principal(request)
        suite = keeping.governed(user, suite_id)
        changed = keeping.change(user=user, suite=suite, given=body_of(request, SuiteChangeSerializer))
        return Response(suite_json(changed))

    @extend_schema(operation_id="suites_delete", responses={204: None})
    def delete(self, request: Request, suite_id: UUID) -> Response:
        """Takes the suite away with its gate and schedule; its tests stay, those under way are cancelled."""
        user = principal(request)
        keeping.delete(user=user, suite=keeping.governed(user, suite_id))
        return Response(status=204)


class SuiteRunView(APIView):
    """`/api/suites/{id}/run`."""

    @extend_schema(
        operation_id="suites_run", parameters=[LOCATION], request=RunSerializer, responses={202: SuiteRunJSON}
    )
    @idempotent
    def post(self, request: Request, suite_id: UUID) -> Response:
        """Runs all tests on that version; the run that is under way, where it asks the same."""
        user = principal(request)
        suite = keeping.governed(user, suite_id)
        version = running.version_on_trial(suite, body_of(request, RunSerializer).get("version"))
        run = running.begin(suite, version, why=Why.HAND, asked_by=user)
        return Response(run_json(run), status=202, headers={"Location": f"/api/suites/{suite.id}/runs/{run.id}"})


class SuiteRunsView(APIView):
    """`/api/suites/{id}/runs`."""

    @extend_schema(operation_id="suites_runs", parameters=[PageQuery], responses=page_of(SuiteRunJSON))
    def get(self, request: Request, suite_id: UUID) -> Response:
        """Every run, the newest first."""
        query_of(request, PageQuery)
        suite = keeping.seen(principal(request), suite_id)
        found = suite.runs.select_related("version", "asked_by").order_by("-created_at", "-id")
        pages = Pages()
        rows: Any = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response([run_json(run) for run in rows or ()])


class OneRunView(APIView):
    """`/api/suites/{id}/runs/{run}`."""

    @extend_schema(operation_id="suites_one_run", responses=SuiteRunJSON)
    def get(self, request: Request, suite_id: UUID, run_id: UUID) -> Response:
        """The run, with what it came to once it has ended."""
        suite = keeping.seen(principal(request), suite_id)
        run = SuiteRun.objects.select_related("version", "asked_by").filter(suite=suite, id=run_id).first()
        if run is None:
            raise not_found("The run")
        return Response(run_json(run))


class OverrideView(APIView):
    """`/api/suites/{id}/runs/{run}/override`."""

    @extend_schema(
        operation_id="suites_override",
        request=OverrideSerializer,
        responses={201: OverrideJSON, **problems(409)},
    )
    @idempotent
    def post(self, request: Request, suite_id: UUID, run_id: UUID) -> Response:
        """Lets one move of the label pass that this run refused: signed by another than who moves it, and kept."""
        user = principal(request)
        reason = body_of(request, OverrideSerializer)["reason"]
        signed = gate.sign(user=user, suite=keeping.seen(user, suite_id), run_id=run_id, reason=reason)
        return Response(override_json(signed), status=201)


class GatesQuery(StrictSerializer):
    """Query of GET /api/evaluation/gates."""

    template_id = serializers.UUIDField()
    label: Any = serializers.RegexField(f"^{LABEL.pattern}$", required=False)


class GatesView(APIView):
    """`/api/evaluation/gates`."""

    @extend_schema(
        operation_id="evaluation_gates", parameters=[GatesQuery], responses={200: GatesJSON, **problems(404)}
    )
    def get(self, request: Request) -> Response:
        """The gates of a template that you may see, who let what pass, and who set, changed or removed them."""
        user, wanted = principal(request), query_of(request, GatesQuery)
        about = {"template": visible(user, wanted["template_id"])}
        of_label = {"label": wanted["label"]} if "label" in wanted else {}
        gates = Suite.objects.visible_to(user).filter(**about).exclude(gate_label="").select_related("user")
        if of_label:
            gates = gates.filter(gate_label=wanted["label"])
        overrides = GateOverride.objects.filter(**about, **of_label).order_by("-signed_at")
        changes = GateChange.objects.filter(**about, **of_label).order_by("-id").select_related("changed_by")
        words = overrides.select_related("version", "signed_by", "used_by")[:TOLD]
        return Response(
            {
                "gates": [listed_json(suite) for suite in gates.order_by("created_at")[:TOLD]],
                "overrides": [override_json(each) for each in words],
                "changes": [gate_change_json(each) for each in changes[:TOLD]],
            }
        )
