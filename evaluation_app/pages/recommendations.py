"""A test's recommendations as its owner sees them: asked for, measured, taken over place by place."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, is_htmx, refusal_of, tell, user_of
from evaluation_app.api.recommendations import ProposeBody, found, round_of
from evaluation_app.figures.totals import variant_names
from evaluation_app.lookup import editable, governed, role_in, visible
from evaluation_app.models import EvaluationTest
from evaluation_app.pages.presentation.recommendations import RecommendationView
from evaluation_app.recommendations.accepting import accept
from evaluation_app.recommendations.proposing import cancel, propose
from evaluation_app.recommendations.representation import recommendations_json
from evaluation_app.recommendations.verifying import verify
from foundation.presentation.typed_numbers import typed_number
from foundation.problems import Problem
from foundation.rest.serializers import checked_json
from playground.engine.confirmation import estimate_of
from providers.catalogue.listing import models_for

FIELDS: Final = ("variant", "model_id", "count", "max_cost", "move_to")
BEGUN: Final = {"count": "3"}


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
@answers_problems_on_the_page
def recommendations(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """What was recommended, and the form that asks for more; `HX-Request` asks for what changes alone."""
    user = user_of(request)
    test = visible(user, test_id) if request.method == "GET" else governed(user, test_id)
    if request.method == "GET":
        return _page(request, user, test, dict(BEGUN))
    form = {name: request.POST.get(name, "").strip() for name in FIELDS}
    try:
        body = {**_body(form), "confirm_cost": _is_confirmed(request)}
        propose(user, test, checked_json(ProposeBody(), body))
    except (Problem, ValidationError) as error:
        return _page(request, user, test, form, refusal_of(error))
    return _back(test_id)


@require_POST
@answers_problems_on_the_page
def act(request: HttpRequest, test_id: UUID, recommendation_id: UUID, verb: str) -> HttpResponse:
    """Measures a recommendation (`verify`), or takes over what is ticked of it (`accept`)."""
    user = user_of(request)
    row = found(user, recommendation_id)
    try:
        if verb == "verify":
            editable(user, row.test_id)
            verify(row.test.user, row, {"confirm_cost": _is_confirmed(request)})
            told = "It is measured on the cases held out. You can leave this page."
        else:
            governed(user, row.test_id)
            version = accept(user, row, hunks=_ticked(request))
            told = f"Version {version.number} of {version.template.name} is there; its note says what was measured."
    except (Problem, ValidationError) as error:
        return _page(request, user, row.test, dict(BEGUN), refusal_of(error), of_recommendation=row.id)
    tell(request, told)
    return _back(test_id)


def _is_confirmed(request: HttpRequest) -> bool:
    return request.POST.get("confirm_cost") == "true"


def _ticked(request: HttpRequest) -> list[int] | None:
    """The places that are ticked; None where there was nothing to choose."""
    if "chosen" not in request.POST:
        return None
    return [int(each) for each in request.POST.getlist("hunk") if each.isascii() and each.isdecimal()]


@require_POST
@answers_problems_on_the_page
def stop(request: HttpRequest, test_id: UUID, round_id: UUID) -> HttpResponse:
    """Ends a round that is under way."""
    user = user_of(request)
    governed(user, round_of(user, round_id).test_id)
    async_to_sync(cancel)(user, round_id)
    return _back(test_id)


def _back(test_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("evaluation-recommendations", args=[test_id]))


def _body(form: dict[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {name: value for name, value in form.items() if value}
    return {**body, **{name: typed_number(body[name]) for name in ("count", "max_cost") if name in body}}


def _page(
    request: HttpRequest,
    user: User,
    test: EvaluationTest,
    form: dict[str, str],
    problem: Problem | None = None,
    *,
    of_recommendation: UUID | None = None,
) -> HttpResponse:
    told = recommendations_json(test)
    rows = [RecommendationView(each) for each in told["recommendations"]]
    under_way = [each for each in told["rounds"] if each["state"] == "asking"]
    errors = {error["field"]: error["message"] for error in problem.errors} if problem else {}
    elsewhere = [message for field, message in errors.items() if field not in FIELDS]
    context = {
        "test": test,
        "role": role_in(test, user),
        "rows": rows,
        "under_way": under_way,
        "troubles": [each["error"] for each in told["rounds"] if each["error"]],
        "notes": [note for each in told["rounds"] for note in each["notes"]],
        "form": form,
        "errors": errors,
        "refusal": "; ".join(elsewhere) or (problem.detail if problem and not errors else ""),
        "estimate": estimate_of(problem),
        "of_recommendation": of_recommendation,
        "variants": list(variant_names(test).values()),
        "models": [row["id"] for row in models_for(user)],
    }
    name = "_recommendations" if is_htmx(request) else "recommendations"
    return render(request, f"evaluation_app/{name}.html", context, status=problem.status if problem else 200)
