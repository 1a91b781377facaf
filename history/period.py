"""`?from=&to=`: a span of time, as moments or whole days (UTC)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rest_framework import serializers

from foundation.rest.serializers import StrictSerializer


class MomentField(serializers.DateTimeField):
    """An ISO 8601 moment, or a date: its first moment, or with `is_end` the first one after it."""

    def __init__(self, *, is_end: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._is_end = is_end

    def to_internal_value(self, value: Any) -> datetime:
        try:
            day = date.fromisoformat(value) if len(value) == len("2026-01-01") else None
        except (TypeError, ValueError):
            day = None
        if day is None:
            moment: datetime = super().to_internal_value(value)
            return moment
        if day == date.max:
            self.fail("invalid", format="ISO 8601")
        return datetime.combine(day + timedelta(days=self._is_end), time(), UTC)


class PeriodQuery(StrictSerializer):
    """`from` ≤ begin of an execution < `to`; a date as `to` includes that day."""

    def get_fields(self) -> dict[str, Any]:
        # `from` cannot be a name in a class.
        told = "A moment (ISO 8601) or a date"
        return {
            "from": MomentField(required=False, help_text=f"{told}; executions from then on."),
            "to": MomentField(is_end=True, required=False, help_text=f"{told}; executions before that, or that day's."),
            **super().get_fields(),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "from" in attrs and "to" in attrs and attrs["from"] >= attrs["to"]:
            raise serializers.ValidationError({"to": ["This lies before `from`."]})
        return attrs
