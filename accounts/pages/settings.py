"""`/settings`: who one is here, how the pages look, and where all else is set."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import Role
from accounts.pages.answers import user_of
from accounts.pages.password import may_have_password
from foundation.presentation.palette import settings_for

THEMES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))


@never_cache
@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """The page."""
    user = user_of(request)
    theme = request.COOKIES.get("theme", "")
    context = {
        "roles": [role.label for role in Role if role != Role.USER and role in user.roles],
        "teams": user.teams.order_by("name"),
        "themes": [(value, name, value == (theme or "system")) for value, name in THEMES],
        "may_have_password": may_have_password(user),
        "settings_pages": settings_for(user),
    }
    return render(request, "accounts/settings.html", context)
