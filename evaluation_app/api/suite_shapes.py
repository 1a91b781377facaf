"""What the doors of suites, gates and baselines answer, as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from evaluation_app.models import RunStatus, Why
from evaluation_app.suites.bodies import GateSerializer, ScheduleSerializer
from templates_app.api.openapi import PersonSerializer


class SuiteLineJSON(serializers.Serializer[Any]):
    """What one variant on trial came to in one test."""

    test_id = serializers.UUIDField()
    test = serializers.CharField()
    variant = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=["passed", "failed", "not_judged"])
    sentence = serializers.CharField()
    passed = serializers.IntegerField()
    scored = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    interval = serializers.DictField(allow_null=True)
    errors: Any = serializers.IntegerField()
    is_regression = serializers.BooleanField()
    compared_with = serializers.CharField(allow_null=True)
    comparison = serializers.DictField(
        allow_null=True, help_text="difference, interval, estimand, method, n, shared_cases, changed, new, gone, margin"
    )


class SuiteRunJSON(serializers.Serializer[Any]):
    """A run of a suite."""

    id = serializers.UUIDField()
    suite_id = serializers.UUIDField()
    version = serializers.IntegerField(allow_null=True, help_text="On trial.")
    why = serializers.ChoiceField(choices=Why.choices)
    asked_by = PersonSerializer(allow_null=True)
    status = serializers.ChoiceField(choices=RunStatus.choices)
    sentence = serializers.CharField(allow_null=True)
    is_regression = serializers.BooleanField(allow_null=True)
    results = SuiteLineJSON(many=True)
    test_ids = serializers.ListField(child=serializers.UUIDField())
    reference_id = serializers.UUIDField(allow_null=True, help_text="The run that it is compared with.")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class FlagJSON(serializers.Serializer[Any]):
    """That the version with the gate's label does not pass any more."""

    label: Any = serializers.CharField()
    version = serializers.IntegerField()
    run_id = serializers.UUIDField()
    why = serializers.ChoiceField(choices=Why.choices)
    sentence = serializers.CharField(allow_blank=True)


class GateJSON(GateSerializer):
    """A gate as it stands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("estimand", "floor"):
            self.fields[name].allow_null = True


class SuiteJSON(serializers.Serializer[Any]):
    """A suite."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    template_id = serializers.UUIDField(allow_null=True)
    tests = serializers.ListField(child=serializers.DictField())
    gate = GateJSON(allow_null=True)
    schedule = ScheduleSerializer(allow_null=True)
    next_at = serializers.DateTimeField(allow_null=True)
    content_hash = serializers.CharField()
    owner = PersonSerializer()
    last_run = SuiteRunJSON(allow_null=True)
    flag = FlagJSON(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ListedTestJSON(serializers.Serializer[Any]):
    """A test of a suite, by its name and size."""

    name = serializers.CharField()
    cases = serializers.IntegerField(allow_null=True, help_text="None where they come from a dataset.")


class ListedRunJSON(SuiteRunJSON):
    """A run without its results."""

    results = None  # type: ignore[assignment]


class ListedSuiteJSON(SuiteJSON):
    """A suite as a list tells it."""

    tests = ListedTestJSON(many=True)  # type: ignore[assignment]
    last_run = ListedRunJSON(allow_null=True)


class OverrideJSON(serializers.Serializer[Any]):
    """A second person's word for one move of a label."""

    id = serializers.UUIDField()
    label: Any = serializers.CharField()
    version = serializers.IntegerField()
    suite = serializers.CharField()
    run_id = serializers.UUIDField(allow_null=True)
    result = serializers.DictField(allow_null=True)
    signed_by = PersonSerializer(allow_null=True)
    reason = serializers.CharField()
    signed_at = serializers.DateTimeField()
    used_by = PersonSerializer(allow_null=True)
    used_at = serializers.DateTimeField(allow_null=True)


class GateChangeJSON(serializers.Serializer[Any]):
    """That a gate was set, changed or removed."""

    label: Any = serializers.CharField()
    suite = serializers.CharField()
    change = serializers.ChoiceField(choices=["set", "changed", "removed"])
    rules = serializers.DictField()
    changed_by = PersonSerializer(allow_null=True)
    changed_at = serializers.DateTimeField()


class GatesJSON(serializers.Serializer[Any]):
    """The gates of a template, and what was done about them; the last hundred of each, newest first."""

    gates = ListedSuiteJSON(many=True)
    overrides = OverrideJSON(many=True)
    changes = GateChangeJSON(many=True)


class BaselineJSON(serializers.Serializer[Any]):
    """What new tests of a template are compared with."""

    id = serializers.UUIDField()
    template_id = serializers.UUIDField()
    test_id = serializers.UUIDField()
    variant = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)
    margin = serializers.FloatField()
    set_by = PersonSerializer(allow_null=True)
    set_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
