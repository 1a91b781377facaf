"""What may be sent to ask for something of a protected label, and to decide it; API and pages judge by the same."""

from __future__ import annotations

from typing import Final

from rest_framework import serializers

from foundation.rest.serializers import StrictSerializer
from templates_app.bodies import VersionNumberField
from templates_app.models import RequestedAct
from templates_app.splits.bodies import SplitTermsBody

LONGEST_REASON: Final = 1_000


class LabelRequestBody(StrictSerializer):
    """What is asked of a protected label."""

    act = serializers.ChoiceField(choices=RequestedAct.choices, default=RequestedAct.MOVE.value)
    version = VersionNumberField(required=False, help_text="Where a move leads, or who gets the share of a split.")
    split = SplitTermsBody(required=False, allow_null=True, help_text="Of a split only.")
    reason = serializers.CharField(max_length=LONGEST_REASON)


class LabelDecisionBody(StrictSerializer):
    """Why a request is approved or refused."""

    reason = serializers.CharField(max_length=LONGEST_REASON)


class LabelWithdrawalBody(StrictSerializer):
    """Why a request is withdrawn."""

    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, allow_blank=True, default="")
