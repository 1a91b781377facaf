"""Ctrl/⌘ K: what the palette finds, and the pages of this app in it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.pages.answers import user_of
from accounts.pages.password import may_have_password
from foundation.presentation.palette import Page, has_pages, look


@never_cache
@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """The list for the words in `?q=`."""
    words = request.GET.get("q", "").replace("\0", "")
    return render(request, "components/_palette.html", {"kinds": look(user_of(request), words), "words": words})


def declare() -> None:
    """To be called when the app is ready."""
    has_pages(
        Page(
            "Organisation", "organisation", "members roles people", may=lambda user: bool(user.organisation),
            about="Who is of it, and who manages it", is_setting=True,
        ),
        Page("Teams", "teams", "members people", about="People who share things with each other", is_setting=True),
        Page("API tokens", "tokens", "keys bearer", about="With which programs act for you", is_setting=True),
        Page("Webhooks", "webhooks", "slack teams events", about="Events that are told to programs", is_setting=True),
        Page(
            "Notification settings", "notification-settings", "e-mail told bell",
            about="What you are told of, in the page or by e-mail", is_setting=True,
        ),
        Page(
            "Password", "password", "sign in change", may=may_have_password,
            about="With which you sign in", is_setting=True,
        ),
        Page("Settings", "settings", "profile account theme"),
        Page("Notifications", "notifications", "bell news"),
        Page("Audit log", "audit", "who did what history", about="What was done, by whom", is_setting=True),
    )  # fmt: skip
