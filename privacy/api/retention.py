"""How long things are kept, over REST: administrators read and set rules, and look what would go."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.problems import FieldError, invalid, not_found
from foundation.rest.openapi import problems
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from foundation.tasks import send_task
from privacy.api.asking import administrator
from privacy.models import RetentionFigure, RetentionRun
from privacy.retention import running
from privacy.retention.kinds import KINDS, ruled
from privacy.retention.rules import MOST_DAYS, days_of, set_days

RUNS = 20


class OrganisationQuery(StrictSerializer):
    """Whose rules."""

    organisation = serializers.CharField(
        max_length=255, required=False, allow_blank=True, help_text="Left out or empty: those who have none."
    )


class RulesBody(StrictSerializer):
    """Rules of one organisation."""

    organisation = serializers.CharField(max_length=255, required=False, allow_blank=True)
    days = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=MOST_DAYS, allow_null=True),
        help_text="By kind; 0: for ever, null: as the settings say. Kinds that are left out stay as they are.",
    )

    def validate_days(self, days: dict[str, int | None]) -> dict[str, int | None]:
        """Kinds that there are."""
        if unknown := sorted(set(days) - set(ruled())):
            told = "is kept as the settings say, for all alike" if unknown[0] in KINDS else "is none"
            raise serializers.ValidationError(f"{unknown[0]!r} {told}; rules are of {', '.join(ruled())}.")
        return days


class DryRunBody(StrictSerializer):
    """What to look at."""

    organisation = serializers.CharField(max_length=255, required=False, allow_blank=True, help_text="Left out: all.")
    kind = serializers.CharField(max_length=40, required=False, help_text="Left out: all.")


class RuleJSON(serializers.Serializer[Any]):
    """How long one kind is kept."""

    kind = serializers.CharField()
    title = serializers.CharField()
    days = serializers.IntegerField(help_text="0: for ever.")
    is_own = serializers.BooleanField(help_text="Whether a rule of the organisation says so, not the settings.")


class RetentionFigureJSON(serializers.ModelSerializer[RetentionFigure]):
    """What went, or would, of one kind and organisation."""

    class Meta:
        model = RetentionFigure
        fields = [
            "kind", "organisation", "before", "rows", "size", "first_at", "last_at", "held", "needed", "failed_files",
        ]  # fmt: skip


class RunJSON(serializers.ModelSerializer[RetentionRun]):
    """One run; without an end it is under way, or was killed and goes on."""

    figures = RetentionFigureJSON(many=True)

    class Meta:
        model = RetentionRun
        fields = ["id", "is_dry", "kind", "organisation", "started_at", "ended_at", "figures"]


class RetentionJSON(serializers.Serializer[Any]):
    """Rules of an organisation, and the last runs of all."""

    organisation = serializers.CharField(allow_blank=True)
    rules = RuleJSON(many=True)
    runs = RunJSON(many=True)


def rules_json(organisation: str) -> list[dict[str, Any]]:
    """Each kind with its days."""
    found = days_of(organisation)
    return [
        {"kind": name, "title": KINDS[name].title, "days": days, "is_own": is_own}
        for name, (days, is_own) in found.items()
    ]


def _shown(organisation: str) -> Response:
    runs = RetentionRun.objects.order_by("-started_at").prefetch_related("figures")[:RUNS]
    shown = {"organisation": organisation, "rules": rules_json(organisation), "runs": runs}
    return Response(RetentionJSON(shown).data)


class RetentionView(APIView):
    """`GET | PUT /api/privacy/retention`."""

    @extend_schema(
        operation_id="retention_read",
        parameters=[OrganisationQuery],
        responses={200: RetentionJSON, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """How long an organisation keeps what, and what the last runs removed. For administrators."""
        administrator(request)
        return _shown(query_of(request, OrganisationQuery).get("organisation", ""))

    @extend_schema(
        operation_id="retention_update", request=RulesBody, responses={200: RetentionJSON, **problems(400, 403)}
    )
    def put(self, request: Request) -> Response:
        """Sets an organisation's rules. They count from the next night on; for administrators."""
        by, given = administrator(request), body_of(request, RulesBody)
        organisation = given.get("organisation", "")
        set_days(by=by, organisation=organisation, days=given["days"])
        return _shown(organisation)


class DryRunView(APIView):
    """`POST /api/privacy/retention/dry-run`."""

    @extend_schema(operation_id="retention_dry_run", request=DryRunBody, responses={202: RunJSON, **problems(400, 403)})
    def post(self, request: Request) -> Response:
        """Counts in the background what would go tonight; nothing does. Look at the run for the figures."""
        by, given = administrator(request), body_of(request, DryRunBody)
        kind = given.get("kind", "")
        if kind and kind not in KINDS:
            raise invalid([FieldError("kind", "invalid_choice", f"{kind!r} is none of {', '.join(KINDS)}.")])
        run = running.begin(is_dry=True, kind=kind, organisation=given.get("organisation"), by=by)
        send_task("privacy.tasks.go_on", run_id=str(run.id))
        return Response(RunJSON(run).data, status=202)


class RunView(APIView):
    """`GET /api/privacy/retention/runs/{id}`."""

    @extend_schema(operation_id="retention_run_read", responses={200: RunJSON, **problems(403, 404)})
    def get(self, request: Request, run_id: UUID) -> Response:
        """One run and its figures."""
        administrator(request)
        run = RetentionRun.objects.prefetch_related("figures").filter(id=run_id).first()
        if run is None:
            raise not_found("The run")
        return Response(RunJSON(run).data)
