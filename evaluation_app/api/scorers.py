"""Scorers over REST: which there are, and what one says of a text before anything is run."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from evaluation_app.api.shapes import ScorerJSON, SecretJSON, TriedJSON
from evaluation_app.running.trying import tried
from evaluation_app.scorers.errors import InvalidScorer, ScorerError
from evaluation_app.scorers.outside.signing import secret_of, written
from evaluation_app.scorers.registry import described
from foundation.problems import FieldError, Problem, invalid
from foundation.rest.openapi import problems
from foundation.rest.query import body_of
from foundation.rest.serializers import StrictSerializer, TextField
from playground.bodies.confirmation import ConfirmCostField


class ScorersView(APIView):
    """`/api/evaluation/scorers`."""

    @extend_schema(operation_id="evaluation_scorers", responses=ScorerJSON(many=True))
    def get(self, request: Request) -> Response:
        """Every scorer, with the JSON Schema of its parameters."""
        return Response(described())


class TryBody(StrictSerializer):
    """A scorer and a text."""

    scorer = serializers.CharField(max_length=40)
    params = serializers.DictField(required=False, default=dict)
    output = TextField(allow_blank=True)
    case: Any = serializers.DictField(
        required=False,
        help_text="What is known beside: expected, tool_calls, latency (s), cost (USD), schema_valid, variables.",
    )
    project_id = serializers.CharField(
        max_length=255, required=False, help_text="Whose quotas and rules of masking a judge's reply has."
    )
    confirm_cost = ConfirmCostField()


class TryView(APIView):
    """`/api/evaluation/scorers/try`."""

    @extend_schema(
        operation_id="evaluation_scorers_try", request=TryBody, responses={200: TriedJSON, **problems(402, 422)}
    )
    def post(self, request: Request) -> Response:
        """What the scorer says of the text; a judge's reply is an execution of yours, and paid for."""
        asked = body_of(request, TryBody)
        try:
            return Response(async_to_sync(tried)(principal(request), **{"case": None, **asked}))
        except InvalidScorer as error:
            raise invalid([FieldError(error.field or "scorer", "invalid_scorer", str(error))]) from None
        except ScorerError as error:
            raise Problem(422, error.code, error.sentence) from None


class WebhookSecretView(APIView):
    """`/api/evaluation/scorers/webhook-secret`."""

    @extend_schema(operation_id="evaluation_webhook_secret", responses=SecretJSON)
    def get(self, request: Request) -> Response:
        """What webhooks of your tests are signed with (Standard Webhooks): keep it to yourself."""
        return Response({"secret": written(secret_of(principal(request).id))})
