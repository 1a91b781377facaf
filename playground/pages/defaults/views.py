"""`/settings/playground`: the model and the parameters that one's new prompts begin with."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import is_htmx, problem_context, tell, user_of
from foundation.problems import Problem, as_problem
from playground.pages.compose import forms
from playground.pages.compose.beginning import chosen, of_person
from playground.pages.compose.forms import Compose
from playground.pages.defaults import form
from playground.pages.presentation.model import ModelView
from playground.pages.presentation.parameters import EFFORTS, FORMATS, parameter_rows
from providers.catalogue import listing


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def defaults(request: HttpRequest) -> HttpResponse:
    """The page; a POST keeps what it sends, or with `forget` nothing any more.

    The playground's own form may be sent here as well: what it holds beside model and parameters is left out. With
    `model_id` a GET shows what that model takes.
    """
    user = user_of(request)
    if request.method != "POST":
        sent = forms.from_post(request.GET.dict()) if "model_id" in request.GET else None
        return _page(request, user, sent or _kept(user))
    if "forget" in request.POST:
        form.forget(user)
        return _done(request, "New prompts begin as the models have them.")
    compose = forms.from_post(request.POST.dict())
    found = _models(user)
    try:
        form.keep(user, compose, chosen(found, compose.model_id), found)
    except (Problem, ValidationError) as error:
        return _refused(request, user, compose, cast(Problem, as_problem(error)))
    return _done(request, "Kept: new prompts begin with this model and these parameters.")


def _kept(user: User) -> Compose:
    model_id, parameters = of_person(user)
    return forms.begun_with(model_id, parameters)


def _models(user: User) -> list[ModelView]:
    return [ModelView(each) for each in listing.models_for(user)]


def _done(request: HttpRequest, words: str) -> HttpResponse:
    if is_htmx(request):
        return HttpResponse(words, content_type="text/plain; charset=utf-8")
    tell(request, words)
    return HttpResponseRedirect(reverse("playground-defaults"))


def _refused(request: HttpRequest, user: User, compose: Compose, problem: Problem) -> HttpResponse:
    if is_htmx(request):
        words = " ".join(error["message"] for error in problem.errors) or problem.detail or problem.title
        return HttpResponse(words, status=problem.status, content_type="text/plain; charset=utf-8")
    return _page(request, user, compose, problem)


def _page(request: HttpRequest, user: User, compose: Compose, problem: Problem | None = None) -> HttpResponse:
    found = _models(user)
    errors = forms.errors_by_field(problem) if problem else {}
    model = chosen(found, compose.model_id) if compose.model_id else None
    context = {
        "compose": compose,
        "model": model,
        "models": found,
        "parameters": parameter_rows(model, compose.parameters, forms.parameter_errors(errors)),
        "errors": errors,
        "has_defaults": of_person(user) != ("", {}),
        "efforts": EFFORTS,
        "formats": FORMATS,
        **problem_context(problem, errors),
    }
    return render(request, "playground/defaults.html", context, status=problem.status if problem else 200)
