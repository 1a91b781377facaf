"""The pictures over time that a choice comes to, with the addresses of their files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.urls import reverse

from accounts.models import User
from analytics.anomalies.baseline import Metric
from analytics.pages.dashboard import pictures
from analytics.pages.dashboard.choice import Choice
from analytics.pages.dashboard.times import Times
from analytics.pages.dashboard.unusual import flags_of
from analytics.usage.answering import answer
from foundation.presentation.series import TimeChart

MOST_MODELS: Final = 1_000
FLAGGED: Final = {"cost": Metric.COST, "tokens": Metric.VOLUME, "failures": Metric.ERRORS}
"""By picture: which anomalies are seen in it."""


def curves_of(user: User, choice: Choice, total: dict[str, Any]) -> list[TimeChart]:
    """Of a period in which something ran; `total` as the API tells it."""
    unit = choice.unit
    times = Times.of(choice.asked, unit)
    by_time = answer(choice.by(unit), viewer=user)["results"]
    by_model = answer(choice.by("model", limit=MOST_MODELS), viewer=user)["results"]
    by_both = answer(choice.by(unit, "model"), viewer=user)["results"]
    figures = address_of_figures(choice, unit)
    found = [
        pictures.cost_by_model(times, by_both, by_model, download=address_of_figures(choice, unit, "model")),
        pictures.tokens_over_time(times, by_time, total, download=figures),
        pictures.latency_over_time(times, by_time, total, download=figures),
        pictures.failures_over_time(times, by_time, total, download=address_of_figures(choice, unit, "error")),
    ]
    flags = flags_of(user, choice, times)
    return [
        replace(
            each,
            drawing=choice.address(reverse("analytics-svg", args=[each.id])),
            flagged=flags[FLAGGED[each.id]] if each.id in FLAGGED else (),
        )
        for each in found
        if each
    ]


def address_of_figures(choice: Choice, *groups: str) -> str:
    """Where they are as CSV."""
    return choice.address(reverse("analytics-csv"), group_by=",".join(groups))
