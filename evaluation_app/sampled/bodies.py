"""What may be sent to the doors of scoring rules."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from evaluation_app.creation.bodies import MOST_SCORERS, ScorerSerializer
from foundation.rest.serializers import StrictSerializer


class ScoringRuleSerializer(StrictSerializer):
    """Body of POST /api/evaluation/scoring-rules."""

    name = serializers.CharField(max_length=255)
    service = serializers.CharField(max_length=255, required=False, allow_blank=True, help_text="service.name; any")
    model_id = serializers.CharField(max_length=255, required=False, allow_blank=True, help_text="provider/model; any")
    project_id = serializers.CharField(max_length=255, required=False, allow_blank=True, help_text="any when left out")
    share = serializers.FloatField(min_value=0, max_value=100, help_text="Percent of the traces.")
    scorers = ScorerSerializer(many=True, required=False, allow_null=True, max_length=MOST_SCORERS)  # type: ignore[call-arg]
    suite_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="Whose scorers judge, in place of these."
    )
    budget_per_day: Any = serializers.DecimalField(
        max_digits=17, decimal_places=8, min_value=0, help_text="USD that judges may cost a day (UTC)."
    )
    is_active = serializers.BooleanField(required=False, default=True)


class ScoringRuleChangeSerializer(ScoringRuleSerializer):
    """Body of PATCH: what is left out stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False
            field.default = serializers.empty
