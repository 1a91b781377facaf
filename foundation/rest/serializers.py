"""Serializers that refuse what they do not know, and text as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rest_framework import serializers

LONGEST_TEXT: Final = 1_000_000
"""Characters."""


class StrictSerializer(serializers.Serializer[Any]):
    """Names every field of the body that it does not have."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = data.keys() - self.fields.keys()
            if unknown:
                message = serializers.ErrorDetail("There is no such field.", code="unknown")
                raise serializers.ValidationError({name: [message] for name in sorted(unknown)})
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """Text as it is: not trimmed, up to `LONGEST_TEXT` characters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_TEXT)
        super().__init__(trim_whitespace=False, **kwargs)
