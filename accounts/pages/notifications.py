"""`/notifications` and the bell of the top bar; `/settings/notifications` says how somebody wants to be told."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.notifying.told import told
from accounts.pages.answers import answers_problems_on_the_page, is_htmx, tell, user_of
from events.models import Kind
from events.notifications import preferences, reading
from foundation.words import counted

OF_A_PAGE: Final = 50
IN_THE_BELL: Final = 8
MOST_COUNTED: Final = 99


@never_cache
@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    """All of them, page by page."""
    user_id = user_of(request).id
    page = Paginator(reading.of(user_id), OF_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": told(page.object_list), "unread": reading.unread(user_id)}
    return render(request, "accounts/notifications.html", context)


@never_cache
@require_GET
def latest(request: HttpRequest) -> HttpResponse:
    """What the bell opens."""
    user_id = user_of(request).id
    context = {"rows": told(reading.of(user_id)[:IN_THE_BELL]), "unread": reading.unread(user_id)}
    return render(request, "accounts/_notifications_latest.html", context)


@never_cache
@require_GET
def unread(request: HttpRequest) -> HttpResponse:
    """The bell's number."""
    count = reading.unread(user_of(request).id)
    context = {"count": count, "shown": count if count <= MOST_COUNTED else f"{MOST_COUNTED}+"}
    return render(request, "accounts/_notifications_unread.html", context)


@never_cache
@require_GET
@answers_problems_on_the_page
def follow(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Marks one as read, and goes to the page of what it is about."""
    row = reading.read(user_of(request).id, notification_id, now=timezone.now())
    (one,) = told([row])
    return HttpResponseRedirect(one.words.path)


@require_POST
@answers_problems_on_the_page
def read(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Marks one as read."""
    row = reading.read(user_of(request).id, notification_id, now=timezone.now())
    if not is_htmx(request):
        return HttpResponseRedirect(reverse("notifications"))
    response = render(request, "accounts/_notification.html", {"each": told([row])[0]})
    response["HX-Trigger"] = "bell:look"
    return response


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Marks all as read."""
    count = reading.read_all(user_of(request).id, now=timezone.now())
    tell(request, f"{counted(count, 'notification is', 'notifications are')} marked as read.")
    return HttpResponseRedirect(reverse("notifications"))


@never_cache
@require_http_methods(["GET", "POST"])
def ways(request: HttpRequest) -> HttpResponse:
    """By kind: in the page, by e-mail, both or not at all."""
    user = user_of(request)
    if request.method == "POST":
        page, mail = (set(request.POST.getlist(name)) for name in ("page", "mail"))
        preferences.choose(user.id, {kind: preferences.Way(kind in page, kind in mail) for kind in Kind})
        tell(request, "From now on you are told as you chose.")
        return HttpResponseRedirect(reverse("notification-settings"))
    context = {
        "rows": preferences.of(user.id).items(),
        "sends_mail": settings.ENV.sends_mail,
        "address": user.email,
    }
    return render(request, "accounts/notification_settings.html", context)
