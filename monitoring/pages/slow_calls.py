"""`/monitoring/slow-calls`: the slowest calls of a day and where each model's time went, for administrators."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.pages.answers import answers_problems_on_the_page, user_of
from foundation.presentation.words import NOTHING, percent
from foundation.words import age, seconds
from monitoring.calls.slow import ModelTimes, SlowCall, slowest, times_by_model
from monitoring.errors.deciding import must_administer

SHOWN: Final = 50


@never_cache
@require_GET
@answers_problems_on_the_page
def slow_calls(request: HttpRequest) -> HttpResponse:
    """Both tables."""
    viewer, now = user_of(request), timezone.now()
    must_administer(viewer)
    calls = [_line(call) for call in slowest(viewer=viewer, now=now, limit=SHOWN)]
    models = [_model(times) for times in times_by_model(now=now)]
    return render(request, "monitoring/slow_calls.html", {"calls": calls, "models": models})


def _line(call: SlowCall) -> dict[str, Any]:
    return {
        "call": call,
        "age": age(call.began_at),
        "duration": seconds(call.duration),
        "first_token": _taken(call.first_token),
        "waited": _taken(call.waited),
        "answering": _taken(call.answering),
    }


def _model(times: ModelTimes) -> dict[str, Any]:
    share = times.share_before_first
    return {
        "name": times.model_id,
        "n": times.n,
        "duration": [_taken(value) for value in times.percentiles("latency").values()],
        "first_token": [_taken(value) for value in times.percentiles("first_token").values()],
        "before_first": NOTHING if share is None else percent(share, 1),
    }


def _taken(value: float | None) -> str:
    return NOTHING if value is None else seconds(value)
