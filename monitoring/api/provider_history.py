"""How a provider did over days, over REST, for administrators."""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.openapi import problems
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer
from monitoring.calls.provider import STEPS, ProviderHistory, history_of
from monitoring.calls.slow import ENOUGH_FOR
from monitoring.errors.deciding import must_administer
from providers.line.breaker import State

MOST: Final = 500
"""Transitions that are told."""


class ProviderHistoryQuery(StrictSerializer):
    """How far back."""

    days = serializers.ChoiceField(choices=sorted(STEPS), required=False, default=7)


class TransitionJSON(serializers.Serializer[Any]):
    """A breaker that changed its state."""

    model_id = serializers.CharField(allow_blank=True, help_text="Empty: the provider's own, of all its models.")
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    at = serializers.DateTimeField()
    reason = serializers.CharField(
        allow_blank=True,
        help_text="The failure's code, else worked, rested, forgotten, reported_down, reported_up or lost.",
    )


class BreakerSharesJSON(serializers.Serializer[Any]):
    """Of the time, between 0 and 1."""

    model_id = serializers.CharField(allow_blank=True)
    share_open = serializers.FloatField(help_text="Nothing was let through.")
    share_half_open = serializers.FloatField(help_text="It was tried again, a call at a time.")


class ProviderSlotJSON(serializers.Serializer[Any]):
    """A step of the time."""

    at = serializers.DateTimeField()
    completed = serializers.IntegerField()
    failures = serializers.DictField(child=serializers.IntegerField(), help_text="Failed executions by code.")
    p50 = serializers.FloatField(allow_null=True, help_text="Seconds of completed ones.")
    p95 = serializers.FloatField(allow_null=True, help_text="null of fewer than 20.")


class ProviderHistoryJSON(serializers.Serializer[Any]):
    """A provider's breakers, failures and times."""

    provider = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    breakers = BreakerSharesJSON(many=True)
    transitions = TransitionJSON(many=True, help_text=f"The newest {MOST}, the newest first.")
    steps = ProviderSlotJSON(many=True)


class ProviderHistoryView(APIView):
    """`GET /api/monitoring/providers/{slug}/history`."""

    @extend_schema(
        operation_id="provider_history",
        parameters=[ProviderHistoryQuery],
        responses={200: ProviderHistoryJSON, **problems(400, 403, 404)},
    )
    def get(self, request: Request, slug: str) -> Response:
        """What its breakers went through, what failed and how long answers took. For administrators."""
        must_administer(principal(request))
        asked = query_of(request, ProviderHistoryQuery)
        return Response(ProviderHistoryJSON(_json(history_of(slug, days=asked["days"], now=timezone.now()))).data)


def _json(told: ProviderHistory) -> dict[str, Any]:
    return {
        "provider": told.provider,
        "since": told.since,
        "until": told.before,
        "breakers": [
            {
                "model_id": each.model_id,
                "share_open": each.share(State.OPEN),
                "share_half_open": each.share(State.HALF_OPEN),
            }
            for each in told.timelines
        ],
        "transitions": told.transitions[:MOST],
        "steps": [
            {
                "at": slot.at,
                "completed": slot.completed,
                "failures": dict(slot.failures),
                **{name: slot.took(share, least=ENOUGH_FOR[name]) for name, share in (("p50", 0.5), ("p95", 0.95))},
            }
            for slot in told.slots
        ],
    }
