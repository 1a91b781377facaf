"""What may be sent to the doors of suites."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from evaluation_app.statistics.figures import Estimand
from foundation.rest.serializers import StrictSerializer
from templates_app.bodies import VersionNumberField
from templates_app.lookup import LABEL

MOST_TESTS: Final = 20
ESTIMANDS: Final = (Estimand.THESE_CASES.value, Estimand.CASES_LIKE_THESE.value)


class GateSerializer(StrictSerializer):
    """The label that does not move before the suite has passed, and when it fails."""

    label = serializers.RegexField(f"^{LABEL.pattern}$", max_length=50)  # type: ignore[assignment]
    margin = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="A loss of pass rate that is no regression yet; 0."
    )
    estimand = serializers.ChoiceField(
        choices=list(ESTIMANDS),
        required=False,
        help_text="Left out: “these cases, other runs” where each case runs twice or more.",
    )
    floor = serializers.FloatField(
        min_value=0,
        max_value=1,
        required=False,
        help_text="The least pass rate. Left out: half, and only where there is nothing to compare with.",
    )


class ScheduleSerializer(StrictSerializer):
    """When it runs by itself: one of the two."""

    cron = serializers.CharField(
        max_length=200, required=False, help_text="minute hour day-of-month month day-of-week, in UTC"
    )
    every = serializers.IntegerField(required=False, help_text="Seconds, 300 or more.")


class SuiteSerializer(StrictSerializer):
    """Body of POST /api/suites."""

    name = serializers.CharField(max_length=255)
    template_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="Whose version is on trial; found in the tests where left out."
    )
    tests: Any = serializers.ListField(
        child=serializers.DictField(),
        min_length=1,
        max_length=MOST_TESTS,
        help_text="Bodies of POST /api/evaluation/probabilistic or /compare. A template_id without version and label "
        "is the version on trial.",
    )
    gate = GateSerializer(required=False, allow_null=True)
    schedule = ScheduleSerializer(required=False, allow_null=True)


class SuiteChangeSerializer(SuiteSerializer):
    """Body of PATCH /api/suites/{id}: what is left out stays, null takes a gate or a schedule away."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False


class RunSerializer(StrictSerializer):
    """Body of POST /api/suites/{id}/run."""

    version = VersionNumberField(required=False, help_text="Of the template; its present one where left out.")


class OverrideSerializer(StrictSerializer):
    """Body of POST /api/suites/{id}/runs/{run}/override."""

    reason = serializers.CharField(max_length=1_000, help_text="Why the label may move all the same.")
