"""The intake of events as the OpenAPI document describes it: a plain async view, which drf-spectacular does not see."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from events.intake.receiving import LONGEST_ID, LONGEST_TYPE, MOST
from foundation.rest.openapi import StandIn, problems

EVENT: Final = {
    "type": "object",
    "required": ["id", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": LONGEST_ID},
        "type": {"type": "string", "minLength": 1, "maxLength": LONGEST_TYPE},
        "payload": {"type": "object"},
    },
}
BODY: Final = {"oneOf": [EVENT, {"type": "array", "items": EVENT, "minItems": 1, "maxItems": MOST}]}


class TakenJSON(serializers.Serializer[Any]):
    """What became of a call."""

    accepted = serializers.IntegerField(help_text="Events that are kept now.")
    known = serializers.IntegerField(help_text="Events whose ids had come before: nothing is done about them again.")


class Intake(StandIn):
    """POST /api/events."""

    @extend_schema(
        operation_id="take_events",
        auth=[],
        request={"application/json": BODY},
        responses={202: TakenJSON, **problems(401, 403, 415)},
    )
    def post(self) -> None:
        """One event or an array of them, from a service account, or signed as Standard Webhooks does."""


documented = [path("api/events", Intake.as_view())]
