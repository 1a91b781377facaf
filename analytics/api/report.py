"""The weekly report over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from analytics.api.usage import FiguresJSON, UsageQuery
from analytics.reports.asking import question
from analytics.reports.report import report_json, report_of
from foundation.rest.openapi import problems
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer


class ReportQuery(StrictSerializer):
    """Which week of whose runs."""

    week = serializers.CharField(
        max_length=20, required=False, default="",
        help_text="By ISO 8601, such as 2026-W47; without it the last one that is over.",
    )  # fmt: skip
    whose = serializers.CharField(
        max_length=300, required=False, default="",
        help_text="`me`, `team:<id>` and `organisation:<key>` for their managers, `all` for administrators, "
        "whose usual choice it is.",
    )  # fmt: skip
    time_zone = serializers.CharField(
        max_length=64, required=False, default="",
        help_text="In which the week begins; without it your organisation's, else UTC.",
    )  # fmt: skip

    def validate_time_zone(self, value: str) -> str:
        return UsageQuery().validate_time_zone(value) if value else ""


class ChangeJSON(serializers.Serializer[Any]):
    """What one group used in both weeks; null: it was not run in that one."""

    key = serializers.CharField(allow_null=True, help_text="A model or an id; null: none, or all together.")
    name = serializers.CharField(allow_null=True)
    this_week = FiguresJSON(allow_null=True)
    week_before = FiguresJSON(allow_null=True)


class ReportSectionJSON(serializers.Serializer[Any]):
    """One question and what was found, in sentences."""

    id = serializers.CharField()
    title = serializers.CharField()
    findings = serializers.ListField(child=serializers.CharField())


class ReportJSON(serializers.Serializer[Any]):
    """A week beside the one before; of a week without a run there are no sections."""

    def get_fields(self) -> dict[str, Any]:
        changes = serializers.DictField(
            child=ChangeJSON(many=True),
            help_text="By model, template, session and, of several people, user: those first whose cost changed most.",
        )
        return {
            "week": serializers.CharField(),
            "from": serializers.DateTimeField(),
            "to": serializers.DateTimeField(),
            "time_zone": serializers.CharField(),
            "whose": serializers.CharField(),
            "is_over": serializers.BooleanField(
                help_text="false: it goes on; the week before is told up to the same day and time of day."
            ),
            "total": ChangeJSON(),
            "sections": ReportSectionJSON(many=True),
            "changes": changes,
        }


class ReportView(APIView):
    """`GET /api/analytics/report`."""

    @extend_schema(
        operation_id="report", parameters=[ReportQuery], responses={200: ReportJSON, **problems(400, 403, 404)}
    )
    def get(self, request: Request) -> Response:
        """What was run in a week, what changed against the week before and why, in sentences and figures."""
        given = query_of(request, ReportQuery)
        asked = question(
            principal(request), week=given["week"], whose=given["whose"], zone=given["time_zone"], now=timezone.now()
        )
        return Response(report_json(report_of(asked)))
