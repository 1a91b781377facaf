"""Answers of the data doors, as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from playground.api.artifacts import AttachmentSerializer
from sessions_app.api.bodies import SessionJSON


class OrderedSerializer(serializers.Serializer[Any]):
    """An export that is being made."""

    artifact_id = serializers.UUIDField()
    status_url = serializers.CharField()


class ArtifactSerializer(serializers.Serializer[Any]):
    """An export made in the background; its link lasts 24 hours."""

    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["pending", "running", "completed", "failed"])
    progress = serializers.FloatField(help_text="0 to 1")
    format = serializers.CharField()
    size = serializers.IntegerField(allow_null=True, help_text="bytes")
    download_url = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    error = serializers.CharField(allow_null=True)


ANY_ARTIFACT: Final = PolymorphicProxySerializer(
    component_name="AnyArtifact",
    serializers=[ArtifactSerializer, AttachmentSerializer],
    resource_type_field_name=None,
)
"""An export, or a file that was uploaded for prompts."""


class ImportedBeforeSerializer(serializers.Serializer[Any]):
    """An earlier import of yours of the same session."""

    session_id = serializers.UUIDField(allow_null=True, help_text="null when it has been deleted since")
    name = serializers.CharField()
    imported_at = serializers.DateTimeField()
    is_same = serializers.BooleanField(help_text="whether the file says the very same")


class ImportedSerializer(serializers.Serializer[Any]):
    """What an import did."""

    session = SessionJSON()
    executions = serializers.IntegerField()
    dropped_links = serializers.IntegerField(help_text="parents, templates, originals that are not in the bundle")
    attachments = serializers.IntegerField(help_text="pictures and files that come along")
    imported_before = ImportedBeforeSerializer(many=True)
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="what cannot come along, and when it was imported before"
    )
    dry_run = serializers.BooleanField()


class SessionToBeSerializer(serializers.Serializer[Any]):
    """The session that an import would make."""

    name = serializers.CharField()
    description = serializers.CharField()
    project_id = serializers.CharField()
    purpose = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    archived = serializers.BooleanField()
    created_at = serializers.DateTimeField(allow_null=True)
    execution_count = serializers.IntegerField()
    total_cost = serializers.FloatField()
    last_executed = serializers.DateTimeField(allow_null=True)


class DryRunSerializer(ImportedSerializer):
    """What an import would do."""

    session = SessionToBeSerializer()  # type: ignore[assignment]


class PercentilesSerializer(serializers.Serializer[Any]):
    """Seconds; null without data."""

    p50 = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)
    p99 = serializers.FloatField(allow_null=True)


class FirstTokenSerializer(serializers.Serializer[Any]):
    """Seconds; null without data."""

    p50 = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)


class UsageTotalsSerializer(serializers.Serializer[Any]):
    """Token sums and cost in USD."""

    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    estimated_cost = serializers.FloatField()


class ModelFiguresSerializer(serializers.Serializer[Any]):
    """One model's part."""

    model_id = serializers.CharField()
    executions = serializers.IntegerField()
    cost = serializers.FloatField()
    tokens = serializers.IntegerField()
    latency_p50 = serializers.FloatField(allow_null=True)
    success_rate = serializers.FloatField(allow_null=True)


class DayFiguresSerializer(serializers.Serializer[Any]):
    """One day's part (UTC)."""

    date = serializers.DateField()
    executions = serializers.IntegerField()
    cost = serializers.FloatField()
    tokens = serializers.IntegerField()


class AnalyticsSerializer(serializers.Serializer[Any]):
    """Analytics of a session's ended executions; times are those of completed ones."""

    execution_count = serializers.IntegerField()
    total_cost = serializers.FloatField()
    usage = UsageTotalsSerializer()
    success_rate = serializers.FloatField(allow_null=True, help_text="completed / (completed + failed)")
    latency = PercentilesSerializer()
    time_to_first_token = FirstTokenSerializer()
    by_model = ModelFiguresSerializer(many=True)
    by_day = DayFiguresSerializer(many=True)
