"""The list of sessions, and a new one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.pages.answers import is_htmx, refusal_of, tell, user_of
from foundation.problems import Problem
from history.pages.dialogs import form_page, go_to
from history.pages.forms import SessionForm, errors_by_field
from history.pages.presentation.listing import SessionFilter, choices, session_page
from sessions_app import lifecycle
from sessions_app.lookup import sessions
from sessions_app.projects import projects


@require_GET
@vary_on_headers("HX-Request")
def session_list(request: HttpRequest) -> HttpResponse:
    """The sessions as the address narrows them; `?page=` gives further rows alone."""
    user, wanted = user_of(request), SessionFilter.of(request.GET)
    page = request.GET.get("page", "")
    number = int(page) if page.isdecimal() and 0 < len(page) < 6 else 1
    found = wanted.narrowed(sessions(user, wanted.wanted), user)
    context: dict[str, Any] = {"wanted": wanted, "page": session_page(found, user, wanted, max(number, 1))}
    if is_htmx(request):
        part = "_rows" if number > 1 else "_found"
        return render(request, f"history/{part}.html", context)
    return render(request, "history/list.html", {**context, "choices": choices(user, wanted)})


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new session, and what it sends."""
    if request.method == "GET":
        return _form(request, SessionForm())
    form = SessionForm.from_post(request.POST)
    try:
        made = lifecycle.create(owner=user_of(request), given=form.checked(is_new=True))
    except (Problem, ValidationError) as error:
        return _form(request, form, refusal_of(error))
    tell(request, f"“{made.name[:80]}” is there. Run something in it.")
    return go_to(request, reverse("session", args=[made.id]))


def _form(request: HttpRequest, form: SessionForm, problem: Problem | None = None) -> HttpResponse:
    context = {
        "title": "New session",
        "form": form,
        "errors": errors_by_field(problem) if problem else {},
        **known_projects(request, form),
        "action": reverse("session-new"),
        "submit": "Create session",
        "back": reverse("sessions"),
    }
    return form_page(request, "_form", context, status=problem.status if problem else 200)


def known_projects(request: HttpRequest, form: SessionForm) -> dict[str, Any]:
    """The projects to choose from; without a Project Service a project is typed freely."""
    authorization = request.headers.get("Authorization", "")
    known = projects(settings.ENV.project_service_url, user_id=user_of(request).id, authorization=authorization)
    is_listed = not form.project_id or form.project_id in [each["id"] for each in known["results"]]
    return {"projects": known, "is_unlisted": not is_listed}
