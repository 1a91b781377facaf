"""Sessions out of a file: first what they would become, then, asked once more, the sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, is_htmx, refusal_of, tell, user_of
from foundation.presentation.words import size as in_words
from foundation.problems import FieldError, Problem, invalid, not_found
from foundation.words import counted
from history.api.importing import has_many_runs
from history.importing.background.ordering import order, pieces_of
from history.importing.background.representation import import_json
from history.importing.formats.registry import AUTO, FORMATS
from history.importing.preparing import AT_ONCE, Prepared, carry_out, prepare
from history.importing.reading import LARGEST, value_of
from history.models import SessionImportArtifact
from history.pages.dialogs import form_page, go_to
from history.pages.presentation.importing import ImportView, PlannedSession

MOST_FAULTS = 12
MOST_LISTED = 500


class _IsLarge(Exception):
    """More than somebody waits for."""


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def import_bundle(request: HttpRequest) -> HttpResponse:
    """Reads a file: first what it would become, then, asked once more, the sessions."""
    if request.method == "GET":
        return _form(request)
    user, file = user_of(request), request.FILES.get("bundle")
    is_meant = request.POST.get("act") == "import"
    try:
        if file is None:
            raise invalid([FieldError("bundle", "required", "Choose a file that sessions were exported to.")])
        prepared = _prepared(user, file, request.POST.get("format") or AUTO)
        picked = prepared.only(_picked(request, prepared)) if is_meant else prepared
        if not is_meant:
            return _form(request, prepared=prepared, file_name=str(file.name))
        return _made(request, user, picked)
    except _IsLarge:
        if not is_meant:
            return _form(request, file_name=str(file.name), large=in_words(file.size or 0))  # type: ignore[union-attr]
        return _ordered(request, user, file)
    except (Problem, ValidationError) as error:
        return _form(request, problem=refusal_of(error))


@require_GET
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def progress(request: HttpRequest, artifact_id: UUID) -> HttpResponse:
    """How far a large import is, and what came of it."""
    found = SessionImportArtifact.objects.filter(user=user_of(request), id=artifact_id).first()
    if found is None:
        raise not_found("The import")
    context = {"title": "Import", "back": reverse("sessions"), "each": ImportView(found.id, import_json(found))}
    if is_htmx(request):
        return render(request, "history/_import_progress.html", context)
    return form_page(request, "_import_progress", context)


def _prepared(user: User, file: Any, format_name: str) -> Prepared:
    if format_name not in (AUTO, *FORMATS):
        raise invalid([FieldError("format", "unknown", "There is no such format.")])
    if file.size > LARGEST:
        raise Problem(413, "too_large", f"A file is taken up to {LARGEST // 2**20} MB.")
    if file.size > settings.MAX_BODY_BYTES:
        raise _IsLarge
    value = value_of(file.read())
    if has_many_runs(value):
        raise _IsLarge
    prepared = prepare(user, value, format_name=format_name)
    if prepared.executions > AT_ONCE:
        raise _IsLarge
    return prepared


def _picked(request: HttpRequest, prepared: Prepared) -> set[int]:
    """The chosen conversations; all where the page could not ask, or asks of one."""
    if "picks" not in request.POST:
        return set(range(len(prepared.plans)))
    chosen = {int(each) for each in request.POST.getlist("pick") if each.isdecimal() and len(each) < 6}
    listed = set(range(min(len(prepared.plans), MOST_LISTED)))
    if not chosen & listed:
        raise invalid([FieldError("pick", "required", "Choose what to import.")])
    return chosen & listed


def _made(request: HttpRequest, user: User, prepared: Prepared) -> HttpResponse:
    notes = [*prepared.notes, *(note for plan in prepared.plans for note in plan.notes(user))]
    sessions = carry_out(user, prepared)
    for note in notes[:MOST_FAULTS]:
        tell(request, note)
    runs = counted(prepared.executions, "run")
    if len(sessions) > 1:
        tell(request, f"{counted(len(sessions), 'session')} are imported, with {runs}.")
        return go_to(request, reverse("sessions"))
    (made,) = sessions
    where = " It is in the archive." if made.archived_at else ""
    tell(request, f"“{made.name[:80]}” is imported, with {runs}.{where}")
    return go_to(request, reverse("session", args=[made.id]))


def _ordered(request: HttpRequest, user: User, file: Any) -> HttpResponse:
    file.seek(0)
    pieces = file.chunks() if file.multiple_chunks() else pieces_of(file.read())
    try:
        made = order(user=user, pieces=pieces, size=file.size, format_name=request.POST.get("format") or AUTO)
    except Problem as problem:
        return _form(request, problem=problem)
    return go_to(request, reverse("session-import-progress", args=[made.id]))


def _form(
    request: HttpRequest,
    *,
    prepared: Prepared | None = None,
    file_name: str = "",
    large: str = "",
    problem: Problem | None = None,
) -> HttpResponse:
    user = user_of(request)
    plans = prepared.plans if prepared else []
    context = {
        "title": "Import sessions",
        "back": reverse("sessions"),
        "planned": [PlannedSession(place, plan, user) for place, plan in enumerate(plans[:MOST_LISTED])],
        "more": max(0, len(plans) - MOST_LISTED),
        "format_title": FORMATS[prepared.format_name].title if prepared else "",
        "runs": counted(prepared.executions, "run") if prepared else "",
        "notes": prepared.notes[:MOST_FAULTS] if prepared else [],
        "more_notes": max(0, len(prepared.notes) - MOST_FAULTS) if prepared else 0,
        "formats": [(AUTO, "as the file looks"), *((each.name, each.title) for each in FORMATS.values())],
        "chosen_format": request.POST.get("format") or AUTO,
        "largest": LARGEST // 2**20,
        "file_name": file_name,
        "large": large,
        "problem": problem,
        "faults": problem.errors[:MOST_FAULTS] if problem else [],
        "more_faults": max(0, len(problem.errors) - MOST_FAULTS) if problem else 0,
    }
    part = "_import_found" if is_htmx(request) and request.method == "POST" else "_import"
    response = form_page(request, part, context, status=problem.status if problem else 200)
    if is_htmx(request) and problem:
        response.headers["HX-Reswap"] = "innerHTML"
    return response
