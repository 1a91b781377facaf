"""Rules by which calls made elsewhere are scored, over REST."""

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
from evaluation_app.datasets.from_run import run_of
from evaluation_app.models import CallScore, ScoringRule, ScoringState
from evaluation_app.sampled import rules
from evaluation_app.sampled.bodies import ScoringRuleChangeSerializer, ScoringRuleSerializer
from evaluation_app.sampled.representation import call_json, rule_json
from foundation.rest.openapi import LOCATION
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of


class ScoringRuleJSON(serializers.Serializer[Any]):
    """A rule."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    service = serializers.CharField()
    model_id = serializers.CharField()
    project_id = serializers.CharField()
    share = serializers.FloatField()
    scorers = serializers.ListField(child=serializers.DictField(), allow_null=True)
    suite_id = serializers.UUIDField(allow_null=True)
    budget_per_day = serializers.FloatField(help_text="USD")
    is_active = serializers.BooleanField()
    spent_today = serializers.FloatField(help_text="USD of judges since midnight (UTC)")
    is_budget_reached = serializers.BooleanField(help_text="Whether it has kept a call from being judged today.")
    created_at = serializers.DateTimeField()


class CallScoreJSON(serializers.Serializer[Any]):
    """A call as a rule found it."""

    execution_id = serializers.UUIDField()
    rule_id = serializers.UUIDField()
    rule_name = serializers.CharField()
    state = serializers.ChoiceField(choices=ScoringState.choices)
    score = serializers.FloatField(allow_null=True)
    scores = serializers.ListField(child=serializers.DictField())
    cost = serializers.FloatField(help_text="USD of judges")
    scored_at = serializers.DateTimeField(allow_null=True)


class ScoredCallsQuery(PageQuery):
    """Query of GET …/calls."""

    state = serializers.ChoiceField(choices=ScoringState.choices, required=False)


class ScoringRulesView(APIView):
    """`/api/evaluation/scoring-rules`."""

    @extend_schema(operation_id="scoring_rules_list", parameters=[PageQuery], responses=page_of(ScoringRuleJSON))
    def get(self, request: Request) -> Response:
        """Your rules, the newest first."""
        query_of(request, PageQuery)
        found = ScoringRule.objects.visible_to(principal(request)).order_by("-created_at", "-id")
        pages = Pages()
        rows: Any = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response([rule_json(rule) for rule in rows or ()])

    @extend_schema(
        operation_id="scoring_rules_create",
        parameters=[LOCATION],
        request=ScoringRuleSerializer,
        responses={201: ScoringRuleJSON},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Has calls scored that come from now on; judges are executions of yours, within the budget."""
        rule = rules.create(user=principal(request), given=body_of(request, ScoringRuleSerializer))
        location = f"/api/evaluation/scoring-rules/{rule.id}"
        return Response(rule_json(rule), status=201, headers={"Location": location})


class ScoringRuleView(APIView):
    """`/api/evaluation/scoring-rules/{id}`."""

    @extend_schema(operation_id="scoring_rules_rule", responses=ScoringRuleJSON)
    def get(self, request: Request, rule_id: UUID) -> Response:
        """The rule, with what it has spent today."""
        return Response(rule_json(rules.seen(principal(request), rule_id)))

    @extend_schema(operation_id="scoring_rules_change", request=ScoringRuleChangeSerializer, responses=ScoringRuleJSON)
    def patch(self, request: Request, rule_id: UUID) -> Response:
        """Changes what the body names."""
        given = body_of(request, ScoringRuleChangeSerializer)
        return Response(rule_json(rules.change(user=principal(request), rule_id=rule_id, given=given)))

    @extend_schema(operation_id="scoring_rules_delete", responses={204: None})
    def delete(self, request: Request, rule_id: UUID) -> Response:
        """Takes the rule away, with what it has found."""
        rules.delete(user=principal(request), rule_id=rule_id)
        return Response(status=204)


class ScoredCallsView(APIView):
    """`/api/evaluation/scoring-rules/{id}/calls`."""

    @extend_schema(operation_id="scoring_rules_calls", parameters=[ScoredCallsQuery], responses=page_of(CallScoreJSON))
    def get(self, request: Request, rule_id: UUID) -> Response:
        """What it has found, the latest first."""
        rule, wanted = rules.seen(principal(request), rule_id), query_of(request, ScoredCallsQuery)
        found = CallScore.objects.filter(rule=rule).select_related("rule").order_by("-created_at", "-id")
        if "state" in wanted:
            found = found.filter(state=wanted["state"])
        pages = Pages()
        rows: Any = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response([call_json(row) for row in rows or ()])


class CallScoresView(APIView):
    """`/api/evaluation/calls/{execution_id}/scores`."""

    @extend_schema(operation_id="call_scores", responses=CallScoreJSON(many=True))
    def get(self, request: Request, execution_id: UUID) -> Response:
        """What rules have found of a call; for whoever may read it."""
        run = run_of(principal(request), execution_id)
        found = CallScore.objects.filter(execution=run).select_related("rule").order_by("id")
        return Response([call_json(row) for row in found])
