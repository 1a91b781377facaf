"""Labels as the OpenAPI document describes them; what is sent is written by `representation`."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from templates_app.api.openapi import PersonSerializer
from templates_app.models import Measure, RequestedAct, RequestStatus


class MoveJSON(serializers.Serializer[Any]):
    """One move of a label; `version` is null when it was taken away."""

    label: Any = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)
    previous_version = serializers.IntegerField(allow_null=True)
    moved_by = PersonSerializer(allow_null=True)
    moved_at = serializers.DateTimeField()
    is_rollback = serializers.BooleanField()
    approved_by = PersonSerializer(
        allow_null=True, help_text="The second person: who approved it, or let it through although a gate refused it."
    )
    note = serializers.CharField(allow_blank=True, help_text="Why they did.")


class SplitTermsJSON(serializers.Serializer[Any]):
    """How a label's calls shall be split."""

    share = serializers.IntegerField(help_text="Percent of the calls that the candidate gets.")
    measure = serializers.ChoiceField(choices=Measure.choices)
    promotes = serializers.BooleanField()
    suite_id = serializers.UUIDField(allow_null=True)


class LabelRequestJSON(serializers.Serializer[Any]):
    """What was asked of a protected label, and what became of it."""

    id = serializers.UUIDField()
    label: Any = serializers.CharField()
    act = serializers.ChoiceField(choices=RequestedAct.choices)
    version = serializers.IntegerField(
        allow_null=True, help_text="Where a move leads, or a split's candidate; else null."
    )
    split = SplitTermsJSON(allow_null=True, help_text="How the calls shall be split; null of what is no split.")
    asked_by = PersonSerializer(allow_null=True)
    asked_at = serializers.DateTimeField()
    reason = serializers.CharField()
    status = serializers.ChoiceField(choices=RequestStatus.choices)
    decided_by = PersonSerializer(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField(allow_blank=True, help_text="Why it was approved, refused or withdrawn.")


class LabelProtectionJSON(serializers.Serializer[Any]):
    """Whether a label moves by the word of a second person only."""

    label: Any = serializers.CharField()
    is_protected = serializers.BooleanField()
    protected_by = PersonSerializer(allow_null=True)
    protected_at = serializers.DateTimeField(allow_null=True)
    request = LabelRequestJSON(allow_null=True, help_text="What is asked of it, and nobody has answered yet.")
    approvers = PersonSerializer(
        many=True, help_text="Who could approve that, or what will be asked: at most 50. Never who asks."
    )


class LabelJSON(MoveJSON):
    """Where a label points, and its protection."""

    protection = LabelProtectionJSON()
