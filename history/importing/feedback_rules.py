"""What a bundle may hold of what people said: ratings, comments, votes."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from foundation.rest.serializers import StrictSerializer, TextField
from history.importing.fields import MomentField
from playground.comparing import LONGEST_NAME

MOST_SAID: Final = 1_000
"""Ratings, or comments, of one execution; votes of one comparison."""


class AuthorRules(StrictSerializer):
    """Who said it: by the id where the file comes from, and by the e-mail address anywhere."""

    id = serializers.UUIDField(required=False, allow_null=True)
    name = TextField(required=False, max_length=255, allow_blank=True, default="")
    email = serializers.CharField(required=False, max_length=254, allow_blank=True, default="")


class RatingRules(StrictSerializer):
    """One judgement of an execution."""

    author = AuthorRules(default=dict)
    value = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=5)
    thumb = serializers.ChoiceField(required=False, allow_null=True, choices=["up", "down"])
    note = TextField(required=False, allow_blank=True, default="", max_length=2_000)
    rated_at = MomentField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs.get("value") is None) == (attrs.get("thumb") is None):
            raise serializers.ValidationError({"value": ["A value from 1 to 5 or a thumb is expected: one of them."]})
        return attrs


class CommentRules(StrictSerializer):
    """One comment on an execution."""

    author = AuthorRules(default=dict)
    text = TextField(max_length=10_000)
    created_at = MomentField()
    edited_at = MomentField(required=False, allow_null=True)


class VoteRules(StrictSerializer):
    """Which of a comparison's executions somebody found best; null is a tie."""

    author = AuthorRules(default=dict)
    execution_id = serializers.UUIDField(allow_null=True)
    voted_at = MomentField()


class ComparisonRules(StrictSerializer):
    """A comparison; its executions name it."""

    id = serializers.UUIDField()
    copy_of = serializers.UUIDField(required=False, allow_null=True)
    name = TextField(required=False, max_length=LONGEST_NAME, allow_blank=True, default="")
    created_at = MomentField(required=False)
    votes: Any = serializers.ListSerializer(child=VoteRules(), required=False, max_length=MOST_SAID)
