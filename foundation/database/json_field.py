"""The JSON column: what it takes can be read again, whatever JSON's readers make of numbers.

Doors of the API are behind the body gate; forms of the admin pass the same check here.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.fields import InvalidJSONInput

from foundation.json_values import check, parse
from foundation.problems import Problem
from foundation.sealing.fields import WideNumbers


class JSONField(models.JSONField):
    """A jsonb column that reads every number that jsonb writes; in migrations it is Django's own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("decoder", WideNumbers)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("decoder", None)
        return name, "django.db.models.JSONField", args, kwargs

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        try:
            check(value)
        except Problem as problem:
            raise _refusal(problem) from None

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": JSONFormField, **kwargs})


class JSONFormField(forms.JSONField):
    """JSON that was typed in: what cannot be kept is refused with its place."""

    def to_python(self, value: Any) -> Any:
        if self.disabled or value in self.empty_values or not isinstance(value, str):
            return super().to_python(value)
        try:
            return parse(value.encode())
        except Problem as problem:
            raise _refusal(problem) from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        if self.disabled or data is None:
            return super().bound_data(data, initial)
        try:
            return parse(data.encode())
        except Problem:
            return InvalidJSONInput(data)


def _refusal(problem: Problem) -> ValidationError:
    sentences = [f"{error['field']}: {error['message']}".removeprefix(": ") for error in problem.errors]
    return ValidationError(sentences or [problem.detail], code=problem.code)
