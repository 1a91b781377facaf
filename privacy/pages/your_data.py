"""`/settings/your-data`: a file of one's own data, one's own erasure; administrators decide erasures there."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Role, User
from accounts.pages.answers import answers_problems_on_the_page, problem_context, tell, user_of
from foundation.problems import Problem
from privacy.api.erasures import sent
from privacy.models import OPEN, Erasure, OwnData
from privacy.own_data import ordering
from privacy.pages.people import names_of

FILES: Final = 5
ENDED: Final = 20
LABELS: Final = {"person": "Person", "reason": "Why not"}


@never_cache
@require_GET
@answers_problems_on_the_page
def your_data(request: HttpRequest) -> HttpResponse:
    """The page."""
    return page(request)


@never_cache
@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def files(request: HttpRequest) -> HttpResponse:
    """The list of files alone, while one is being made; a POST orders one."""
    user = user_of(request)
    if request.method != "POST":
        return render(request, "privacy/_files.html", _files(user))
    ordering.ring(ordering.order(user=user).id)
    tell(request, "The file is being made. It is kept for 24 hours, for you alone.")
    return HttpResponseRedirect(reverse("your-data"))


@require_GET
@answers_problems_on_the_page
def file(request: HttpRequest, own_data_id: UUID) -> StreamingHttpResponse:
    """The ZIP."""
    return sent(ordering.of_user(user=user_of(request), own_data_id=own_data_id))


def page(request: HttpRequest, *, problem: Problem | None = None, **given: Any) -> HttpResponse:
    """The page, with what was refused."""
    user = user_of(request)
    errors = {error["field"]: error["message"] for error in problem.errors} if problem else {}
    context = {
        **_files(user),
        "mine": Erasure.objects.filter(subject=user.id).order_by("-requested_at").first(),
        "is_admin": user.has_role(Role.ADMIN),
        "given": given,
        "errors": errors,
        "faulty": [(name, LABELS[name]) for name in errors if name in LABELS],
        **problem_context(problem, errors),
        "told": "" if errors else problem and problem.detail,
    }
    if context["is_admin"]:
        context |= _erasures()
    return render(request, "privacy/your_data.html", context, status=problem.status if problem else 200)


def _files(user: User) -> dict[str, Any]:
    found = list(OwnData.objects.filter(user=user).order_by("-created_at")[:FILES])
    now = timezone.now()
    told = [(each, each.status == OwnData.Status.COMPLETED and each.expires_at > now) for each in found]
    return {"files": told, "is_making": any(each.status in ordering.UNFINISHED for each in found)}


def _erasures() -> dict[str, Any]:
    rows = Erasure.objects.order_by("-requested_at")
    found = [*rows.filter(status__in=OPEN), *rows.exclude(status__in=OPEN)[:ENDED]]
    names = names_of(part for each in found for part in (each.subject, each.requested_by_id))
    return {
        "erasures": [
            {
                "erasure": each,
                "name": names.get(each.subject, str(each.subject)),
                "by": names.get(each.requested_by_id, ""),
            }
            for each in found
        ]
    }
