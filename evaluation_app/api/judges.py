"""A test's judges over REST: what they are worth, what sways them, and the rate that people would give."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from evaluation_app.judges.agreement import State
from evaluation_app.judges.report import report_of
from evaluation_app.lookup import visible


class FigureJSON(serializers.Serializer[Any]):
    """One figure (evaluation_app.statistics.figures.Estimate)."""

    value = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    interval = serializers.DictField(allow_null=True)
    method = serializers.CharField()
    estimand = serializers.CharField()
    n = serializers.IntegerField()
    cases = serializers.IntegerField()


class ConfusionJSON(serializers.Serializer[Any]):
    """How often which words met."""

    classes = serializers.ListField(child=serializers.CharField())
    judge_by_people = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()), help_text="Rows: the judge's; columns: people's."
    )


class DisagreementJSON(serializers.Serializer[Any]):
    """A sample to read."""

    sample_id = serializers.UUIDField()
    case = serializers.IntegerField(help_text="The case's place in its test.")
    run = serializers.IntegerField()
    variant = serializers.CharField(allow_null=True)
    judge = serializers.CharField()
    people = serializers.CharField()


class JudgedRateJSON(serializers.Serializer[Any]):
    """Of one variant."""

    variant = serializers.CharField()
    raw = FigureJSON(help_text="The judge's opinion.")
    people = FigureJSON(help_text="What people alone say, of what they looked at.")
    corrected = FigureJSON(help_text="Both together: from 50 labels on, 10 of each kind.")
    corrected_by_other_tests = serializers.FloatField(allow_null=True)
    labels = serializers.IntegerField()
    disagreements = serializers.IntegerField()


class PreferenceJSON(serializers.Serializer[Any]):
    """What a pairwise judge said of a variant's answers, each beside its rival."""

    variant = serializers.CharField()
    better = serializers.IntegerField()
    tie = serializers.IntegerField(help_text="Also where its choice went with the order.")
    worse = serializers.IntegerField()


class BiasJSON(serializers.Serializer[Any]):
    """What sways a judge."""

    order_flips = FigureJSON(allow_null=True)
    repeatability = FigureJSON(allow_null=True)
    length = serializers.DictField(help_text="per_doubling (change of log-odds with twice the length), p_value.")
    unreadable_replies = serializers.IntegerField()
    replies = serializers.IntegerField()


class JudgeJSON(serializers.Serializer[Any]):
    """A judge of a test."""

    scorer = serializers.CharField()
    scorer_hash = serializers.CharField()
    model_id = serializers.CharField()
    is_required = serializers.BooleanField()
    state = serializers.ChoiceField(choices=[state.value for state in State])
    sentence = serializers.CharField()
    verdicts = serializers.IntegerField()
    labels = serializers.IntegerField()
    tests = serializers.IntegerField(help_text="In which people looked at what this judge judged.")
    kappa = FigureJSON(allow_null=True)
    agreement = serializers.FloatField(allow_null=True)
    least_kappa = serializers.FloatField(help_text="The lower end of κ from which it may gate.")
    confusion = ConfusionJSON()
    disagreements = DisagreementJSON(many=True)
    rates = JudgedRateJSON(many=True)
    preferences = PreferenceJSON(many=True, help_text="Of a pairwise judge.")
    bias = BiasJSON()
    same_family = serializers.ListField(child=serializers.CharField())
    cost = serializers.FloatField(help_text="USD of its replies.")


class JudgesView(APIView):
    """`/api/evaluation/{id}/judges`."""

    @extend_schema(operation_id="evaluation_judges", responses=JudgeJSON(many=True))
    def get(self, request: Request, test_id: UUID) -> Response:
        """Each judge measured against the people who reviewed the same answers (`/api/reviews`)."""
        return Response(report_of(visible(principal(request), test_id)))
