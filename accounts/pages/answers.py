"""What the views of pages share: who asks, how, and what becomes of a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from rest_framework.exceptions import ValidationError

from accounts.models import User
from foundation.problems import Problem, as_problem

View = Callable[..., HttpResponse]
Response = TypeVar("Response", bound=HttpResponseBase)


def user_of(request: HttpRequest) -> User:
    """Who asks."""
    return cast(User, request.user)


def is_htmx(request: HttpRequest) -> bool:
    """Whether a part of the page is asked for."""
    return bool(getattr(request, "htmx", False))


def tell(request: HttpRequest, sentence: str, *, undo: str = "") -> None:
    """Says something on the next page; `undo` is the address that takes it back."""
    messages.success(request, sentence, extra_tags=undo)


def refusal_of(error: Problem | ValidationError) -> Problem:
    """The problem, whichever way it was raised."""
    return cast(Problem, as_problem(error))


def answers_problems_on_the_page(view: Callable[..., Response]) -> Callable[..., Response | HttpResponse]:
    """Problems become the usual error pages; to htmx they are a sentence, which a toast shows."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Response | HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (Problem, ValidationError) as error:
            return problem_page(request, refusal_of(error))

    return wrapped


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as a page, or as a sentence for htmx; Http404 and PermissionDenied have pages of their own."""
    if is_htmx(request):
        sentence = problem.errors[0]["message"] if problem.errors else problem.detail or problem.title
        return HttpResponse(sentence, status=problem.status, content_type="text/plain")
    if problem.status == 404:
        raise Http404 from problem
    if problem.status == 403:
        raise PermissionDenied(problem.detail) from problem
    context = {"problem": problem, "request_id": getattr(request, "id", "")}
    return render(request, "refused.html", context, status=problem.status)


def problem_context(problem: Problem | None, errors: Mapping[str, str]) -> dict[str, Any]:
    """A form's refusal, shown once: at its fields when it has any; `told` is what no field of the page can show."""
    at_fields = bool(errors) and "" not in errors
    told = errors.get("") or ("" if at_fields or not problem else problem.detail or problem.title)
    return {"problem": problem, "told": told, "is_told_at_fields": at_fields}
