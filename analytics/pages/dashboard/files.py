"""What the dashboard shows, as files: pictures as SVG, figures as CSV."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, user_of
from analytics.pages.dashboard import quality
from analytics.pages.dashboard.choice import Choice, choice_of
from analytics.pages.dashboard.curves import curves_of
from analytics.pages.dashboard.drawing import svg_of, tradeoff_svg_of
from analytics.pages.dashboard.pictures import moment_as_told
from analytics.usage.answering import answer
from analytics.usage.asking import GROUPS, MOST_GROUPS
from foundation.downloads.columns import Column, Kind, figure, text
from foundation.downloads.csv_answer import csv_answer
from foundation.downloads.naming import content_disposition
from foundation.problems import FieldError, invalid, not_found


@never_cache
@require_GET
@answers_problems_on_the_page
def picture_as_svg(request: HttpRequest, picture: str) -> HttpResponse:
    """One of the pictures."""
    user = user_of(request)
    choice = choice_of(user, request.GET)
    drawn = _quality(user, choice) if picture == quality.ID else _curve(user, choice, picture)
    if drawn is None:
        raise not_found("The picture")
    return HttpResponse(
        drawn,
        content_type="image/svg+xml",
        headers={"Content-Disposition": content_disposition(f"{picture}.svg")},
    )


def _curve(user: User, choice: Choice, picture: str) -> str | None:
    total = answer(choice.asked, viewer=user)["total"]
    curves = curves_of(user, choice, total) if total["executions"] else []
    chart = next((each for each in curves if each.id == picture), None)
    asked = choice.asked
    period = " to ".join(moment_as_told(moment, asked.zone) for moment in (asked.since, asked.before))
    return svg_of(chart, period=period) if chart else None


def _quality(user: User, choice: Choice) -> str | None:
    test = quality.chosen_of(quality.tests_of(user, choice), choice)
    return tradeoff_svg_of(quality.picture_of(test)) if test else None


@never_cache
@require_GET
@answers_problems_on_the_page
def quality_as_csv(request: HttpRequest) -> HttpResponse:
    """What the test that is shown compared: costs in USD a run."""
    user = user_of(request)
    choice = choice_of(user, request.GET)
    test = quality.chosen_of(quality.tests_of(user, choice), choice)
    if test is None:
        raise not_found("The test")
    columns = [
        text("name"), text("model_id"), *(figure(name, Kind.NUMBER) for name in ("rate", "low", "high")),
        figure("samples", Kind.INTEGER), figure("cost_per_run", Kind.NUMBER),
    ]  # fmt: skip
    return csv_answer(columns, [asdict(each) for each in test.compared], name="quality against cost")


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
    return csv_answer(_columns(groups), told["results"], name=f"usage by {' and '.join(groups)}")


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
