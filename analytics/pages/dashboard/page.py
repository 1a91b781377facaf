"""The dashboard, and its figures as CSV."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, user_of
from analytics.anomalies.dismissing import visible_to
from analytics.anomalies.subjects import name_of
from analytics.models import Anomaly, SubjectKind
from analytics.pages.dashboard import pictures
from analytics.pages.dashboard.choice import Choice, choice_of, people_to_choose
from analytics.pages.dashboard.tables import TITLES, table_of
from analytics.pages.dashboard.tiles import tiles_of
from analytics.usage.answering import answer
from analytics.usage.asking import GROUPS, MOST_GROUPS
from foundation.downloads import spreadsheet
from foundation.downloads.columns import Column, Kind, figure, text
from foundation.downloads.naming import content_disposition
from foundation.problems import FieldError, invalid

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
        "api_address": f"{reverse('usage')}?{choice.api_query}",
        "is_empty": not total["executions"],
        "tiles": tiles_of(total, answer(choice.before, viewer=user)["total"]),
        "anomalies": _anomalies(user, choice),
        **({} if not total["executions"] else _found(user, choice, total)),
    }
    return render(request, "analytics/dashboard.html", context)


def _found(user: User, choice: Choice, total: dict[str, Any]) -> dict[str, Any]:
    unit = choice.unit
    times = pictures.Times.of(choice.asked, unit)
    by_time = answer(choice.by(unit), viewer=user)["results"]
    by_model = answer(choice.by("model", limit=MOST_MODELS), viewer=user)["results"]
    by_both = answer(choice.by(unit, "model"), viewer=user)["results"]
    curves = [
        pictures.cost_by_model(times, by_both, by_model, download=_csv(choice, unit, "model")),
        pictures.tokens_over_time(times, by_time, total, download=_csv(choice, unit)),
        pictures.latency_over_time(times, by_time, total, download=_csv(choice, unit)),
    ]
    shown = [
        group for group in TITLES if group != "user" or choice.asked.people is None or len(choice.asked.people) > 1
    ]
    return {
        "curves": [each for each in curves if each],
        "errors": pictures.errors(total),
        "tables": [
            table_of(group, answer(choice.by(group, limit=SHOWN), viewer=user), download=_csv(choice, group))
            for group in shown
        ],
    }


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
