"""What the doors of tests answer, as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.share_bodies import MemberSerializer, SharedMemberSerializer
from evaluation_app.models import Control, SampleState, TestStatus
from foundation.rest.pagination import LinksJSON
from foundation.rest.serializers import StrictSerializer


class ProgressJSON(serializers.Serializer[Any]):
    """Counts of samples, and of blocks: all samples of a case."""

    total = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Ended, however: those without an answer and the skipped ones too.")
    errors: Any = serializers.IntegerField(help_text="Without an answer: in no rate.")
    scorer_errors = serializers.IntegerField(help_text="Answered, and not to be judged: in no rate.")
    skipped = serializers.IntegerField(help_text="Never asked: the test ended before.")
    blocks = serializers.IntegerField()
    blocks_done = serializers.IntegerField(help_text="Cases all of whose samples were asked, and have ended.")


class CostJSON(serializers.Serializer[Any]):
    """US dollars."""

    spent = serializers.FloatField()
    reserved = serializers.FloatField(help_text="Set aside for what is under way.")
    max_cost = serializers.FloatField(allow_null=True)


class TestVariantJSON(serializers.Serializer[Any]):
    """What is on trial."""

    name = serializers.CharField()
    model_id = serializers.CharField()
    template_version_id = serializers.UUIDField(allow_null=True)
    content_hash = serializers.CharField(help_text="SHA-256 of what is asked, whatever it is called.")


class TestDatasetJSON(serializers.Serializer[Any]):
    """Where a test's cases were copied from."""

    id = serializers.UUIDField()
    version_id = serializers.UUIDField()
    version = serializers.IntegerField()
    split = serializers.CharField(allow_null=True)


class EvaluationTestJSON(serializers.Serializer[Any]):
    """A test, how far it is, and what it shows."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=["owner", "editor", "viewer"], help_text="What you are to it.")
    status = serializers.ChoiceField(choices=TestStatus.choices)
    control = serializers.ChoiceField(choices=Control.choices)
    stop_reason = serializers.CharField(allow_null=True, help_text="max_cost, cancelled, only_errors or early_stop")
    pause_reason = serializers.CharField(allow_null=True, help_text="quota, where nobody paused it")
    seed = serializers.IntegerField()
    tags = serializers.ListField(child=serializers.CharField())
    policy = serializers.DictField()
    variants = TestVariantJSON(many=True)
    dataset = TestDatasetJSON(allow_null=True)
    progress = ProgressJSON()
    cost = CostJSON()
    results = serializers.DictField(allow_null=True, help_text="Each figure names its method, estimand and n.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)


class TestShareBody(StrictSerializer):
    """Whom a test is shared with, and as what."""

    members: Any = serializers.ListSerializer(child=MemberSerializer(), max_length=200)


class TestShareJSON(serializers.Serializer[Any]):
    """Whom a test is shared with."""

    members = SharedMemberSerializer(many=True)


class ScoreJSON(serializers.Serializer[Any]):
    """What one scorer said."""

    scorer = serializers.CharField()
    scorer_hash = serializers.CharField(help_text="Of its name, version and parameters.")
    value = serializers.FloatField(allow_null=True)
    passed = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    error_code = serializers.CharField(allow_null=True)
    execution_id: Any = serializers.UUIDField(allow_null=True, help_text="Of a judge: the reply that counts.")


class SecretJSON(serializers.Serializer[Any]):
    """A secret of Standard Webhooks."""

    secret = serializers.CharField(help_text="whsec_…")


class SampleErrorJSON(serializers.Serializer[Any]):
    """Why a sample has no answer, or no score."""

    code = serializers.CharField()
    message = serializers.CharField(allow_blank=True)


class SampleUsageJSON(serializers.Serializer[Any]):
    """Tokens, and US dollars."""

    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    estimated_cost = serializers.FloatField(help_text="USD of the answer.")
    judge_cost = serializers.FloatField(help_text="USD of all judges' replies about it.")


class SampleJSON(serializers.Serializer[Any]):
    """One answer of one variant to one case."""

    id = serializers.UUIDField()
    variant = serializers.CharField()
    case = serializers.IntegerField(help_text="The case's place in the test, from 0.")
    case_key = serializers.CharField()
    run = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=SampleState.choices)
    passed = serializers.BooleanField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    output = serializers.CharField(allow_null=True)
    error = SampleErrorJSON(allow_null=True)
    scores = ScoreJSON(many=True)
    usage = SampleUsageJSON()
    latency = serializers.FloatField(allow_null=True, help_text="Seconds.")
    execution_id = serializers.UUIDField(allow_null=True)


class SamplePageJSON(LinksJSON):
    """A cursor page of samples, in the order of the cases."""

    results = SampleJSON(many=True)


class ScorerJSON(serializers.Serializer[Any]):
    """A scorer that a case may name."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    parameters = serializers.DictField(help_text="JSON Schema.")


class TriedJSON(serializers.Serializer[Any]):
    """What a scorer says of a text."""

    value = serializers.FloatField(allow_null=True)
    passed = serializers.BooleanField()
    reason = serializers.CharField()
