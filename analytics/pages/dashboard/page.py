"""The dashboard, and its figures as CSV."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import Role, User
from accounts.pages.answers import answers_problems_on_the_page, user_of
from analytics.anomalies.dismissing import visible_to
from analytics.anomalies.subjects import name_of
from analytics.models import Anomaly, SubjectKind
from analytics.pages.dashboard import pictures
from analytics.pages.dashboard.budgets import budgets_of
from analytics.pages.dashboard.choice import Choice, choice_of, people_to_choose
from analytics.pages.dashboard.drawing import svg_of
from analytics.pages.dashboard.tables import TITLES, table_of
from analytics.pages.dashboard.tiles import Tile, adoption_tiles, tiles_of
from analytics.usage.adoption import adoption_of
from analytics.usage.answering import answer
from analytics.usage.asking import GROUPS, MOST_GROUPS
from foundation.downloads import spreadsheet
from foundation.downloads.columns import Column, Kind, figure, text
from foundation.downloads.naming import content_disposition
from foundation.presentation.series import TimeChart
from foundation.problems import FieldError, invalid, not_found

SHOWN: Final = 8
MOST_MODELS: Final = 1_000
MOST_ANOMALIES: Final = 10


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
        "anomalies": _anomalies(user, choice),
        "adoption": _adoption(user, choice),
        "budgets": budgets_of(user, now=timezone.now()),
        **({} if not total["executions"] else _found(user, choice, total)),
    }
    return render(request, "analytics/dashboard.html", context)


def _found(user: User, choice: Choice, total: dict[str, Any]) -> dict[str, Any]:
    people = choice.asked.people
    shown = [group for group in TITLES if group != "user" or people is None or len(people) > 1]
    return {
        "curves": _curves(user, choice, total),
        "errors": pictures.errors(total),
        "tables": [
            table_of(group, answer(choice.by(group, limit=SHOWN), viewer=user), download=_csv(choice, group))
            for group in shown
        ],
    }


def _curves(user: User, choice: Choice, total: dict[str, Any]) -> list[TimeChart]:
    """The pictures over time."""
    unit = choice.unit
    times = pictures.Times.of(choice.asked, unit)
    by_time = answer(choice.by(unit), viewer=user)["results"]
    by_model = answer(choice.by("model", limit=MOST_MODELS), viewer=user)["results"]
    by_both = answer(choice.by(unit, "model"), viewer=user)["results"]
    found = [
        pictures.cost_by_model(times, by_both, by_model, download=_csv(choice, unit, "model")),
        pictures.tokens_over_time(times, by_time, total, download=_csv(choice, unit)),
        pictures.latency_over_time(times, by_time, total, download=_csv(choice, unit)),
    ]
    return [replace(each, drawing=choice.address(reverse("analytics-svg", args=[each.id]))) for each in found if each]


@never_cache
@require_GET
@answers_problems_on_the_page
def picture_as_svg(request: HttpRequest, picture: str) -> HttpResponse:
    """One of the pictures over time, as a file."""
    user = user_of(request)
    choice = choice_of(user, request.GET)
    total = answer(choice.asked, viewer=user)["total"]
    chart = (
        next((each for each in _curves(user, choice, total) if each.id == picture), None)
        if total["executions"]
        else None
    )
    if chart is None:
        raise not_found("The picture")
    asked = choice.asked
    period = " to ".join(pictures.moment_as_told(moment, asked.zone) for moment in (asked.since, asked.before))
    return HttpResponse(
        svg_of(chart, period=period),
        content_type="image/svg+xml",
        headers={"Content-Disposition": content_disposition(f"{picture}.svg")},
    )


def _adoption(user: User, choice: Choice) -> list[Tile]:
    """For administrators who look at everybody."""
    is_theirs = user.has_role(Role.ADMIN) and choice.asked.people is None
    return adoption_tiles(adoption_of(choice.asked)) if is_theirs else []


def _csv(choice: Choice, *groups: str) -> str:
    return choice.address(reverse("analytics-csv"), group_by=",".join(groups))


def _anomalies(user: User, choice: Choice) -> list[tuple[Anomaly, str]]:
    found = visible_to(user).filter(last_hour__gte=choice.asked.since, first_hour__lt=choice.asked.before)
    rows = found.order_by("-id")[:MOST_ANOMALIES]
    return [(each, name_of(SubjectKind(each.subject_kind), each.subject_id)) for each in rows]


COUNTS: Final = ("executions", "completed", "failed", "cancelled", "cached")
RATES: Final = ("success_rate", "cost", "cost_elsewhere")
TOKENS: Final = ("prompt", "completion", "cache_read", "cache_write", "reasoning")
TIMES: Final = ("latency", "time_to_first_token")


@never_cache
@require_GET
@answers_problems_on_the_page
def figures_as_csv(request: HttpRequest) -> HttpResponse:
    """What a picture or a table shows, by `group_by`: costs in USD, times in seconds."""
    user = user_of(request)
    groups = tuple(filter(None, request.GET.get("group_by", "").split(",")))
    if not 1 <= len(groups) <= 2 or not set(groups) <= set(GROUPS):
        raise invalid([FieldError("group_by", "invalid", f"One or two of {', '.join(GROUPS)}.")])
    told = answer(choice_of(user, request.GET).by(*groups, limit=MOST_GROUPS), viewer=user)
    content = b"".join(spreadsheet.written(_columns(groups), told["results"]))
    name = f"usage by {' and '.join(groups)}.csv"
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition(name)},
    )


def _columns(groups: tuple[str, ...]) -> list[Column]:
    tokens = [figure(f"{name}_tokens", Kind.INTEGER, "tokens", name) for name in TOKENS]
    times = [figure(f"{name}_{share}", Kind.NUMBER, name, share) for name in TIMES for share in ("p50", "p95")]
    return [
        *(text(group, "group", group) for group in groups),
        text("name"),
        *(figure(name, Kind.INTEGER) for name in COUNTS),
        *(figure(name, Kind.NUMBER) for name in RATES),
        *tokens,
        *(times if len(groups) == 1 else []),
    ]
