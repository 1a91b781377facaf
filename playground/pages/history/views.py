"""The history of a session, and the difference of any two of its runs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from accounts.pages.answers import is_htmx, user_of
from foundation.rest.cursor import Cursor
from foundation.search.counting import counted_rows, counted_searched
from foundation.search.matching import Sought
from playground.models import ExecutionQuerySet, PromptExecution
from playground.models.searching import searched
from playground.pages.history.difference import Difference
from playground.pages.history.entries import entries_of, newest_turns
from playground.pages.presentation.execution import ExecutionView
from playground.pages.presentation.history import HistoryFilter
from sessions_app.models import PlaygroundSession

PAGE = 30


@require_GET
@vary_on_headers("HX-Request", "HX-Target")
def history(request: HttpRequest) -> HttpResponse:
    """Runs of the session, newest first, by text, status and model; `?before=` is the last run of the page above."""
    user, wanted = user_of(request), HistoryFilter.of(request.GET)
    runs = _runs_of(user, request.GET.get("session"))
    before = request.GET.get("before")
    rows, older, opened = _page(user, wanted, runs, before)
    session_id = request.GET.get("session", "")
    context: dict[str, Any] = {
        "entries": entries_of(rows),
        "older": older,
        "searched": opened,
        "filter": wanted,
        "session_id": session_id,
        "all_runs": f"{reverse('history')}?{urlencode({'session': session_id})}" if session_id else reverse("history"),
        "is_page": not is_htmx(request),
        "is_empty": not rows and not wanted.is_set and not before,
    }
    if before and is_htmx(request):
        return render(request, "playground/_history_rows.html", context)
    if not context["is_empty"]:
        context["found"] = _found(wanted, runs, rows, opened=opened, is_first=not before, is_last=older is None)
    if is_htmx(request) and request.headers.get("HX-Target") == "history-found":
        return render(request, "playground/_history_rows.html", context)
    part = "_history" if is_htmx(request) else "history"
    return render(request, f"playground/{part}.html", {**context, "models": wanted.models(runs)})


@require_GET
def difference(request: HttpRequest) -> HttpResponse:
    """Two runs (`?run=` twice) side by side; 400 where it is not two."""
    ids = list(dict.fromkeys(request.GET.getlist("run")))
    back = request.GET.get("session", "")
    if len(ids) != 2:
        context = {"chosen": len(ids), "session_id": back}
        return render(request, "playground/difference.html", context, status=400)
    one, other = (ExecutionView(_execution(user_of(request), each)) for each in ids)
    context = {"difference": Difference(one, other), "session_id": back or one.execution.session_id}
    return render(request, "playground/difference.html", context)


def _found(
    wanted: HistoryFilter, runs: ExecutionQuerySet, rows: list[PromptExecution], *, opened: int, **place: bool
) -> str:
    """How many runs the filter finds, turns and answers that stand in one entry included."""
    if wanted.search:
        return counted_searched(len(rows), "run", opened=opened, **place)
    return counted_rows(wanted.applied(runs), "run")


def _page(
    user: User, wanted: HistoryFilter, runs: ExecutionQuerySet, before: str | None
) -> tuple[list[PromptExecution], UUID | None, int]:
    """Rows, the last one where more may lie beyond, and how many were opened to search in them."""
    last = _execution(user, before) if before else None
    found = wanted.applied(runs) if wanted.is_set else newest_turns(runs)
    if sought := Sought(wanted.search):
        page, opened = searched(found, Cursor(last.created_at, last.id) if last else None, PAGE, sought)
        return page.rows, page.next.id if page.next else None, opened
    if last:
        found = found.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.id))
    rows = list(found[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None, 0


def _runs_of(user: User, session: str | None) -> ExecutionQuerySet:
    session_id = _uuid(session) or PlaygroundSession.objects.default_of(user).id
    return PromptExecution.objects.visible_to(user).filter(session_id=session_id).order_by("-created_at", "-id")


def _execution(user: User, identifier: str) -> PromptExecution:
    wanted = _uuid(identifier)
    found = PromptExecution.objects.visible_to(user).filter(id=wanted).first() if wanted else None
    if found is None:
        raise Http404
    return found


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Http404 from error
