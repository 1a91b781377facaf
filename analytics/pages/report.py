"""`/analytics/report`: the report of a week, for paper too, and its tables as CSV."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.pages.answers import answers_problems_on_the_page, user_of
from analytics.api.report import ReportQuery
from analytics.reports.asking import Question, people_to_choose, question
from analytics.reports.changes import GROUPS, changes_of
from analytics.reports.report import report_of
from analytics.reports.using import errors_of
from analytics.reports.weeks import Week
from foundation.downloads.columns import Column, Kind, figure, text
from foundation.downloads.csv_answer import csv_answer
from foundation.problems import not_found

WEEKS: Final = ("this_week", "week_before")
FIELDS: Final = ("whose", "time_zone")


@never_cache
@require_GET
@answers_problems_on_the_page
def report(request: HttpRequest, week: str = "") -> HttpResponse:
    """The week that the address names, else the last one that is over."""
    asked = _asked(request, week)
    context = {
        "report": report_of(asked),
        "people": people_to_choose(asked.viewer),
        "given": _given(request),
        "earlier": _address(request, asked.week.previous),
        "later": _address(request, asked.week.next) if asked.week.next.begin <= asked.now else "",
        "query": _query(request),
    }
    return render(request, "analytics/report.html", context)


@never_cache
@require_GET
@answers_problems_on_the_page
def report_as_csv(request: HttpRequest, week: str, table: str) -> HttpResponse:
    """All rows of one of its tables, or failed runs by code: costs in USD, times in seconds."""
    if table not in (*GROUPS, "errors"):
        raise not_found("The table")
    asked = _asked(request, week)
    changes = changes_of(asked)
    if table == "errors":
        rows = [{"error": code, "this_week": now, "week_before": before} for code, now, before in errors_of(changes)]
        columns = [text("error"), *(figure(each, Kind.INTEGER) for each in WEEKS)]
    else:
        rows = [
            {"key": each.key, "name": each.name, "this_week": each.now or {}, "week_before": each.before or {}}
            for each in changes.groups.get(table, ())
        ]
        columns = [text(table, "key"), text("name"), *(each for week in WEEKS for each in _columns(week))]
    return csv_answer(columns, rows, name=f"report {asked.week} by {table}")


def _columns(week: str) -> list[Column]:
    return [
        *(figure(f"{week}_{name}", Kind.INTEGER, week, name) for name in ("executions", "completed", "failed")),
        figure(f"{week}_cost", Kind.NUMBER, week, "cost"),
        figure(f"{week}_tokens", Kind.INTEGER, week, "tokens", "total"),
        figure(f"{week}_latency_p95", Kind.NUMBER, week, "latency", "p95"),
    ]


def _asked(request: HttpRequest, week: str) -> Question:
    rules = ReportQuery(data=_given(request))
    rules.is_valid(raise_exception=True)
    given: dict[str, Any] = rules.validated_data
    return question(user_of(request), week=week, whose=given["whose"], zone=given["time_zone"], now=timezone.now())


def _given(request: HttpRequest) -> dict[str, str]:
    given = {name: request.GET.get(name, "").replace("\0", "").strip() for name in FIELDS}
    return {name: value for name, value in given.items() if value}


def _query(request: HttpRequest) -> str:
    given = _given(request)
    return f"?{urlencode(given)}" if given else ""


def _address(request: HttpRequest, week: Week) -> str:
    return f"{reverse('report-of-week', args=[str(week)])}{_query(request)}"
