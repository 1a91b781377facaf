"""Traffic splits over REST: of a template's label, watched here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from evaluation_app.splits.representation import split_json
from foundation.rest.openapi import problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from templates_app.api.openapi import PersonSerializer
from templates_app.lookup import check_label, visible
from templates_app.models import Measure, SplitOutcome, TemplateSplit
from templates_app.splits import lifecycle
from templates_app.splits.bodies import ShareBody, SplitBody
from templates_app.splits.terms import Terms


class ArmJSON(serializers.Serializer[Any]):
    """One of the two versions."""

    version = serializers.IntegerField()
    calls = serializers.IntegerField(help_text="Its calls that have ended and were looked at.")
    counted = serializers.IntegerField(help_text="Of them, those that count: a key does once, by its first.")
    mean = serializers.FloatField(allow_null=True, help_text="Of what is measured, 0 to 1, over those that count.")


class SplitJSON(serializers.Serializer[Any]):
    """A split with what it shows."""

    id = serializers.UUIDField()
    label: Any = serializers.CharField()
    status = serializers.ChoiceField(choices=["running", "ended"])
    share = serializers.IntegerField()
    measure = serializers.ChoiceField(choices=Measure.choices)
    promotes = serializers.BooleanField()
    scorers = serializers.ListField(
        child=serializers.CharField(), help_text="What judges its calls, where scores are compared."
    )
    control = ArmJSON()
    candidate = ArmJSON()
    difference = serializers.DictField(
        help_text="Candidate minus control, as an estimate of evaluations; its interval holds however often one looks."
    )
    e_value = serializers.FloatField(help_text="Evidence against no difference: at 20 the split ends by itself.")
    started_by = PersonSerializer(allow_null=True)
    approved_by = PersonSerializer(allow_null=True, help_text="The second person, where the label is protected.")
    started_at = serializers.DateTimeField()
    ended_by = PersonSerializer(allow_null=True, help_text="null: it ended by itself.")
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(choices=SplitOutcome.choices, allow_null=True)
    looked_at = serializers.DateTimeField(allow_null=True)


class SplitView(APIView):
    """`/api/templates/{id}/labels/{label}/split`."""

    @extend_schema(operation_id="templates_label_split", responses={200: SplitJSON, **problems(404)})
    def get(self, request: Request, template_id: UUID, label: str) -> Response:
        """The one that runs; 404 where none does."""
        query_of(request, StrictSerializer)
        check_label(label)
        return Response(split_json(lifecycle.running(visible(principal(request), template_id), label)))

    @extend_schema(
        operation_id="templates_label_split_begin", request=SplitBody, responses={201: SplitJSON, **problems(404, 409)}
    )
    def put(self, request: Request, template_id: UUID, label: str) -> Response:
        """Sends a share of the label's calls to a candidate until it is shown to be better or worse.

        409 where one runs already (`split_running`), and where a move of the label to that version would be refused.
        """
        given = body_of(request, SplitBody)
        user, terms = principal(request), Terms.of(given)
        split = lifecycle.begin(user=user, template_id=template_id, label=label, number=given["version"], terms=terms)
        return Response(split_json(split), status=201)

    @extend_schema(
        operation_id="templates_label_split_share", request=ShareBody, responses={200: SplitJSON, **problems(404)}
    )
    def patch(self, request: Request, template_id: UUID, label: str) -> Response:
        """Gives the candidate more of the calls or fewer; who gets it already keeps it where it grows."""
        check_label(label)
        share = body_of(request, ShareBody)["share"]
        user = principal(request)
        return Response(
            split_json(lifecycle.change_share(user=user, template_id=template_id, label=label, share=share))
        )

    @extend_schema(operation_id="templates_label_split_stop", responses={200: SplitJSON, **problems(404)})
    def delete(self, request: Request, template_id: UUID, label: str) -> Response:
        """Sends all calls where the label points again; what was seen stays in the label's splits."""
        check_label(label)
        return Response(split_json(lifecycle.stop(user=principal(request), template_id=template_id, label=label)))


class SplitsView(APIView):
    """`/api/templates/{id}/labels/{label}/splits`."""

    @extend_schema(operation_id="templates_label_splits", parameters=[PageQuery], responses=page_of(SplitJSON))
    def get(self, request: Request, template_id: UUID, label: str) -> Response:
        """Every split of the label, the newest first."""
        query_of(request, PageQuery)
        check_label(label)
        found = TemplateSplit.objects.filter(template=visible(principal(request), template_id), label=label)
        found = found.select_related("control", "candidate", "started_by", "approved_by", "ended_by").order_by(
            "-started_at", "-id"
        )
        pages = Pages()
        rows: Any = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response([split_json(split) for split in rows or ()])
