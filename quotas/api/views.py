"""Quotas over REST: how one stands, and, for administrators, what everybody may."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Role
from accounts.noting import asking_token
from accounts.requests import principal
from foundation.numbers import LARGEST_INTEGER
from foundation.problems import FieldError, Problem, invalid, not_found
from foundation.rest.openapi import problems
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from quotas.ledger.permission import REFUSED, check_may_set, limits_set_by, managed_by
from quotas.ledger.representation import standing_json
from quotas.ledger.setting import set_limits
from quotas.ledger.standing import standings_at, standings_of
from quotas.models import EVERY, SETTABLE, Period, QuotaLimit, SubjectKind

LONGEST_ID = 255


class LimitBody(StrictSerializer):
    """What may be used in a period; a measure that is null or left out is without a limit."""

    period = serializers.ChoiceField(Period.choices)
    executions = serializers.IntegerField(min_value=0, max_value=LARGEST_INTEGER, required=False, allow_null=True)
    tokens = serializers.IntegerField(min_value=0, max_value=LARGEST_INTEGER, required=False, allow_null=True)
    cost = serializers.DecimalField(
        max_digits=17, decimal_places=8, min_value=0, required=False, allow_null=True, help_text="USD."
    )
    is_hard = serializers.BooleanField(default=True, help_text="Runs beyond it are refused; else it is only told.")


class LimitsBody(StrictSerializer):
    """All limits of a subject, one a period."""

    limits: Any = serializers.ListSerializer(child=LimitBody(), max_length=len(Period))

    def validate_limits(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({limit["period"] for limit in value}) < len(value):
            raise serializers.ValidationError("A period has one limit.", code="contradiction")
        return value


class AmountJSON(serializers.Serializer[Any]):
    """One measure; cost in USD."""

    limit = serializers.FloatField()
    used = serializers.FloatField()
    reserved = serializers.FloatField(help_text="Set aside for executions that go on.")
    left = serializers.FloatField()


class StandingJSON(serializers.Serializer[Any]):
    """A limit as it stands in its period."""

    subject_kind = serializers.ChoiceField(SubjectKind.choices)
    subject_id = serializers.CharField()
    period = serializers.ChoiceField(Period.choices)
    is_hard = serializers.BooleanField()
    is_default = serializers.BooleanField(help_text="Whether it holds for whoever has none of their own.")
    time_zone = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    is_whole = serializers.BooleanField(help_text="False while executions from before the limit are being counted.")
    executions = AmountJSON(allow_null=True)
    tokens = AmountJSON(allow_null=True)
    cost = AmountJSON(allow_null=True)


class StandingsJSON(serializers.Serializer[Any]):
    """Each limit that is met."""

    results = StandingJSON(many=True)


class SetLimitJSON(serializers.ModelSerializer[QuotaLimit]):
    """A limit as it was set."""

    cost = serializers.FloatField(allow_null=True, help_text="USD.")

    class Meta:
        model = QuotaLimit
        fields = [
            "subject_kind", "subject_id", "period", "executions", "tokens", "cost", "is_hard", "is_from_environment",
            "updated_at",
        ]  # fmt: skip


class SetLimitsJSON(serializers.Serializer[Any]):
    """What is set."""

    results = SetLimitJSON(many=True)


class MineQuery(StrictSerializer):
    """Query of GET /api/quotas."""

    project_id = serializers.CharField(max_length=LONGEST_ID, required=False, help_text="With that project's limits.")


class QuotasView(APIView):
    """`GET /api/quotas`."""

    @extend_schema(operation_id="quotas_mine", parameters=[MineQuery], responses=StandingsJSON)
    def get(self, request: Request) -> Response:
        """Every limit that your next execution meets, with what is used, set aside and left of it."""
        asked, user = query_of(request, MineQuery), principal(request)
        standings = standings_of(user_id=user.id, project_id=asked.get("project_id", ""), token_id=asking_token())
        return Response({"results": [standing_json(each) for each in standings]})


class SetLimitsView(APIView):
    """`GET /api/quotas/limits`."""

    @extend_schema(operation_id="quotas_limits", responses={200: SetLimitsJSON, **problems(403)})
    def get(self, request: Request) -> Response:
        """Every limit that is set. For administrators; to managers of an organisation those of its people and teams."""
        query_of(request, StrictSerializer)
        user = principal(request)
        if not user.has_role(Role.ADMIN) and not managed_by(user):
            raise Problem(403, "forbidden", REFUSED)
        limits = limits_set_by(user).order_by("subject_kind", "subject_id", "period")
        return Response(SetLimitsJSON({"results": limits}).data)


class SubjectView(APIView):
    """`/api/quotas/{kind}/{id}`."""

    @extend_schema(operation_id="quotas_of", responses={200: StandingsJSON, **problems(404)})
    def get(self, request: Request, kind: str, subject_id: str) -> Response:
        """How a subject stands. For whoever sets its quotas, and for oneself."""
        query_of(request, StrictSerializer)
        user, known = principal(request), _kind(kind)
        if not (known == SubjectKind.USER and subject_id == str(user.id)):
            check_may_set(user, known, subject_id)
        return _standings(known, subject_id)

    @extend_schema(
        operation_id="quotas_set", request=LimitsBody, responses={200: StandingsJSON, **problems(400, 403, 404)}
    )
    def put(self, request: Request, kind: str, subject_id: str) -> Response:
        """Sets all limits of a subject; `*` in place of its id: of everybody of the kind who has none of their own.

        What was run earlier in the period counts, and is added within seconds. For administrators; of an organisation's
        people and teams, for its managers too.
        """
        user, known = principal(request), _kind(kind)
        check_may_set(user, known, subject_id)
        if len(subject_id) > LONGEST_ID:
            raise invalid([FieldError("id", "max_length", f"An id has up to {LONGEST_ID} characters.")])
        set_limits(kind=known, subject_id=subject_id, by=user, **body_of(request, LimitsBody))
        return _standings(known, subject_id)

    @extend_schema(operation_id="quotas_unset", request=None, responses={204: None, **problems(403, 404)})
    def delete(self, request: Request, kind: str, subject_id: str) -> Response:
        """Takes its limits away: those of everybody hold. For whoever sets them."""
        user, known = principal(request), _kind(kind)
        check_may_set(user, known, subject_id)
        set_limits(kind=known, subject_id=subject_id, by=user, limits=[])
        return Response(status=204)


def _kind(name: str) -> SubjectKind:
    if name not in SETTABLE:
        raise not_found("This kind of quota")
    return SubjectKind(name)


def _standings(kind: SubjectKind, subject_id: str) -> Response:
    standings = standings_at(kind=kind, subject_id=subject_id) if subject_id != EVERY else []
    return Response({"results": [standing_json(each) for each in standings]})
