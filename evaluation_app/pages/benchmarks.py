"""The page of the benchmark board."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.pages.answers import answers_problems_on_the_page, user_of
from evaluation_app.benchmarks.asked import BenchmarksQuery, benchmarks
from evaluation_app.models import EvaluationTest, Suite
from evaluation_app.pages.presentation.rate import NONE, RateView
from foundation.search.ordering import by_name
from foundation.words import NOT_KNOWN, money

MOST_SUITES = 100


@require_GET
@answers_problems_on_the_page
def board(request: HttpRequest) -> HttpResponse:
    """Prompts by models; `?suite=`, `?tag=` and `?dataset=` narrow them."""
    user = user_of(request)
    given = {name: value for name, value in request.GET.items() if value}
    read = BenchmarksQuery(data=given)
    read.is_valid(raise_exception=True)
    told = benchmarks(user, read.validated_data)
    own = set(
        EvaluationTest.objects.visible_to(user)
        .filter(id__in=[row["test_id"] for row in (*told["rows"], *told["left_out"])])
        .values_list("id", flat=True)
    )
    context = {
        "told": told,
        "rows": [_row(row, may_open=row["test_id"] in own) for row in told["rows"]],
        "left_out": [{**row, "may_open": row["test_id"] in own} for row in told["left_out"]],
        "opinions": [
            {**each, "contestants": [_strength(found) for found in each["contestants"]]} for each in told["verdicts"]
        ],
        "votes": [_strength(each) for each in (told["votes"] or {}).get("models", [])],
        "suites": Suite.objects.visible_to(user).order_by(*by_name())[:MOST_SUITES],
        "wanted": given,
    }
    return render(request, "evaluation_app/benchmarks.html", context)


def _row(row: dict[str, Any], *, may_open: bool) -> dict[str, Any]:
    latency = row["latency"]
    return {
        **row,
        "may_open": may_open,
        "rate": RateView(row["figure"]),
        "price": NOT_KNOWN if row["cost"] is None else money(row["cost"]),
        "a_success": NONE if row["cost_per_success"] is None else money(row["cost_per_success"]),
        "p50": NONE if latency["p50"] is None else f"{latency['p50']:.2f} s",
        "p95": NONE if latency["p95"] is None else f"{latency['p95']:.2f} s",
    }


def _strength(each: dict[str, Any]) -> dict[str, Any]:
    return {**each, "rate": RateView(each["wins"])}
