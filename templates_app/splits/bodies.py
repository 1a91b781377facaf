"""What may be sent to split a label's calls; API and pages judge by the same."""

from __future__ import annotations

from rest_framework import serializers

from foundation.rest.serializers import StrictSerializer
from templates_app.bodies import VersionNumberField
from templates_app.models import MOST_SHARE, Measure


class ShareBody(StrictSerializer):
    """How much of the traffic the candidate gets."""

    share = serializers.IntegerField(min_value=1, max_value=MOST_SHARE, help_text="Percent of the calls.")


class SplitTermsBody(ShareBody):
    """How a label's calls are split (`terms.Terms`)."""

    measure = serializers.ChoiceField(
        choices=Measure.choices,
        default=Measure.SUCCESS,
        help_text="success: an answer came, and fits its schema where one was asked for. rating: what people say of it,"
        " looked at an hour after the call. scores: what the scorers of `suite_id` say that ask nobody.",
    )
    suite_id = serializers.UUIDField(required=False, allow_null=True, help_text="Whose scorers judge; of scores only.")
    promotes = serializers.BooleanField(
        default=False, help_text="Whether the label moves to the candidate once it is shown to be better."
    )


class SplitBody(SplitTermsBody):
    """What a label's calls are split into."""

    version = VersionNumberField(help_text="The candidate.")
