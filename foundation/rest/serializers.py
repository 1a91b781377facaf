"""Serializers that refuse what they do not know, JSON of another type than a field's, and text as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.validators import MaxValueValidator, MinValueValidator
from rest_framework import serializers

from foundation.presentation.typed_numbers import typed_number

LONGEST_TEXT: Final = 1_000_000
"""Characters."""
MOST_CHOICES: Final = 12
"""So many are listed to whoever chose none of them."""


class StrictSerializer(serializers.Serializer[Any]):
    """Names every field of the body that it does not have."""

    shorthand: dict[str, Any] | None = None
    """The JSON Schema of what may stand in the object's place."""

    def get_fields(self) -> dict[str, Any]:
        """Those declared; what is out of bounds or no choice is told with what there is to choose from."""
        found = super().get_fields()
        for field in found.values():
            _tell_range(field)
        return found

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = data.keys() - self.fields.keys()
            if unknown:
                message = serializers.ErrorDetail("There is no such field.", code="unknown")
                raise serializers.ValidationError({name: [message] for name in sorted(unknown)})
        return super().to_internal_value(data)


def _tell_range(field: Any) -> None:
    # In the frameworks' manner: foundation.rest.sentences tells it anew, with the field's name.
    if isinstance(child := getattr(field, "child", None), serializers.Field):
        _tell_range(child)
    low, high = getattr(field, "min_value", None), getattr(field, "max_value", None)
    if low is not None and high is not None:
        for validator in field.validators:
            if isinstance(validator, (MinValueValidator, MaxValueValidator)):
                validator.message = f"Ensure this value is between {low} and {high}."
    if isinstance(field, serializers.ChoiceField) and len(field.choices) <= MOST_CHOICES:
        choices = ", ".join(str(choice) for choice in field.choices).replace("{", "{{").replace("}", "}}")
        field.error_messages["invalid_choice"] = f'"{{input}}" is not a valid choice of {choices}.'


class TextField(serializers.CharField):
    """Text as it is: not trimmed, up to `LONGEST_TEXT` characters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_TEXT)
        super().__init__(trim_whitespace=False, **kwargs)


_JSON_TYPES: Final[tuple[tuple[tuple[type, ...], tuple[type, ...], str], ...]] = (
    ((serializers.BooleanField,), (bool,), "true or false"),
    ((serializers.IntegerField, serializers.FloatField, serializers.DecimalField), (int, float), "a number"),
    ((serializers.CharField, serializers.UUIDField, serializers.DateTimeField), (str,), "text"),
)


def checked_json(rules: serializers.BaseSerializer[Any], data: Any) -> Any:
    """The checked value; a validation error names each fault, and each value whose JSON type is not its field's.

    Fields by themselves read `0` as text and as false, and `"5"` as a number: right for addresses and forms, whose
    values are all text; in JSON it would keep something else than what was meant.
    """
    misfits = _misfits(rules, data) or {}
    try:
        value = rules.run_validation(data)
    except serializers.ValidationError as error:
        raise serializers.ValidationError(_merged(error.detail, misfits)) from None
    if misfits:
        raise serializers.ValidationError(misfits)
    return value


def _merged(detail: Any, misfits: Any) -> Any:
    """Both; where both speak of one value, the misfit is its fault."""
    if not misfits:
        return detail
    if isinstance(detail, list) and any(isinstance(each, Mapping) for each in detail):
        detail = dict(enumerate(detail))
    if not isinstance(detail, Mapping) or not isinstance(misfits, Mapping):
        return misfits
    return {name: _merged(detail.get(name), misfits.get(name)) for name in {**detail, **misfits}}


def _misfits(field: Any, value: Any) -> Any:
    """What is wrong below here, in the shape of a validation error's detail; None for nothing."""
    if isinstance(field, serializers.Serializer):
        inside = field.fields.items() if isinstance(value, Mapping) else ()
        return _gathered((name, inner, value[name]) for name, inner in inside if name in value)
    child = getattr(field, "child", None)
    if child is not None:
        items: Any = enumerate(value) if isinstance(value, list) else ()
        items = value.items() if isinstance(value, Mapping) and isinstance(field, serializers.DictField) else items
        return _gathered((key, child, inner) for key, inner in items)
    for kinds, types, expected in _JSON_TYPES:
        if isinstance(field, kinds) and value is not None:
            if isinstance(value, str) and isinstance(typed_number(value), str) and int in types:
                return None  # no number in any writing: the field itself says so
            fits = isinstance(value, types) and (bool in types or not isinstance(value, bool))
            return None if fits else [serializers.ErrorDetail(f"In JSON, {expected} is expected here.", code="type")]
    return None


def _gathered(parts: Iterable[tuple[Any, Any, Any]]) -> dict[Any, Any] | None:
    found = ((name, _misfits(field, value)) for name, field, value in parts)
    return {name: misfits for name, misfits in found if misfits} or None
