"""Answers of the data doors, as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from playground.api.artifacts import AttachmentSerializer
from sessions_app.api.bodies import SessionJSON


class OrderedSerializer(serializers.Serializer[Any]):
    """An export or an import that is being made."""

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


class ImportOutcomeSerializer(serializers.Serializer[Any]):
    """A session that a large import made, or would make."""

    session_id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    executions = serializers.IntegerField()


class ImportArtifactSerializer(serializers.Serializer[Any]):
    """A large import, made in the background; what came of it is told for 24 hours."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["import"])
    status = serializers.ChoiceField(choices=["pending", "running", "completed", "failed"])
    progress = serializers.FloatField(help_text="0 to 1")
    format = serializers.CharField()
    size = serializers.IntegerField(help_text="bytes")
    dry_run = serializers.BooleanField()
    sessions = ImportOutcomeSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())
    error = serializers.CharField(allow_null=True)
    faults = serializers.ListField(child=serializers.DictField(), help_text="field, code and message of each fault")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


ANY_ARTIFACT: Final = PolymorphicProxySerializer(
    component_name="AnyArtifact",
    serializers=[ArtifactSerializer, ImportArtifactSerializer, AttachmentSerializer],
    resource_type_field_name=None,
)
"""An export, a large import, or a file that was uploaded for prompts."""


class ImportedBeforeSerializer(serializers.Serializer[Any]):
    """An earlier import of yours of the same session."""

    session_id = serializers.UUIDField(allow_null=True, help_text="null when it has been deleted since")
    name = serializers.CharField()
    imported_at = serializers.DateTimeField()
    is_same = serializers.BooleanField(help_text="whether the file says the very same")


class ImportedSessionSerializer(serializers.Serializer[Any]):
    """One session that an import made."""

    session = SessionJSON()
    executions = serializers.IntegerField()
    dropped_links = serializers.IntegerField(help_text="parents, templates, originals that are not in the bundle")
    attachments = serializers.IntegerField(help_text="pictures and files that come along")
    imported_before = ImportedBeforeSerializer(many=True)


class ImportedSerializer(serializers.Serializer[Any]):
    """What an import did; sums of all its sessions, and the session where it is one."""

    format = serializers.CharField(help_text="what the file was taken for")
    sessions = ImportedSessionSerializer(many=True)
    session = SessionJSON(required=False)
    executions = serializers.IntegerField()
    dropped_links = serializers.IntegerField()
    attachments = serializers.IntegerField()
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


class SessionOfDryRunSerializer(ImportedSessionSerializer):
    """One session that an import would make."""

    session = SessionToBeSerializer()  # type: ignore[assignment]


class DryRunSerializer(ImportedSerializer):
    """What an import would do."""

    sessions = SessionOfDryRunSerializer(many=True)
    session = SessionToBeSerializer(required=False)  # type: ignore[assignment]


class PercentilesSerializer(serializers.Serializer[Any]):
    """Seconds; null without data."""

    p50 = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)
    p99 = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField(help_text="of so many executions")


class FirstTokenSerializer(serializers.Serializer[Any]):
    """Seconds; null without data. An answer that was not streamed has no first token."""

    p50 = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField(help_text="of so many executions, which were streamed")


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
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
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
    cost_elsewhere = serializers.FloatField(help_text="of calls that were made elsewhere: in no other cost here")
    usage = UsageTotalsSerializer()
    success_rate = serializers.FloatField(allow_null=True, help_text="completed / (completed + failed)")
    latency = PercentilesSerializer()
    time_to_first_token = FirstTokenSerializer()
    by_model = ModelFiguresSerializer(many=True)
    by_day = DayFiguresSerializer(many=True)
