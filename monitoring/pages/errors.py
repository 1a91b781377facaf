"""`/monitoring/errors`: what breaks in the service, and one of it with its stack; for administrators."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages.answers import answers_problems_on_the_page, tell, user_of
from monitoring.errors.deciding import must_administer, mute, resolve
from monitoring.errors.reading import counted_groups, days_of, group_of, page_of
from monitoring.models import State
from monitoring.pages.curve import Curve

SIZE = 50


@never_cache
@require_GET
@answers_problems_on_the_page
def errors(request: HttpRequest) -> HttpResponse:
    """The list; `state` and `cursor` stand in the address."""
    must_administer(user_of(request))
    asked = request.GET.get("state", State.OPEN)
    state = State(asked) if asked in State.values else None
    page = page_of(state=state, since=None, cursor=request.GET.get("cursor", "")[:100], size=SIZE)
    shown = state.value if state else "all"
    context = {
        "groups": page.groups,
        "found": counted_groups(state),
        "next": page.next,
        "states": [*State.values, "all"],
        "shown": shown,
    }
    return render(request, "monitoring/errors.html", context)


@never_cache
@require_GET
@answers_problems_on_the_page
def error(request: HttpRequest, group_id: int) -> HttpResponse:
    """One group with its stack and its last days."""
    must_administer(user_of(request))
    group = group_of(group_id)
    context = {"group": group, "chart": Curve(days_of(group, now=timezone.now()))}
    return render(request, "monitoring/error.html", context)


@require_POST
@answers_problems_on_the_page
def resolution(request: HttpRequest, group_id: int) -> HttpResponse:
    """Says that it is mended."""
    resolve(group_id=group_id, by=user_of(request), at=timezone.now())
    tell(request, "The error is resolved. When it comes again, administrators are told.")
    return HttpResponseRedirect(reverse("error", args=[group_id]))


@require_POST
@answers_problems_on_the_page
def muting(request: HttpRequest, group_id: int) -> HttpResponse:
    """Says that it may go on unheard."""
    mute(group_id=group_id, by=user_of(request), at=timezone.now())
    tell(request, "The error is muted. It is counted on.")
    return HttpResponseRedirect(reverse("error", args=[group_id]))
