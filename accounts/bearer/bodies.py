"""What may be sent to make an API token, by the API and by the page."""

from __future__ import annotations

from typing import Final

from rest_framework import serializers

from accounts.bearer.scopes import Scope
from foundation.rest.serializers import StrictSerializer

DEFAULT_DAYS: Final = 90
MOST_DAYS: Final = 366


class NewTokenSerializer(StrictSerializer):
    """What an API token is to be."""

    name = serializers.CharField(max_length=100, help_text="What uses it: so that one knows later what to revoke.")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices), min_length=1, max_length=len(Scope))
    expires_in_days = serializers.IntegerField(
        min_value=1, max_value=MOST_DAYS, default=DEFAULT_DAYS, allow_null=True, help_text="null: it does not expire."
    )
