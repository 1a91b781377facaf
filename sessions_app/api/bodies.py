"""What may be sent to the session doors."""

from __future__ import annotations

from typing import Any, Final

import orjson
from rest_framework import serializers

from accounts.api.share_bodies import MemberSerializer, SharedMemberSerializer
from foundation.rest.serializers import StrictSerializer
from foundation.words import number

LARGEST_METADATA: Final = 16 * 1024
"""Bytes of JSON."""


class SessionSerializer(StrictSerializer):
    """Body of POST and PUT /api/sessions."""

    name = serializers.CharField(max_length=255)
    description = serializers.CharField(max_length=10_000, allow_blank=True, default="", trim_whitespace=False)
    project_id = serializers.CharField(max_length=255, allow_blank=True, allow_null=True, default="")
    purpose = serializers.CharField(max_length=100, allow_blank=True, default="")
    tags = serializers.ListField(child=serializers.CharField(max_length=100), max_length=30, default=list)
    metadata = serializers.DictField(default=dict)
    archived = serializers.BooleanField(default=False)

    def validate_project_id(self, value: str | None) -> str:
        return value or ""

    def validate_tags(self, value: list[str]) -> list[str]:
        return list(dict.fromkeys(value))

    def validate_metadata(self, value: dict[str, Any]) -> dict[str, Any]:
        if len(orjson.dumps(value)) > LARGEST_METADATA:
            raise serializers.ValidationError(
                f"Up to {number(LARGEST_METADATA)} bytes of JSON are taken.", code="too_large"
            )
        return value


class SessionChangeSerializer(SessionSerializer):
    """Body of PATCH: any part of it."""

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for each in fields.values():
            each.required, each.default = False, serializers.empty
        return fields


class SessionShareBody(StrictSerializer):
    """Whom a session is shared with, and as what."""

    members: Any = serializers.ListSerializer(child=MemberSerializer(), max_length=200)


class OwnerJSON(serializers.Serializer[Any]):
    """Somebody, by id and name."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class SessionJSON(serializers.Serializer[Any]):
    """Session (api.md, "Sessions"); this class only describes it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    project_id = serializers.CharField(allow_null=True)
    purpose = serializers.CharField()
    user_id = serializers.UUIDField()
    owner = OwnerJSON()
    role = serializers.ChoiceField(choices=["owner", "editor", "viewer"])
    members_count = serializers.IntegerField()
    tags = serializers.ListField(child=serializers.CharField())
    is_default = serializers.BooleanField()
    archived = serializers.BooleanField()
    execution_count = serializers.IntegerField()
    total_cost = serializers.FloatField(help_text="USD")
    created_at = serializers.DateTimeField()
    last_executed = serializers.DateTimeField(allow_null=True)
    metadata = serializers.DictField()


class SessionShareJSON(serializers.Serializer[Any]):
    """Whom a session is shared with."""

    members = SharedMemberSerializer(many=True)
