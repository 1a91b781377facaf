"""The form of one's defaults: what it sends, checked against what the model takes, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from accounts.models import User
from foundation.problems import FieldError, invalid
from foundation.rest.serializers import StrictSerializer
from playground.models import PlaygroundDefaults
from playground.pages.compose import forms
from playground.pages.compose.beginning import is_gone
from playground.pages.compose.forms import Compose
from playground.pages.presentation.model import ModelView
from playground.pages.presentation.parameters import ParameterRow, parameter_rows
from templates_app.parameters import ParametersSerializer


class _Body(StrictSerializer):
    model_id = serializers.CharField(max_length=255, allow_blank=True)
    parameters = ParametersSerializer()


def keep(user: User, compose: Compose, model: ModelView | None, found: list[ModelView]) -> None:
    """Takes the form's model and parameters for this user's; raises Problem and ValidationError at the fields."""
    body = forms.body_from(Compose(model_id=compose.model_id, parameters=compose.parameters, schema=compose.schema))
    checked = _Body().run_validation({"model_id": compose.model_id, "parameters": body["parameters"]})
    if faults := [*_not_taken(compose, model, found)]:
        raise invalid(faults)
    kept: dict[str, Any] = {"model_id": checked["model_id"], "parameters": checked["parameters"]}
    PlaygroundDefaults.objects.update_or_create(user=user, defaults={**kept, "changed_at": timezone.now()})


def forget(user: User) -> None:
    """From now on as the models have them, on the model that was chosen last."""
    PlaygroundDefaults.objects.filter(user=user).delete()


def _not_taken(compose: Compose, model: ModelView | None, found: list[ModelView]) -> Iterator[FieldError]:
    if compose.model_id and is_gone(compose.model_id, found):
        yield FieldError("model_id", "unknown", "There is no such model here.")
        return
    if not compose.model_id or model is None:
        return
    for row in parameter_rows(model, compose.parameters):
        if row.is_set and (reason := _refusal(row)):
            yield FieldError(row.key, "not_taken", reason)


def _refusal(row: ParameterRow) -> str:
    """Why the model does not take what the row holds; "" where it does."""
    if not row.is_taken:
        return f"{row.label}: {row.beside or row.reason}."
    if not row.is_number:
        return ""
    value = float(row.value)
    if row.minimum is not None and value < row.minimum:
        return f"{row.label} is at least {row.minimum} for this model."
    if row.maximum is not None and value > row.maximum:
        return f"{row.label} is at most {row.maximum} for this model."
    return ""
