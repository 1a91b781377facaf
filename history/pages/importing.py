"""A session out of a file: first what it would become, then, asked once more, the session."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.pages.answers import answers_problems_on_the_page, is_htmx, refusal_of, tell, user_of
from foundation.http.body_gate import parse
from foundation.problems import FieldError, Problem, invalid
from foundation.words import counted, money
from history.importing.planning import Plan, planned_for
from history.importing.writing import write
from history.pages.dialogs import form_page, go_to

MOST_FAULTS = 12


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def import_bundle(request: HttpRequest) -> HttpResponse:
    """Reads a bundle back: first what it would become, then, asked once more, the session."""
    if request.method == "GET":
        return _import_form(request)
    user, file = user_of(request), request.FILES.get("bundle")
    try:
        if file is None:
            raise invalid([FieldError("bundle", "required", "Choose a JSON file that a session was exported to.")])
        planned = planned_for(user, parse(file.read()))
    except (Problem, ValidationError) as error:
        return _import_form(request, problem=refusal_of(error))
    if request.POST.get("act") != "import":
        return _import_form(request, planned=planned, file_name=str(file.name))
    notes = planned.notes(user)
    try:
        made = write(user, planned)
    except Problem as problem:
        return _import_form(request, problem=problem)
    for note in notes[:MOST_FAULTS]:
        tell(request, note)
    tell(request, f"“{made.name[:80]}” is imported, with {counted(len(planned.executions), 'run')}.")
    return go_to(request, reverse("session", args=[made.id]))


def _import_form(
    request: HttpRequest, *, planned: Plan | None = None, file_name: str = "", problem: Problem | None = None
) -> HttpResponse:
    context = {
        "title": "Import a session",
        "back": reverse("sessions"),
        "planned": planned,
        "runs": counted(len(planned.executions), "run") if planned else "",
        "cost": money(planned.total_cost) if planned else "",
        "said": _said(planned) if planned else "",
        "files": counted(planned.taken_files, "file") if planned and planned.taken_files else "",
        "before": planned.before(user_of(request)) if planned else [],
        "notes": planned.notes(user_of(request))[:MOST_FAULTS] if planned else [],
        "file_name": file_name,
        "problem": problem,
        "faults": problem.errors[:MOST_FAULTS] if problem else [],
        "more_faults": max(0, len(problem.errors) - MOST_FAULTS) if problem else 0,
    }
    part = "_import_found" if is_htmx(request) and request.method == "POST" else "_import"
    response = form_page(request, part, context, status=problem.status if problem else 200)
    if is_htmx(request) and problem:
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _said(planned: Plan) -> str:
    ratings = sum(len(each.get("ratings", ())) for each in planned.given)
    comments = sum(len(each.get("comments", ())) for each in planned.given)
    votes = sum(len(each.votes) for each in planned.comparisons)
    told = [(ratings, "rating"), (comments, "comment"), (votes, "vote")]
    return ", ".join(counted(number, what) for number, what in told if number)
