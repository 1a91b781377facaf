"""`/analytics/estimate`: a prompt or a template, models side by side, calls a day; sent, what they will cost."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, problem_context, user_of
from analytics.api.estimation import MOST_MODELS
from analytics.estimation.estimating import Estimate, estimate
from analytics.pages.estimator.form import FIGURES, Form, errors_of, from_address, from_post, question_in
from analytics.pages.estimator.shown import EstimateShown
from foundation.problems import Problem
from playground.pages.compose import source
from playground.pages.presentation.variables import fields_of
from providers.catalogue.listing import models_for


@never_cache
@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def estimator(request: HttpRequest) -> HttpResponse:
    """The form; sent, the estimate below it. Nothing is kept, no model is asked."""
    user = user_of(request)
    if request.method != "POST":
        return _page(request, user, from_address(request.GET, user))
    form = from_post(request.POST.dict())
    try:
        found = estimate(user, question_in(form, user), at=timezone.now())
    except Problem as problem:
        return _page(request, user, form, problem=problem)
    return _page(request, user, form, found=found)


def _page(
    request: HttpRequest, user: User, form: Form, *, found: Estimate | None = None, problem: Problem | None = None
) -> HttpResponse:
    errors = errors_of(problem) if problem else {}
    content = source.content_in(form.compose, user)
    context = {
        "form": form,
        "models_hint": f"up to {MOST_MODELS}, with commas"
        + ("; the template's own when empty" if form.compose.template_id else ""),
        "figure_fields": [
            (name, label, form.figures.get(name, ""), errors.get(name, "")) for name, label in FIGURES.items()
        ],
        "variables": fields_of(form.compose, content, errors),
        "model_ids": [row["id"] for row in models_for(user)],
        "errors": errors,
        "found": EstimateShown(found) if found else None,
        **problem_context(problem, errors),
    }
    return render(request, "analytics/estimate.html", context, status=problem.status if problem else 200)
