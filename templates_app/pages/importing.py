"""Importing: a document is looked at, then taken in as it was shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.pages.answers import answers_problems_on_the_page, tell, user_of
from foundation.problems import Problem
from foundation.words import counted
from templates_app.exchange import importing, parsing
from templates_app.exchange.importing import Entry

BADGES: Final = {
    "create": ("completed", "new"),
    "update": ("running", "again"),
    "skip": ("cancelled", "check"),
    "conflict": ("failed", "failed"),
}


@dataclass(frozen=True)
class PlanRow:
    """What will be done with one template of the document."""

    name: str
    action: str
    reason: str
    badge: str
    icon: str


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def import_(request: HttpRequest) -> HttpResponse:
    """The form; sent once it shows what would be done, sent again it does that."""
    if request.method == "GET":
        return render(request, "templates_app/import.html")
    body = _document(request)
    text = body.decode("utf-8", "replace")
    try:
        entries = importing.plan(parsing.read(body), user=user_of(request))
        importing.carry_out(entries, user=user_of(request), is_rehearsal=request.POST.get("act") != "import")
    except Problem as problem:
        context: dict[str, Any] = {"document": text, "problem": problem}
        return render(request, "templates_app/import.html", context, status=problem.status)
    amount = sum(entry.action in ("create", "update") for entry in entries)
    if request.POST.get("act") == "import":
        tell(request, f"{counted(amount, 'template')} imported.")
        return redirect("templates")
    context = {"document": text, "plan": [_row(entry) for entry in entries], "amount": amount}
    return render(request, "templates_app/import.html", context)


def _document(request: HttpRequest) -> bytes:
    """The file, else the text."""
    sent = request.FILES.get("file")
    return sent.read() if sent else request.POST.get("document", "").encode()


def _row(entry: Entry) -> PlanRow:
    return PlanRow(entry.name, entry.action, entry.reason, *BADGES[entry.action])
