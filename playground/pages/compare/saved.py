"""Comparisons that were run: their list, their names, and who voted for what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.pages.answers import answers_problems_on_the_page, tell, user_of
from foundation.presentation.palette import Found, rank
from foundation.words import age, counted
from playground import comparing
from playground.models import Comparison, PromptExecution
from playground.pages.compare.context import seen, uuid_of

PAGE: Final = 30
IN_THE_PALETTE: Final = 50
"""The newest, whose names are opened to be looked through."""
BEGINNING: Final = 120
"""Characters of a prompt."""


@dataclass(frozen=True)
class SavedComparison:
    """One line of the list."""

    comparison: Comparison
    asked: str
    models: list[str]
    votes: str

    @property
    def age(self) -> str:
        """How long ago it was run."""
        return age(self.comparison.created_at)


def listed(request: HttpRequest) -> HttpResponse:
    """Comparisons that the user may see, the newest first; `?before=` is the last one of the page above."""
    user = user_of(request)
    found = Comparison.objects.visible_to(user).select_related("session", "user").order_by("-created_at", "-id")
    if before := request.GET.get("before", ""):
        last = seen(user, uuid_of(before))
        found = found.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.id))
    rows = list(found.annotate(votes_count=Count("votes"))[: PAGE + 1])
    older = rows[PAGE - 1].id if len(rows) > PAGE else None
    context = {"rows": list(_lines(rows[:PAGE])), "older": older, "is_first": not before}
    return render(request, "playground/compare/saved.html", context)


def _lines(rows: list[Any]) -> Iterator[SavedComparison]:
    runs: dict[UUID, list[PromptExecution]] = {}
    found = PromptExecution.objects.filter(comparison__in=[row.id for row in rows])
    for run in found.order_by("comparison_position"):
        if run.comparison_id:
            runs.setdefault(run.comparison_id, []).append(run)
    for row in rows:
        of_it = runs.get(row.id, [])
        asked = str(((of_it[0].request or {}) if of_it else {}).get("prompt") or "")
        models = list(dict.fromkeys(run.model_id for run in of_it))
        votes = counted(row.votes_count, "vote") if row.votes_count else ""
        yield SavedComparison(row, " ".join(asked.split())[:BEGINNING], models, votes)


@require_POST
@answers_problems_on_the_page
def name(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """Takes the name; an empty one takes it away."""
    wanted = request.POST.get("name", "")
    user = user_of(request)
    before = comparing.seen(user, comparison_id).name
    named = comparing.rename(user=user, comparison_id=comparison_id, name=wanted)
    if named.name:
        tell(request, f"Kept as “{named.name}”.")
    else:
        tell(request, "The name is taken away." if before else "It has no name still: type one to keep it by.")
    return HttpResponseRedirect(reverse("comparison", args=[comparison_id]))


def found(user: Any, words: str) -> Iterator[Found]:
    """Comparisons in the palette, by their names."""
    if not words:
        return
    visible = Comparison.objects.visible_to(user).exclude(name=None)
    for each in visible.order_by("-created_at", "-id")[:IN_THE_PALETTE]:
        if rank(each.title, words) is not None:
            yield Found("Comparisons", each.title, reverse("comparison", args=[each.id]), age(each.created_at))
