"""`/providers`: how every provider does, what it takes, and its models; administrators test and change them."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Role, User
from accounts.pages.answers import answers_problems_on_the_page, is_htmx, tell, user_of
from foundation.problems import Problem
from playground.pages.presentation.model import ModelView
from playground.pages.presentation.provider import ProviderView
from providers.catalogue import listing, probe
from providers.models import Provider


@never_cache
@require_GET
def providers(request: HttpRequest) -> HttpResponse:
    """The page."""
    user = user_of(request)
    return render(request, "playground/providers.html", {"providers": _views(user)} | _may(user))


@require_POST
@answers_problems_on_the_page
def test(request: HttpRequest, slug: str) -> HttpResponse:
    """Asks the provider for its listing now, and tells what came."""
    user = user_of(request)
    if not user.has_role(Role.ADMIN):
        raise Problem(403, "forbidden", "Providers are tested by administrators.")
    found = next((each for each in _views(user) if each.slug == slug), None)
    if found is None or not found.can_be_tested:
        raise Http404
    probe.probe_all(settings.REDIS_URL, only=slug)
    (tested,) = (each for each in _views(user) if each.slug == slug)
    if is_htmx(request):
        return render(request, "playground/_provider.html", {"provider": tested, "was_tested": True} | _may(user))
    tell(request, f"{tested.name}: {tested.state[1].lower()}. {tested.trouble}".strip())
    return HttpResponseRedirect(reverse("providers"))


def _may(user: User) -> dict[str, bool]:
    """What the page offers somebody: the test and the history, and the way to change one."""
    is_admin = user.has_role(Role.ADMIN)
    return {"is_admin": is_admin, "can_edit": is_admin and user.is_staff}


def _views(user: object) -> list[ProviderView]:
    """What works first, then what has trouble, then what is not set up; by name."""
    statuses = async_to_sync(listing.provider_statuses)()
    entries = listing.providers()
    rows = {row.slug: row for row in Provider.objects.all()}
    in_use = async_to_sync(listing.places_in_use)(list(entries))
    models: dict[str, list[ModelView]] = {}
    for each in listing.models_for(user):
        models.setdefault(each["provider"], []).append(ModelView(each))
    found = [
        ProviderView(
            status, entries.get(slug), rows.get(slug),
            sorted(models.get(slug, []), key=lambda model: (not model.is_available, model.name.lower())),
            in_use.get(slug, 0),
        )
        for status in statuses for slug in (status["provider"],)
    ]  # fmt: skip
    return sorted(found, key=lambda view: (view.entry is None, not view.usable, view.name.lower()))
