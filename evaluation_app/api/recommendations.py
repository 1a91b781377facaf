"""Recommendations over REST: asked for, measured, taken over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.requests import principal
from evaluation_app.creation.bodies import MODEL_ID, MOST_RUNS
from evaluation_app.lookup import editable, governed, visible
from evaluation_app.models import EvaluationTest, Recommendation, RecommendationKind, RecommendationRound, RoundState
from evaluation_app.recommendations.accepting import accept
from evaluation_app.recommendations.proposing import MOST, cancel, propose
from evaluation_app.recommendations.representation import recommendation_json, recommendations_json, round_json
from evaluation_app.recommendations.verifying import Standing, verify
from foundation.problems import not_found
from foundation.rest.openapi import problems
from foundation.rest.query import body_of
from foundation.rest.serializers import StrictSerializer
from playground.bodies.confirmation import ConfirmCostField


class ProposeBody(StrictSerializer):
    """Body of POST /api/evaluation/{id}/recommendations."""

    variant = serializers.CharField(max_length=255, required=False, help_text="By its name; the first when left out.")
    model_id = serializers.RegexField(
        MODEL_ID, max_length=255, required=False, help_text="Who proposes; rules alone when left out."
    )
    count = serializers.IntegerField(min_value=1, max_value=MOST, required=False)
    max_cost = serializers.FloatField(min_value=0, required=False, help_text="USD that asking may cost.")
    confirm_cost = ConfirmCostField()
    move_to = serializers.RegexField(MODEL_ID, max_length=255, required=False, help_text="Another model to measure.")


class VerifyBody(StrictSerializer):
    """Body of POST …/verify."""

    runs = serializers.IntegerField(min_value=1, max_value=MOST_RUNS, required=False)
    max_cost = serializers.FloatField(min_value=0, required=False, help_text="USD that measuring may cost.")
    confirm_cost = ConfirmCostField()


class TakeOverBody(StrictSerializer):
    """Body of POST …/accept."""

    hunks = serializers.ListField(
        child=serializers.IntegerField(min_value=0), required=False, help_text="Places of the diff; all when left out."
    )


class RoundJSON(serializers.Serializer[Any]):
    """A time that rules, or a model, were asked."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=RoundState.choices)
    model_id = serializers.CharField(allow_null=True)
    max_cost = serializers.FloatField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()


class MeasuredJSON(serializers.Serializer[Any]):
    """What verification has shown: proposed minus as it is, each case weighing the same."""

    difference = serializers.FloatField(allow_null=True)
    interval = serializers.DictField(allow_null=True, help_text="At the Bonferroni level of all tries.")
    p_adjusted = serializers.FloatField(allow_null=True, help_text="Holm's, over all tries.")
    n = serializers.IntegerField()
    cases = serializers.IntegerField()
    tries = serializers.IntegerField()
    outcome = serializers.CharField()
    verdict = serializers.CharField()
    cost_before = serializers.FloatField(allow_null=True)
    cost_after = serializers.FloatField(allow_null=True)


class RecommendationJSON(serializers.Serializer[Any]):
    """A recommendation."""

    id = serializers.UUIDField()
    round_id = serializers.UUIDField()
    variant = serializers.CharField()
    kind = serializers.ChoiceField(choices=RecommendationKind.choices)
    title = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    diff = serializers.ListField(
        child=serializers.DictField(), help_text="{field, hunk: null, text} and {field, hunk, removed, added}"
    )
    status = serializers.ChoiceField(choices=[standing.value for standing in Standing])
    measured = MeasuredJSON(allow_null=True)
    verification_id = serializers.UUIDField(allow_null=True)
    accepted_version = serializers.IntegerField(allow_null=True)
    is_accepted_whole = serializers.BooleanField(
        allow_null=True, help_text="false: of what was measured a part was taken over, which was not."
    )


class RecommendationsJSON(serializers.Serializer[Any]):
    """All of a test."""

    rounds = RoundJSON(many=True)
    recommendations = RecommendationJSON(many=True)


class RecommendationsView(APIView):
    """`/api/evaluation/{id}/recommendations`."""

    @extend_schema(operation_id="evaluation_recommendations", responses=RecommendationsJSON)
    def get(self, request: Request, test_id: UUID) -> Response:
        """What was recommended for the test's variants, and what measuring has shown."""
        return Response(recommendations_json(visible(principal(request), test_id)))

    @extend_schema(
        operation_id="evaluation_recommend",
        request=ProposeBody,
        responses={202: RecommendationsJSON, **problems(402, 409)},
    )
    def post(self, request: Request, test_id: UUID) -> Response:
        """Has rules speak at once, and a model propose changes from failures on the cases that it may see."""
        user = principal(request)
        test = governed(user, test_id)
        propose(user, test, body_of(request, ProposeBody))
        return Response(recommendations_json(test), status=202)


class RoundCancelView(APIView):
    """`/api/evaluation/recommendations/rounds/{id}/cancel`."""

    @extend_schema(operation_id="evaluation_round_cancel", request=None, responses={202: RoundJSON, **problems(409)})
    def post(self, request: Request, round_id: UUID) -> Response:
        """Ends a round that is under way."""
        user = principal(request)
        governed(user, round_of(user, round_id).test_id)
        async_to_sync(cancel)(user, round_id)
        return Response(round_json(round_of(user, round_id)), status=202)


class VerifyView(APIView):
    """`/api/evaluation/recommendations/{id}/verify`."""

    @extend_schema(
        operation_id="evaluation_recommendation_verify",
        request=VerifyBody,
        responses={202: RecommendationJSON, **problems(402, 409)},
    )
    def post(self, request: Request, recommendation_id: UUID) -> Response:
        """Measures it against what it would replace, on the cases held out."""
        user = principal(request)
        row = found(user, recommendation_id)
        editable(user, row.test_id)
        verify(row.test.user, row, body_of(request, VerifyBody))
        return Response(recommendation_json(found(user, recommendation_id)), status=202)


class AcceptView(APIView):
    """`/api/evaluation/recommendations/{id}/accept`."""

    @extend_schema(
        operation_id="evaluation_recommendation_accept",
        request=TakeOverBody,
        responses={200: RecommendationJSON, **problems(409)},
    )
    def post(self, request: Request, recommendation_id: UUID) -> Response:
        """Makes a new version of the template, whose note says what was measured."""
        user = principal(request)
        row = found(user, recommendation_id)
        governed(user, row.test_id)
        accept(user, row, hunks=body_of(request, TakeOverBody).get("hunks"))
        return Response(recommendation_json(found(user, recommendation_id)))


def found(user: User, recommendation_id: UUID) -> Recommendation:
    """A recommendation of a test that the user sees; a 404 problem for strangers."""
    rows = Recommendation.objects.select_related(
        "test", "variant__template_version__template", "verification", "accepted"
    )
    row = rows.filter(id=recommendation_id, test__in=EvaluationTest.objects.visible_to(user)).first()
    if row is None:
        raise not_found("The recommendation")
    return row


def round_of(user: User, round_id: UUID) -> RecommendationRound:
    """A round of a test that the user sees; a 404 problem for strangers."""
    row = RecommendationRound.objects.filter(id=round_id, test__in=EvaluationTest.objects.visible_to(user)).first()
    if row is None:
        raise not_found("The round")
    return row
