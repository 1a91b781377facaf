"""What the session pages' views share: who asks, how, and what becomes of a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from rest_framework.exceptions import ValidationError

from accounts.models import User
from foundation.problems import Problem, as_problem

View = Callable[..., HttpResponse]


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


def told_on_the_page(view: View) -> View:
    """Problems become the usual error pages; to htmx they are a sentence, which a toast shows."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (Problem, ValidationError) as error:
            return _told(request, refusal_of(error))

    return wrapped


def _told(request: HttpRequest, problem: Problem) -> HttpResponse:
    if is_htmx(request):
        sentence = problem.errors[0]["message"] if problem.errors else problem.detail or problem.title
        return HttpResponse(sentence, status=problem.status, content_type="text/plain")
    if problem.status == 404:
        raise Http404 from problem
    if problem.status == 403:
        raise PermissionDenied from problem
    context = {"problem": problem, "request_id": getattr(request, "id", "")}
    return render(request, "sessions_app/refused.html", context, status=problem.status)


def form_page(request: HttpRequest, part: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """A form: alone for the dialog that shows it, else within a page of its own; a refused one takes its own place."""
    if not is_htmx(request):
        return render(
            request, "sessions_app/form.html", {**context, "part": f"sessions_app/{part}.html"}, status=status
        )
    html = loader.render_to_string(f"sessions_app/{part}.html", dict(context), request)
    headers = {} if status < 400 else {"HX-Reswap": "outerHTML"}
    return HttpResponse(html, status=status, headers=headers)


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """Leads the whole window to `address`, also when only a part of the page was asked for."""
    return HttpResponse(headers={"HX-Redirect": address}) if is_htmx(request) else redirect(address)
