"""Where a page tells of a request that came too soon: in its answer's place, where the layer of the page says how."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from accounts.models import User
from accounts.pages.answers import is_htmx, problem_page, user_of
from foundation.problems import Problem

Answer = Callable[[HttpRequest, User, Problem], HttpResponse]
_ANSWERS: dict[str, Answer] = {}


def tell_at(url_name: str, answer: Answer) -> None:
    """Has what htmx posts to the door of this name, and came too soon, answered so."""
    _ANSWERS[url_name] = answer


def page_of(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The refusal where its page has a place for it; else as every problem is told."""
    answer = _ANSWERS.get(_url_name(request)) if request.method == "POST" and is_htmx(request) else None
    return answer(request, user_of(request), problem) if answer else problem_page(request, problem)


def _url_name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""
