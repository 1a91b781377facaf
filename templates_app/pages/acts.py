"""What only the template pages' views share."""

from __future__ import annotations

from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.pages.answers import View, answers_problems_on_the_page, is_htmx
from foundation.problems import Problem


def whole_number(text: str | None) -> int | None:
    """The number, where there is one that a version could have."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def acts_on_the_page(view: View) -> View:
    """For what a page sends by itself: asked for by address, as after signing in anew, it leads to the page."""

    @wraps(view)
    def wrapped(request: HttpRequest, template_id: UUID) -> HttpResponse:
        if request.method == "GET":
            return redirect("template", template_id)
        return view(request, template_id)

    return require_http_methods(["GET", "POST"])(answers_problems_on_the_page(wrapped))


def shows_what_a_gate_said(view: View) -> View:
    """A move that guards refuse is answered with what they found, and who else may let it pass."""

    @wraps(view)
    def wrapped(request: HttpRequest, template_id: UUID, **named: Any) -> HttpResponse:
        try:
            return view(request, template_id, **named)
        except Problem as problem:
            if is_htmx(request) or "results" not in problem.extra:
                raise
            context = {"problem": problem, "template_id": template_id}
            return render(request, "templates_app/label_refused.html", context, status=problem.status)

    return wrapped
