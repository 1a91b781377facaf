"""Values of a bundle, as fields: numbers, moments and metadata that a file may hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from django.utils import timezone
from rest_framework import serializers

from foundation.words import number

LARGEST_METADATA: Final = 32 * 1024
LONGEST_RUN: Final = 10**8
"""Seconds."""
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
NOTES: Final[dict[str, tuple[type, ...]]] = {
    "time_to_first_token": (int, float),
    "answer_time": (int, float),
    "attempts": (int,),
    "cached": (bool,),
    "price_known": (bool,),
    "provider": (str,),
    "finish_reason": (str,),
    "request_id": (str,),
    "usage_source": (str,),
    "usage_estimated": (list,),
    "service_tier": (str,),
    "priced_above_tokens": (int,),
    "provider_finish_reason": (str,),
    "answered_model": (str,),
    "fallback_from": (str,),
    "replay_of": (str,),
    "schema_valid": (bool,),
    "schema_error": (dict,),
    "late_error": (dict,),
    "dropped_parameters": (list,),
    "dropped_reasons": (dict,),
    "tags": (list,),
}
"""What pages and analytics read of an execution's metadata, and as what."""


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_noted(name: str, value: Any) -> bool:
    if value is None or name not in NOTES:
        return True
    if isinstance(value, list):
        return list in NOTES[name] and all(isinstance(each, str) for each in value)
    if _is_number(value):
        return type(value) in NOTES[name] and 0 <= value <= LONGEST_RUN
    return isinstance(value, NOTES[name]) and not (isinstance(value, bool) and bool not in NOTES[name])


class NumberField(serializers.FloatField):
    """A number that is written as one: the text "NaN" passes every comparison."""

    def to_internal_value(self, data: Any) -> float:
        if not _is_number(data):
            self.fail("invalid")
        return super().to_internal_value(data)


class NotesField(serializers.DictField):
    """Metadata: what we write ourselves has its type, the rest is the user's own."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        notes: dict[str, Any] = super().to_internal_value(data)
        odd = [name for name, value in notes.items() if not _as_noted(name, value)]
        if odd:
            raise serializers.ValidationError({name: ["This is not what is kept under that name."] for name in odd})
        if len(orjson.dumps(notes)) > LARGEST_METADATA:
            raise serializers.ValidationError(
                f"Up to {number(LARGEST_METADATA)} bytes of JSON are taken.", code="too_large"
            )
        return notes


class MomentField(serializers.DateTimeField):
    """A time that something has happened at."""

    def to_internal_value(self, value: Any) -> datetime:
        moment: datetime = super().to_internal_value(value)
        if not EARLIEST <= moment <= timezone.now() + timedelta(days=1):
            raise serializers.ValidationError("A time from 1970 until now is expected.", code="out_of_range")
        return moment
