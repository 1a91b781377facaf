"""Which board is asked for: everything of yours, or one suite, tag or dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.models import User
from evaluation_app.benchmarks.board import board_of, ended_tests
from evaluation_app.benchmarks.verdicts import opinions_in
from evaluation_app.benchmarks.votes import strengths_of
from evaluation_app.suites.keeping import seen
from foundation.rest.serializers import StrictSerializer

SCOPES = ("dataset", "suite", "tag")


class BenchmarksQuery(StrictSerializer):
    """Query of GET /api/evaluation/benchmarks: one of the three, or none."""

    dataset = serializers.UUIDField(required=False)
    suite = serializers.UUIDField(required=False)
    tag = serializers.CharField(max_length=100, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) > 1:
            message = serializers.ErrorDetail("One of dataset, suite and tag is taken.", code="ambiguous")
            raise serializers.ValidationError({name: [message] for name in SCOPES if name in attrs})
        return attrs


def benchmarks(user: User, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The board, and the strengths that votes and judges give; raises Problem where the suite is not there."""
    suite = seen(user, wanted["suite"]) if "suite" in wanted else None
    tests = ended_tests(user, suite=suite, tag=wanted.get("tag"), dataset=wanted.get("dataset"))
    return {**board_of(tests).as_json, "verdicts": opinions_in(tests), "votes": strengths_of(user)}
