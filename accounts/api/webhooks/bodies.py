"""What is said of a webhook when it is made or changed."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers

from events.models import Format
from events.vocabulary import PREFIX, TYPES
from foundation.rest.serializers import StrictSerializer


class TypesField(serializers.ListField):
    """Types of events, without the service's prefix."""

    child = serializers.ChoiceField(choices=TYPES)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, allow_empty=False, max_length=len(TYPES), **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        return sorted({PREFIX + each for each in super().to_internal_value(data)})


class Hears(models.TextChoices):
    """Whose events a webhook gets."""

    OWN = "own", "Mine"
    TEAM = "team", "Of what is shared with a team"
    EVERYBODY = "everybody", "Everybody's"


class WebhookBody(StrictSerializer):
    """A webhook to be."""

    name = serializers.CharField(max_length=100)
    url = serializers.CharField(max_length=1000, help_text="https://…; redirects are not followed.")
    format = serializers.ChoiceField(
        choices=Format.choices,
        default=Format.CLOUDEVENTS,
        help_text="cloudevents: CloudEvents 1.0 in structured JSON. slack, teams: messages of their incoming webhooks.",
    )
    types = TypesField(
        default=None, help_text="null: all; of slack and teams label moves, splits, tests, quotas and anomalies."
    )
    project_id = serializers.CharField(max_length=255, allow_blank=True, default="", help_text="Of this project only.")
    scope = serializers.ChoiceField(
        choices=Hears.choices,
        default=Hears.OWN,
        help_text="everybody: the events of all; for administrators. team: what happens to templates and sessions that "
        "are shared with the team of team_id; for its managers.",
    )
    team_id = serializers.UUIDField(allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["scope"] == Hears.TEAM) == (attrs["team_id"] is None):
            raise serializers.ValidationError({"team_id": "A team's webhook names the team, and no other does."})
        attrs["for_everybody"] = attrs.pop("scope") == Hears.EVERYBODY
        return attrs


class WebhookChangeBody(StrictSerializer):
    """What of it changes."""

    name = serializers.CharField(max_length=100, required=False)
    url = serializers.CharField(max_length=1000, required=False)
    format = serializers.ChoiceField(choices=Format.choices, required=False)
    types = TypesField(required=False)
    project_id = serializers.CharField(max_length=255, allow_blank=True, required=False)
    is_active = serializers.BooleanField(required=False, help_text="false: what waits stays, nothing new is kept.")
