"""`/monitoring/providers/<slug>`: what one provider went through in days, for administrators."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.pages.answers import answers_problems_on_the_page, user_of
from foundation.presentation.series import COLOURS, Series, TimeChart
from foundation.presentation.words import NOTHING
from foundation.words import THIN, age, counted, number, seconds
from monitoring.calls.provider import STEPS, ProviderHistory, history_of
from monitoring.calls.slow import ENOUGH_FOR
from monitoring.errors.deciding import must_administer
from providers.line.breaker import State
from providers.line.history import REASONS
from providers.line.timeline import Timeline

MOST_TRANSITIONS: Final = 50
MOST_BREAKERS: Final = 6
STATES: Final = {State.OPEN: "open", State.HALF_OPEN: "tried again"}


@never_cache
@require_GET
@answers_problems_on_the_page
def provider(request: HttpRequest, slug: str) -> HttpResponse:
    """Its breakers, failures and times; `days` stands in the address."""
    must_administer(user_of(request))
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, STEPS) else min(STEPS)
    told = history_of(slug, days=days, now=timezone.now())
    labels = [f"{slot.at:%d %b %H:%M}" for slot in told.slots]
    breakers = [_breaker(told, each, labels, at) for at, each in enumerate(told.timelines[:MOST_BREAKERS])]
    context = {
        "provider": slug,
        "days": days,
        "choices": sorted(STEPS),
        "charts": [*breakers, *filter(None, (_failures(told, labels, days), _times(told, labels, days)))],
        "left_out": max(0, len(told.timelines) - MOST_BREAKERS),
        "transitions": [
            (row, age(row.at), REASONS.get(row.reason, row.reason)) for row in told.transitions[:MOST_TRANSITIONS]
        ],
    }
    return render(request, "monitoring/provider.html", context)


def _breaker(told: ProviderHistory, timeline: Timeline, labels: list[str], at: int) -> TimeChart:
    name = timeline.model_id or f"The breaker of {told.provider}"
    series = [
        Series(word, values, [seconds(value) if value else NOTHING for value in values])
        for state, word in STATES.items()
        for values in (timeline.seconds_in(state, since=told.since, step=told.step, number=len(labels)),)
    ]
    shares = [timeline.share(state) for state in STATES]
    finding = (
        f"{name} was open {_share(shares[0])} of the time, tried again {_share(shares[1])}"
        if any(shares) else f"{name} was closed all the time"
    )  # fmt: skip
    made = TimeChart(f"breaker-{at}", finding, f"Time {_step(told.step)} (UTC)", "From", labels, series, "")
    most = seconds(made.highest) if any(shares) else ""
    return TimeChart(made.id, finding, made.unit, "From", labels, series, most)


def _failures(told: ProviderHistory, labels: list[str], days: int) -> TimeChart | None:
    sums: Counter[str] = Counter()
    for slot in told.slots:
        sums.update(slot.failures)
    if not sums:
        return None
    shown = [code for code, _ in sums.most_common(COLOURS - 1)]
    rows = {code: [float(slot.failures[code]) for slot in told.slots] for code in shown}
    if len(sums) > len(shown):
        rows["all others"] = [
            float(slot.failures.total() - sum(slot.failures[code] for code in shown)) for slot in told.slots
        ]
    series = [
        Series(name, each, [number(int(value)) if value else NOTHING for value in each]) for name, each in rows.items()
    ]
    finding = f"{counted(sums.total(), 'run')} failed in {days} days, most by {shown[0]}"
    most = max(slot.failures.total() for slot in told.slots)
    return TimeChart("failures", finding, f"Failed runs {_step(told.step)} (UTC)", "From", labels, series, number(most))


def _times(told: ProviderHistory, labels: list[str], days: int) -> TimeChart | None:
    n = sum(slot.completed for slot in told.slots)
    if not n:
        return None
    rows = {
        name: [slot.took(share, least=ENOUGH_FOR[name]) for slot in told.slots]
        for name, share in (("p50", 0.5), ("p95", 0.95))
    }
    series = [
        Series(name, each, [NOTHING if value is None else seconds(value) for value in each])
        for name, each in rows.items()
    ]
    most = max(value or 0 for each in rows.values() for value in each)
    unit = f"Seconds of completed runs {_step(told.step)} (UTC); p95 of 20 runs and more"
    finding = f"{counted(n, 'run')} completed in {days} days"
    return TimeChart("times", finding, unit, "From", labels, series, seconds(most), is_stacked=False)


def _step(step: timedelta) -> str:
    hours = step // timedelta(hours=1)
    return "an hour" if hours == 1 else f"in {hours} hours"


def _share(share: float) -> str:
    return f"{100 * share:.2g}{THIN}%" if share >= 0.0001 or not share else f"< 0.01{THIN}%"
