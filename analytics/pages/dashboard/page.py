"""The dashboard."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import Role, User
from accounts.pages.answers import answers_problems_on_the_page, user_of
from analytics.pages.dashboard import quality
from analytics.pages.dashboard.choice import Choice, choice_of, people_to_choose
from analytics.pages.dashboard.curves import address_of_figures, curves_of
from analytics.pages.dashboard.pictures import errors
from analytics.pages.dashboard.tables import TITLES, table_of
from analytics.pages.dashboard.tiles import Tile, adoption_tiles, tiles_of
from analytics.pages.dashboard.unusual import listed
from analytics.usage.adoption import adoption_of
from analytics.usage.answering import answer
from analytics.usage.budgets import budgets_of

SHOWN: Final = 8


@never_cache
@require_GET
@answers_problems_on_the_page
def analytics(request: HttpRequest) -> HttpResponse:
    """Tiles, pictures and tables of the chosen period and people."""
    user = user_of(request)
    choice = choice_of(user, request.GET)
    total = answer(choice.asked, viewer=user)["total"]
    context = {
        "choice": choice,
        "people": people_to_choose(user),
        "api_address": f"{reverse('usage-api')}?{choice.api_query}",
        "is_empty": not total["executions"],
        "tiles": tiles_of(total, answer(choice.before, viewer=user)["total"]),
        "anomalies": listed(user, choice),
        "adoption": _adoption(user, choice),
        "budgets": budgets_of(user, now=timezone.now()),
        **({} if not total["executions"] else _found(user, choice, total)),
    }
    return render(request, "analytics/dashboard.html", context)


def _found(user: User, choice: Choice, total: dict[str, Any]) -> dict[str, Any]:
    people = choice.asked.people
    groups = [group for group in TITLES if group != "user" or people is None or len(people) > 1]
    answers = {group: answer(choice.by(group, limit=SHOWN), viewer=user) for group in groups}
    return {
        "curves": curves_of(user, choice, total),
        "errors": errors(total),
        **quality.shown(user, choice),
        "tables": [
            table_of(group, told, download=address_of_figures(choice, group)) for group, told in answers.items()
        ],
    }


def _adoption(user: User, choice: Choice) -> list[Tile]:
    """For administrators who look at everybody."""
    is_theirs = user.has_role(Role.ADMIN) and choice.asked.people is None
    return adoption_tiles(adoption_of(choice.asked)) if is_theirs else []
