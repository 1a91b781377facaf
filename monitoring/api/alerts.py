"""Alerts of the installation and their rules over REST, for administrators."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.openapi import problems
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from monitoring.alerts import reading, rules
from monitoring.alerts.measures import MEASURES
from monitoring.errors.deciding import must_administer
from monitoring.models import Alert, AlertRule, AlertState, Comparison, Firing, Severity

LONGEST = 10_080
"""Minutes: a week."""
FARTHEST = 10**15


class AlertRuleJSON(serializers.ModelSerializer[AlertRule]):
    """When a figure is an alert."""

    class Meta:
        model = AlertRule
        fields = ["id", "name", "figure", "provider", "comparison", "threshold", "minutes", "severity", "is_enabled"]


class WatchedFigureJSON(serializers.Serializer[Any]):
    """A figure that rules may watch."""

    name = serializers.CharField()
    meaning = serializers.CharField()
    unit = serializers.CharField(allow_blank=True, help_text="Empty for a count.")
    by = serializers.CharField(
        allow_blank=True, help_text="What it is told of one by one: provider, destination, error."
    )


class AlertRulesJSON(serializers.Serializer[Any]):
    """All rules, and what they may watch."""

    results = AlertRuleJSON(many=True)
    figures = WatchedFigureJSON(many=True)


class RuleBody(StrictSerializer):
    """A rule."""

    name = serializers.CharField(max_length=100)
    figure = serializers.ChoiceField(choices=sorted(MEASURES))
    provider = serializers.CharField(
        max_length=64, allow_blank=True, required=False, default="", help_text="The one to watch; empty: each of them."
    )
    comparison = serializers.ChoiceField(choices=Comparison.choices)
    threshold = serializers.FloatField(min_value=-FARTHEST, max_value=FARTHEST)
    minutes = serializers.IntegerField(min_value=0, max_value=LONGEST, help_text="For how long; 0: at once.")
    severity = serializers.ChoiceField(choices=Severity.choices)
    is_enabled = serializers.BooleanField(required=False, default=True)

    def validate_threshold(self, value: float) -> float:
        """A number that is one."""
        if not math.isfinite(value):
            raise serializers.ValidationError("A finite number is expected.", code="invalid")
        return value


class RuleChangeBody(RuleBody):
    """What of a rule becomes another."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """None of them must be there, and none has a value by itself."""
        fields = super().get_fields()
        for field in fields.values():
            field.required, field.default = False, serializers.empty
        return fields


class AlertJSON(serializers.ModelSerializer[Alert]):
    """How a rule stands for one subject."""

    rule = AlertRuleJSON()
    unit = serializers.SerializerMethodField()

    class Meta:
        model = Alert
        fields = ["id", "rule", "subject", "state", "since", "value", "unit", "muted_until"]

    def get_unit(self, alert: Alert) -> str:
        """Of the value and of the threshold."""
        return MEASURES[alert.rule.figure].unit if alert.rule.figure in MEASURES else ""


class FiringJSON(serializers.ModelSerializer[Firing]):
    """From when to when an alert was firing."""

    class Meta:
        model = Firing
        fields = [
            "id", "name", "subject", "figure", "comparison", "threshold", "severity", "began_at", "ended_at", "worst",
            "told_at",
        ]  # fmt: skip


class AlertsJSON(serializers.Serializer[Any]):
    """Firing ones first, and the 50 newest firings."""

    results = AlertJSON(many=True)
    history = FiringJSON(many=True)


class AlertsQuery(StrictSerializer):
    """Which ones."""

    state = serializers.ChoiceField(choices=AlertState.choices, required=False, default=None)


class MuteBody(StrictSerializer):
    """For how long."""

    minutes = serializers.IntegerField(min_value=1, max_value=LONGEST)


class AlertRulesView(APIView):
    """`/api/monitoring/alert-rules`."""

    @extend_schema(operation_id="alert_rules_list", responses={200: AlertRulesJSON, **problems(403)})
    def get(self, request: Request) -> Response:
        """All rules, and the figures that they may watch. For administrators."""
        must_administer(principal(request))
        found = AlertRule.objects.order_by("name")
        return Response(AlertRulesJSON({"results": found, "figures": MEASURES.values()}).data)

    @extend_schema(
        operation_id="alert_rules_create", request=RuleBody, responses={201: AlertRuleJSON, **problems(400, 403)}
    )
    def post(self, request: Request) -> Response:
        """Has a figure watched from the next minute on. For administrators."""
        must_administer(principal(request))
        rule = rules.make(by=principal(request), given=body_of(request, RuleBody))
        return Response(AlertRuleJSON(rule).data, status=201)


class AlertRuleView(APIView):
    """`/api/monitoring/alert-rules/{id}`."""

    @extend_schema(
        operation_id="alert_rules_change",
        request=RuleChangeBody,
        responses={200: AlertRuleJSON, **problems(400, 403, 404)},
    )
    def patch(self, request: Request, rule_id: int) -> Response:
        """Changes what is given. For administrators."""
        must_administer(principal(request))
        given = body_of(request, RuleChangeBody)
        rule = rules.change(rule_id=rule_id, by=principal(request), given=given, at=timezone.now())
        return Response(AlertRuleJSON(rule).data)

    @extend_schema(operation_id="alert_rules_delete", responses={204: None, **problems(403, 404)})
    def delete(self, request: Request, rule_id: int) -> Response:
        """Removes it with its alerts; when they were firing stays in the history. For administrators."""
        rules.remove(rule_id=rule_id, by=principal(request), at=timezone.now())
        return Response(status=204)


class AlertsView(APIView):
    """`GET /api/monitoring/alerts`."""

    @extend_schema(
        operation_id="alerts_list", parameters=[AlertsQuery], responses={200: AlertsJSON, **problems(400, 403)}
    )
    def get(self, request: Request) -> Response:
        """How all alerts stand, and when they were firing of late. For administrators."""
        must_administer(principal(request))
        asked = query_of(request, AlertsQuery)["state"]
        found = reading.alerts(AlertState(asked) if asked else None)
        return Response(AlertsJSON({"results": found, "history": reading.history()}).data)


class AlertMuteView(APIView):
    """`POST /api/monitoring/alerts/{id}/mute`."""

    @extend_schema(operation_id="alerts_mute", request=MuteBody, responses={200: AlertJSON, **problems(400, 403, 404)})
    def post(self, request: Request, alert_id: int) -> Response:
        """Has nobody told of it for a while; it is judged on. For administrators."""
        must_administer(principal(request))
        lasting = timedelta(minutes=body_of(request, MuteBody)["minutes"])
        alert = rules.mute(alert_id=alert_id, by=principal(request), lasting=lasting, at=timezone.now())
        return Response(AlertJSON(alert).data)


class AlertUnmuteView(APIView):
    """`POST /api/monitoring/alerts/{id}/unmute`."""

    @extend_schema(operation_id="alerts_unmute", request=None, responses={200: AlertJSON, **problems(403, 404)})
    def post(self, request: Request, alert_id: int) -> Response:
        """Has it told again. For administrators."""
        return Response(AlertJSON(rules.unmute(alert_id=alert_id, by=principal(request))).data)
