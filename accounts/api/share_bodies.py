"""What may be sent to the doors that share things."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.sharing import MemberRole
from foundation.rest.serializers import StrictSerializer


class MemberSerializer(StrictSerializer):
    """Somebody to share with: one of user_id, email and team_id."""

    user_id = serializers.UUIDField(required=False)
    email = serializers.CharField(required=False, max_length=254, help_text="E-mail address, or user name.")
    team_id = serializers.UUIDField(required=False)
    role = serializers.ChoiceField(choices=MemberRole.choices, default=MemberRole.VIEWER)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in ("user_id", "email", "team_id")) != 1:
            raise serializers.ValidationError("One of user_id, email and team_id is expected.", code="subject")
        return attrs


class SharedMemberSerializer(serializers.Serializer[Any]):
    """Somebody whom a thing is shared with."""

    user_id = serializers.UUIDField(allow_null=True)
    team_id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    role = serializers.ChoiceField(choices=MemberRole.choices)
