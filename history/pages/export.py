"""A session as a file: at once, or made meanwhile and found again."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, is_htmx, refusal_of, user_of
from foundation.problems import Problem
from foundation.words import counted, number
from history.api.export import STREAMED_UP_TO, ExportQuery, visible_artifact
from history.artifacts.ordering import order, ring
from history.artifacts.representation import artifact_json
from history.export.selection import Selection
from history.models import ExportArtifact
from history.pages.dialogs import form_page
from history.pages.presentation.exporting import ArtifactView, ExportForm
from playground.models import PromptExecution
from sessions_app.lookup import copyable

LISTED = 5


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def export(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The form; what it sends begins a download, or orders a file that is too large to wait for."""
    user = user_of(request)
    found = copyable(user, session_id)
    if request.method == "GET":
        return _form(request, found, ExportForm())
    form = ExportForm.from_post(request.POST)
    try:
        count, artifact = _asked(user, found, form)
    except (Problem, ValidationError) as error:
        return _form(request, found, form, problem=refusal_of(error))
    address = f"/api/sessions/{session_id}/export?{form.query}"
    if not is_htmx(request):
        return redirect("session-export", session_id) if artifact or not count else redirect(address)
    ready = {"href": address, "summary": counted(count, "run")} if count and not artifact else None
    return _form(request, found, form, ready=ready, is_empty=not count)


def _asked(user: User, found: Any, form: ExportForm) -> tuple[int, ExportArtifact | None]:
    """How many executions are meant, and the artifact when there are too many to wait for."""
    rules = ExportQuery(data=form.given)
    rules.is_valid(raise_exception=True)
    asked = rules.validated_data
    selection = Selection(asked.get("from"), asked.get("to"), asked.get("status"))
    count = selection.of(PromptExecution.objects.filter(session=found)).count()
    if count <= STREAMED_UP_TO:
        return count, None
    artifact = order(user=user, session=found, format_name=asked["format"], selection=selection, rows=count)
    ring(artifact.id)
    return count, artifact


@require_GET
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def artifact(request: HttpRequest, session_id: UUID, artifact_id: UUID) -> HttpResponse:
    """How far a large export is; it asks again by itself until it is there."""
    user = user_of(request)
    copyable(user, session_id)
    if not is_htmx(request):
        return redirect("session-export", session_id)
    found = visible_artifact(cast(Any, request), artifact_id)
    return render(request, "history/_artifact.html", {"each": _view(found), "session_id": session_id})


def _view(found: ExportArtifact) -> ArtifactView:
    now = timezone.now()
    return ArtifactView(found, artifact_json(found, now=now), now=now)


def _form(
    request: HttpRequest,
    found: Any,
    form: ExportForm,
    *,
    problem: Problem | None = None,
    ready: dict[str, str] | None = None,
    is_empty: bool = False,
) -> HttpResponse:
    mine = ExportArtifact.objects.filter(user=user_of(request), session=found, expires_at__gt=timezone.now())
    context = {
        "title": f"Export {found.name}",
        "session_id": found.id,
        "form": form,
        "errors": {each["field"]: each["message"] for each in problem.errors} if problem else {},
        "problem": problem.detail if problem and not problem.errors else "",
        "ready": ready,
        "is_empty": is_empty,
        "artifacts": [_view(each) for each in mine.order_by("-created_at")[:LISTED]],
        "most": number(STREAMED_UP_TO),
        "back": reverse("session", args=[found.id]),
    }
    return form_page(request, "_export", context, status=problem.status if problem else 200)
