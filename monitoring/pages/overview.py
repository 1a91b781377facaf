"""`/monitoring`: how the installation stands, live, for administrators."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.pages.answers import answers_problems_on_the_page, user_of
from foundation.metrics.standing import EXPECTED
from foundation.problems import Problem
from monitoring.errors.deciding import must_administer
from monitoring.live.curves import curves_of
from monitoring.live.fragment import context_of, fragment
from monitoring.live.looking import Look, look
from providers.models import Provider
from providers.registry import BUILT_IN


@never_cache
@require_GET
@answers_problems_on_the_page
def monitoring(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    must_administer(user_of(request))
    names = sorted({*BUILT_IN, *Provider.objects.values_list("slug", flat=True)})
    context = {**context_of(_seen()), "curves": curves_of(now=timezone.now()), "providers": names}
    return render(request, "monitoring/overview.html", context)


@never_cache
@require_GET
@answers_problems_on_the_page
def now(request: HttpRequest) -> HttpResponse:
    """The newest figures, for a page whose socket does not come through."""
    must_administer(user_of(request))
    try:
        return HttpResponse(async_to_sync(fragment)())
    except EXPECTED:
        raise _not_told() from None


@never_cache
@require_GET
@answers_problems_on_the_page
def curves(request: HttpRequest) -> HttpResponse:
    """The last hour's pictures."""
    must_administer(user_of(request))
    return render(request, "monitoring/_curves.html", {"curves": curves_of(now=timezone.now())})


def _seen() -> Look:
    try:
        return async_to_sync(look)()
    except EXPECTED:
        raise _not_told() from None


def _not_told() -> Problem:
    return Problem(503, "not_told", "How the installation stands could not be asked. Try again in a moment.")
