"""Answers where no view could: problems under /api, pages in the usual frame elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from foundation.http.doors import is_for_programs
from foundation.problems import Problem
from foundation.problems import not_found as missing


def api(request: HttpRequest, rest: str) -> HttpResponse:
    """No such route under /api or /v1."""
    return missing("This address").response(request.path)


def _answer(request: HttpRequest, status: int, problem: Problem, *, reason: str = "") -> HttpResponse:
    if is_for_programs(request.path):
        return problem.response(request.path)
    context = {"request_id": getattr(request, "id", ""), "reason": reason}
    return render(request, f"{status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _answer(request, 400, Problem(400, "bad_request", "The request cannot be understood."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403; a page says why where the refusal does."""
    return _answer(request, 403, Problem(403, "forbidden", "You may not do this."), reason=str(exception))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: an unsafe call with a cookie and without its token."""
    problem = Problem(403, "csrf_failed", "The CSRF token is missing or wrong.")
    return _answer(request, 403, problem, reason="This page has grown old: reload it, and try again.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _answer(request, 404, missing())


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """500; the log has the exception under the request's id."""
    return _answer(request, 500, Problem(500, "internal_error", "The service made a mistake; it is logged."))
