"""Tests over REST: made, followed, steered (api.md, "Evaluation")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.models import User
from accounts.requests import principal
from evaluation_app import deletion, lifecycle, sharing
from evaluation_app.api.shapes import EvaluationTestJSON, TestShareBody, TestShareJSON
from evaluation_app.creation.bodies import ComparedSerializer, ProbabilisticSerializer
from evaluation_app.creation.creating import create
from evaluation_app.lookup import editable, role_in, roles_in, visible
from evaluation_app.models import EvaluationTest, TestStatus
from evaluation_app.representation import listed_json, test_json
from foundation.rest.openapi import LOCATION, UNDELETE_LINK, problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer


class TestsQuery(PageQuery):
    """Query of GET /api/evaluation."""

    status = serializers.ChoiceField(choices=TestStatus.choices, required=False)
    template_id = serializers.UUIDField(required=False)
    model_id = serializers.CharField(max_length=255, required=False)
    tag = serializers.CharField(max_length=100, required=False)


class TestsView(APIView):
    """`/api/evaluation`."""

    @extend_schema(operation_id="evaluation_list", parameters=[TestsQuery], responses=page_of(EvaluationTestJSON))
    def get(self, request: Request) -> Response:
        """Your tests and those shared with you, the newest first."""
        wanted = query_of(request, TestsQuery)
        pages = Pages()
        rows: Any = pages.paginate_queryset(tests_of(principal(request), wanted), request, view=self)
        roles = roles_in(rows or (), principal(request))
        return pages.get_paginated_response([{**listed_json(test), "role": roles[test.id]} for test in rows or ()])


class ProbabilisticView(APIView):
    """`/api/evaluation/probabilistic`."""

    @extend_schema(
        operation_id="evaluation_probabilistic",
        parameters=[LOCATION],
        request=ProbabilisticSerializer,
        responses={202: EvaluationTestJSON, **problems(402, 404)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Begins a test of one prompt by repeated runs: poll it, or follow `/ws/evaluation/{id}`."""
        return _made(request, ProbabilisticSerializer)


class CompareView(APIView):
    """`/api/evaluation/compare`."""

    @extend_schema(
        operation_id="evaluation_compare",
        parameters=[LOCATION],
        request=ComparedSerializer,
        responses={202: EvaluationTestJSON, **problems(402, 404)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Begins a test of two to eight variants on the same cases."""
        return _made(request, ComparedSerializer)


class TestView(APIView):
    """`/api/evaluation/{id}`."""

    @extend_schema(operation_id="evaluation_test", responses=EvaluationTestJSON)
    def get(self, request: Request, test_id: UUID) -> Response:
        """The test, how far it is, and its figures once it has ended."""
        return Response(told_to(principal(request), test_id))

    @extend_schema(operation_id="evaluation_delete", parameters=[UNDELETE_LINK], responses={204: None, **problems(409)})
    def delete(self, request: Request, test_id: UUID) -> Response:
        """Deletes it with its answers; for 30 days POST /api/evaluation/{id}/undelete brings it back.

        409 while it runs (`test_state`: cancel it first), and where a baseline, a suite's run, a review or a
        recommendation stands on it (`in_use`, which names them).
        """
        deletion.delete(user=principal(request), test_id=test_id)
        link = f'</api/evaluation/{test_id}/undelete>; rel="undelete"; method="POST"'
        return Response(status=204, headers={"Link": link})


class UndeleteTestView(APIView):
    """`/api/evaluation/{id}/undelete`."""

    @extend_schema(operation_id="evaluation_undelete", request=None, responses={200: EvaluationTestJSON})
    def post(self, request: Request, test_id: UUID) -> Response:
        """Brings a test back that was deleted within 30 days."""
        deletion.undelete(user=principal(request), test_id=test_id)
        return Response(told_to(principal(request), test_id))


class ShareTestView(APIView):
    """`/api/evaluation/{id}/share`."""

    @extend_schema(operation_id="evaluation_share_retrieve", responses=TestShareJSON)
    def get(self, request: Request, test_id: UUID) -> Response:
        """Whom the test is shared with, and as what."""
        query_of(request, StrictSerializer)
        return Response(sharing.share_json(visible(principal(request), test_id)))

    @extend_schema(operation_id="evaluation_share", request=TestShareBody, responses=TestShareJSON)
    def put(self, request: Request, test_id: UUID) -> Response:
        """Sets whom it is shared with; those who are not in the list any more lose it at once.

        Viewers read results, answers, judges and exports; editors steer it, judge anew and verify too, at its owner's
        cost.
        """
        members = body_of(request, TestShareBody)["members"]
        return Response(sharing.share_json(sharing.share(user=principal(request), test_id=test_id, members=members)))


class PauseView(APIView):
    """`/api/evaluation/{id}/pause`."""

    @extend_schema(operation_id="evaluation_pause", request=None, responses={202: EvaluationTestJSON})
    def post(self, request: Request, test_id: UUID) -> Response:
        """Begins nothing new within a second; what is under way is kept."""
        return _steered(request, test_id, lifecycle.pause)


class ResumeView(APIView):
    """`/api/evaluation/{id}/resume`."""

    @extend_schema(operation_id="evaluation_resume", request=None, responses={202: EvaluationTestJSON})
    def post(self, request: Request, test_id: UUID) -> Response:
        """Goes on after a pause."""
        return _steered(request, test_id, lifecycle.resume)


class CancelView(APIView):
    """`/api/evaluation/{id}/cancel`."""

    @extend_schema(operation_id="evaluation_cancel", request=None, responses={202: EvaluationTestJSON})
    def post(self, request: Request, test_id: UUID) -> Response:
        """Ends the test: what is under way is cut off, what was answered is kept and figured."""
        return _steered(request, test_id, lifecycle.cancel)


class RerunErrorsView(APIView):
    """`/api/evaluation/{id}/rerun-errors`."""

    @extend_schema(operation_id="evaluation_rerun_errors", request=None, responses={202: EvaluationTestJSON})
    def post(self, request: Request, test_id: UUID) -> Response:
        """Asks anew what got no answer, and what was never asked; nothing else is paid again."""
        return _steered(request, test_id, lifecycle.rerun_errors)


class RescoreView(APIView):
    """`/api/evaluation/{id}/rescore`."""

    @extend_schema(operation_id="evaluation_rescore", request=None, responses={202: EvaluationTestJSON})
    def post(self, request: Request, test_id: UUID) -> Response:
        """Judges every answer anew; no model is asked for one."""
        return _steered(request, test_id, lifecycle.rescore)


def tests_of(user: User, wanted: dict[str, Any]) -> Any:
    """The tests that `user` sees and `wanted` asks for; pages list them alike."""
    found = EvaluationTest.objects.visible_to(user)
    if "status" in wanted:
        found = found.filter(status=wanted["status"])
    if "tag" in wanted:
        found = found.filter(tags__contains=[wanted["tag"]])
    if "model_id" in wanted:
        found = found.filter(variants__model_id=wanted["model_id"])
    if "template_id" in wanted:
        found = found.filter(variants__template_version__template_id=wanted["template_id"])
    return found.distinct().select_related("dataset_version", "user").order_by("-created_at", "-id")


def _made(request: Request, rules: type[StrictSerializer]) -> Response:
    test = create(user=principal(request), asked=body_of(request, rules))
    headers = {"Location": f"/api/evaluation/{test.id}"}
    return Response({**test_json(test), "role": "owner"}, status=202, headers=headers)


def _steered(request: Request, test_id: UUID, steer: Callable[[EvaluationTest], object]) -> Response:
    user = principal(request)
    steer(editable(user, test_id))
    return Response(told_to(user, test_id), status=202)


def told_to(user: User, test_id: UUID) -> dict[str, Any]:
    test = visible(user, test_id)
    return {**test_json(test), "role": role_in(test, user)}
