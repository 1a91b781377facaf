"""The builder: what is tested, on what, how it is judged, and how much of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import refusal_of, tell, user_of
from evaluation_app.creation.bodies import MOST_VARIANTS, ComparedSerializer, ProbabilisticSerializer
from evaluation_app.creation.creating import create
from evaluation_app.creation.planning import planned_test
from evaluation_app.models import Dataset, Split
from evaluation_app.pages.beginning import begun
from evaluation_app.pages.forms import BY_EXPECTED, EXPECTED, JUDGE, TestForm, errors_by_field
from evaluation_app.pages.presentation.plan import PlanView
from foundation.problems import Problem
from foundation.rest.serializers import checked_json
from playground.engine.confirmation import estimate_of
from playground.pages.compose import beginning
from providers.catalogue.listing import models_for
from templates_app.lookup import chosen, runnable
from templates_app.pages.presentation.models import model_choice
from templates_app.rendering.placeholders import names_in

MOST_DATASETS = 200
"""That can be chosen from."""
MODEL_HINT: Final = "provider/model"
PLACES: Final = {
    "name": ("name", "Name"),
    "template_id": ("error-template_id", "Template"),
    "prompt": ("prompt", "Prompt"),
    "system_prompt": ("system_prompt", "System prompt"),
    "beside": ("error-beside", "What goes along"),
    "model_id": ("model_id", "Model"),
    "other_model_id": ("other_model_id", "Compared with"),
    "dataset_id": ("dataset_id", "Dataset"),
    "split": ("split", "Its cases"),
    "cases": ("cases", "Cases"),
    "scorer": ("scorer", "An answer passes when"),
    "threshold": ("threshold", "How alike"),
    "rubric": ("rubric", "Rubric"),
    "judge_model_id": ("judge_model_id", "Judge"),
    "runs": ("runs", "Runs a case"),
    "max_cost": ("max_cost", "May cost"),
    "max_tokens": ("max_tokens", "Longest answer"),
    "temperature": ("temperature", "Temperature"),
    "speed": ("speed", "Speed"),
    "parameters": ("parameters", "Further parameters"),
}
"""Where the page shows a field's refusal, and what it calls the field, from top to bottom."""
BODIES = {"probabilistic": ProbabilisticSerializer, "compare": ComparedSerializer}


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new test, and what it sends; what it begins with stands in the address (`beginning.begun`)."""
    user = user_of(request)
    if request.method == "GET":
        form = begun(user, request.GET.dict())
        return _page(request, user, _with_model(user, form, _template(user, form)))
    form = _sent(request, user)
    try:
        is_confirmed = request.POST.get("confirm_cost") == "true"
        test = create(user=user, asked={**_checked(form), "confirm_cost": is_confirmed})
    except (Problem, ValidationError) as error:
        return _page(request, user, form, refusal_of(error))
    tell(request, f"“{test.name[:80]}” begins. You can leave this page: it goes on, and is found under Evaluations.")
    return HttpResponseRedirect(reverse("evaluation", args=[test.id]))


@require_POST
def plan(request: HttpRequest) -> HttpResponse:
    """What the form's test would take and show, as a fragment; nothing is paid."""
    user = user_of(request)
    form = _sent(request, user)
    try:
        context: dict[str, Any] = {"plan": PlanView(planned_test(user, _checked(form)))}
    except (Problem, ValidationError) as error:
        context = {"faults": list(errors_by_field(refusal_of(error)).values())}
    return render(request, "evaluation_app/_plan.html", {**context, "fields": _fields(form, _template(user, form))})


def _sent(request: HttpRequest, user: User) -> TestForm:
    form = TestForm.from_post(request.POST)
    if template := _template(user, form):
        form.variables = frozenset(template["columns"]) - {EXPECTED}
    return form


def _checked(form: TestForm) -> dict[str, Any]:
    kind, body = form.body()
    checked: dict[str, Any] = checked_json(BODIES[kind](), body)
    return checked


def _page(request: HttpRequest, user: User, form: TestForm, problem: Problem | None = None) -> HttpResponse:
    template = _template(user, form)
    datasets = Dataset.objects.visible_to(user).in_use().order_by("-updated_at")[:MOST_DATASETS]
    errors = errors_by_field(problem) if problem else {}
    places = {
        name: place for name, place in PLACES.items() if name not in _hidden(template, has_datasets=bool(datasets))
    }
    context = {
        "form": form,
        "errors": errors,
        "estimate": estimate_of(problem),
        "told": " ".join(message for name, message in errors.items() if name not in places),
        "faulty": [place for name, place in places.items() if name in errors],
        "prompt_hint": "write {{place}} where a case's value goes",
        "model_hint": f"{own}, the template's own, when empty" if (own := _own_model(template)) else MODEL_HINT,
        "others_hint": f"optional: up to {MOST_VARIANTS - 1}, with commas",
        "columns": "\t".join(template["columns"]) if template else "place\texpected\nVienna\tAustria\nGraz\tAustria",
        "further": '{"top_p": 0.9, "seed": 7}',
        "models": [row["id"] for row in models_for(user)],
        "scorers": [*BY_EXPECTED.items(), JUDGE],
        "template": template,
        "fields": _fields(form, template),
        "datasets": datasets,
        "splits": Split.choices,
    }
    return render(request, "evaluation_app/new.html", context, status=problem.status if problem else 200)


def _own_model(template: Mapping[str, Any] | None) -> str:
    return str(template["model"]) if template else ""


def _with_model(user: User, form: TestForm, template: Mapping[str, Any] | None) -> TestForm:
    """Where nothing names a model: the one that its author begins a prompt with."""
    if form.model_id or _own_model(template):
        return form
    wanted = (template["last_model"] if template else "", *beginning.wishes(user))
    return replace(form, given={**form.given, "model_id": model_choice(user, wanted).chosen})


def _hidden(template: dict[str, Any] | None, *, has_datasets: bool) -> set[str]:
    """Fields that this page does not have."""
    without = {"prompt", "system_prompt"} if template else {"template_id"}
    return without if has_datasets else without | {"dataset_id", "split"}


def _fields(form: TestForm, template: dict[str, Any] | None) -> list[str]:
    """The variables that its cases are to fill, in the order of their first use."""
    return template["columns"][:-1] if template else names_in(form.prompt, form.system_prompt)


def _template(user: User, form: TestForm) -> dict[str, Any] | None:
    """The template that is tested, where there is one that the user may run."""
    try:
        template = runnable(user, uuid.UUID(form.template_id))
        number = int(form.version) if form.version.isdecimal() else None
        version = chosen(template, number=number, label=None)
    except (ValueError, Problem):
        return None
    names = [variable.name for variable in version.content.variables]
    return {
        "name": template.name,
        "version": version.number,
        "id": template.id,
        "columns": [*names, EXPECTED],
        "model": version.content.model_id,
        "last_model": version.last_model_id,
    }
