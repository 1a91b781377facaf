"""The form of the estimator: what is to be called, as the playground's form holds it, by which models and how often."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from rest_framework import serializers

from accounts.models import User
from analytics.api.estimation import MOST_MODELS, CostEstimationBody, question_of
from analytics.estimation.estimating import MINIMUM_RATE, Question
from foundation import json_values
from foundation.presentation.typed_numbers import typed_number
from foundation.problems import FieldError, Problem, field_errors, invalid
from foundation.rest.serializers import checked_json
from playground.pages.compose import beginning, forms, source
from playground.pages.compose.forms import Compose
from templates_app.pages.presentation.models import model_choice

MODELS: Final = "models"
"""The field of them, with commas between."""
ONE_MODEL: Final = re.compile(r"[^,\s]+")
PERCENT: Final = "minimum_percent"
FIGURES: Final = {
    "calls_per_day": "Calls a day",
    "output_tokens": "Tokens of an answer, if known",
    PERCENT: "Passed runs at least, %",
}


@dataclass(frozen=True)
class Form:
    """As typed, or as an address names it."""

    compose: Compose
    models: list[str]
    figures: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown_models(self) -> str:
        """What stands in their field."""
        return ", ".join(self.models)


def from_address(query: QueryDict, user: User) -> Form:
    """What a link asks for: a template with its version or label, models, calls a day. Raises Http404.

    Where it names none, one's own text begins with the model that its author begins a prompt with.
    """
    if query.get("template"):
        compose = source.compose_of(query, user)
        own = compose.model_id
    else:
        compose = Compose()
        own = model_choice(user, beginning.wishes(user)).chosen
    models = query.getlist("model") or list(filter(None, [own]))
    figures = {name: query.get(name, "").strip() for name in FIGURES}
    return Form(compose, models[:MOST_MODELS], {**figures, PERCENT: figures[PERCENT] or f"{100 * MINIMUM_RATE:g}"})


def from_post(data: Mapping[str, str]) -> Form:
    """The form as it was sent."""
    models = ONE_MODEL.findall(data.get(MODELS, ""))
    figures = {name: data.get(name, "").strip() for name in FIGURES}
    return Form(forms.from_post(data), models, figures)


def question_in(form: Form, user: User) -> Question:
    """What the form asks, checked. Raises Problem (400, 404), whose fields are the form's."""
    body = forms.body_from(form.compose, source.content_in(form.compose, user))
    body = {
        name: body[name] for name in ("prompt", "system_prompt", "template_id", "version", "variables") if name in body
    }
    if not form.models and "template_id" not in body:
        raise invalid([FieldError(MODELS, "required", "Name at least one model.")])
    asked: dict[str, Any] = {**body, **({"models": form.models} if form.models else {})}
    for name, typed in form.figures.items():
        if typed and name != PERCENT:
            asked[name] = typed_number(typed)
    if percent := form.figures.get(PERCENT):
        asked["quality"] = {"minimum_rate": _share(percent)}
    json_values.check(asked)
    try:
        return question_of(checked_json(CostEstimationBody(), asked))
    except serializers.ValidationError as error:
        raise invalid(field_errors(error.detail)) from error


def _share(percent: str) -> float:
    share = typed_number(percent)
    if isinstance(share, str) or not 0 <= share <= 100:
        raise invalid([FieldError(PERCENT, "invalid", "A percentage, from 0 to 100.")])
    return share / 100


def errors_of(problem: Problem) -> dict[str, str]:
    """The refusal's messages by the fields of this form; what stands at none of them is told above it."""
    found: dict[str, str] = {}
    known = {MODELS, *FIGURES, "prompt", "system_prompt"}
    for error in problem.errors:
        place = str(error["field"])
        place = MODELS if place == "model_id" or place.partition(".")[0] == MODELS else place
        place = place if place in known or place.startswith(forms.VARIABLE) else ""
        found[place] = f"{found[place]} {error['message']}" if place in found else str(error["message"])
    return found
