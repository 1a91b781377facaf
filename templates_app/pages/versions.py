"""Versions: what changed from one to another, restoring, and the labels that point at them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.pages.answers import answers_problems_on_the_page, is_htmx, tell, user_of
from foundation.problems import FieldError, invalid
from templates_app.lookup import visible
from templates_app.pages.acts import shows_what_a_gate_said, whole_number
from templates_app.pages.presentation.protection import decided_of
from templates_app.pages.presentation.versions import VersionsPage, moves_of
from templates_app.versions import labels, lifecycle


@require_GET
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def versions(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """The list, and the difference between the two that are picked (`?from=&to=`); to htmx the difference alone."""
    template = visible(user_of(request), template_id)
    wanted = [whole_number(request.GET.get(name)) for name in ("from", "to")]
    page = VersionsPage.of(template, user_of(request), *wanted, older=whole_number(request.GET.get("before")))
    part = "_difference" if is_htmx(request) else "versions"
    return render(request, f"templates_app/{part}.html", {"page": page, "template": template})


@require_POST
@answers_problems_on_the_page
def restore(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Saves an earlier version's content as a new version."""
    number = _version(request)
    made = lifecycle.restore(user=user_of(request), template_id=template_id, number=number, note="")
    tell(request, f"Version {number} is back, as version {made.version.number}.")
    return redirect("template-versions", template_id)


@require_POST
@answers_problems_on_the_page
@shows_what_a_gate_said
def move_label(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Points a label, new or known, at a version."""
    user, label = user_of(request), request.POST.get("label", "").strip()
    moved = labels.move(user=user, template_id=template_id, label=label, number=_version(request))
    number, before = _version(request), moved.previous.number if moved.previous else None
    if before == number:
        tell(request, f"“{label}” points at version {number} already.")
    else:
        tell(request, f"“{label}” points at version {number}{f' instead of version {before}' if before else ''}.")
    return redirect("template-versions", template_id)


@require_POST
@answers_problems_on_the_page
@shows_what_a_gate_said
def roll_back(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Points a label where it was before."""
    moved = labels.roll_back(user=user_of(request), template_id=template_id, label=request.POST.get("label", ""))
    number = moved.version.number if moved.version else 0
    tell(request, f"“{moved.name}” points at version {number} again.")
    return redirect("template-versions", template_id)


@require_POST
@answers_problems_on_the_page
def remove_label(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Takes a label away; its history stays."""
    label = request.POST.get("label", "")
    labels.remove(user=user_of(request), template_id=template_id, label=label)
    tell(request, f"The label “{label[:50]}” is gone; its history stays.")
    return redirect("template-versions", template_id)


@require_GET
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def label_history(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Every move of one label, newest first, and what was asked of it without one."""
    template = visible(user_of(request), template_id)
    label = request.GET.get("label", "")
    context = {
        "template": template,
        "label": label,
        "moves": moves_of(template, label),
        "decided": decided_of(template, label),
    }
    part = "_label_history" if is_htmx(request) else "label_history"
    return render(request, f"templates_app/{part}.html", context)


def _version(request: HttpRequest) -> int:
    number = whole_number(request.POST.get("version"))
    if not number:
        raise invalid([FieldError("version", "required", "Which version? A whole number is expected.")])
    return number
