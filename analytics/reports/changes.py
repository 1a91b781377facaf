"""What a week used beside the week before, in all and by model, template, session and person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

from analytics.reports.asking import Question
from analytics.usage.answering import answer
from analytics.usage.asking import Asked
from foundation.presentation.interval import wilson

ENOUGH: Final = 20
"""Runs of each week below which no change is told in percent, and no p95."""
GROUPS: Final = ("model", "template", "session", "user")
Figures = Mapping[str, Any]
"""As GET /api/analytics/usage tells them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One group, or all, in both weeks; a week without a run of it has None."""

    key: str | None
    name: str | None
    now: Figures | None
    before: Figures | None

    def of(self, name: str) -> tuple[float, float]:
        """A sum of both weeks: `executions`, `completed`, `failed` or `cost`."""
        return (self.now or {}).get(name, 0), (self.before or {}).get(name, 0)

    @property
    def runs(self) -> tuple[int, int]:
        """In this week and in the one before."""
        now, before = self.of("executions")
        return int(now), int(before)

    @property
    def cost(self) -> tuple[float, float]:
        """USD."""
        return self.of("cost")

    @property
    def is_comparable(self) -> bool:
        """Whether both weeks have runs enough."""
        return min(self.runs) >= ENOUGH

    @property
    def cost_change(self) -> float:
        """USD."""
        now, before = self.cost
        return now - before

    def causes(self) -> tuple[float, float] | None:
        """Of the change of cost in USD: what comes of another number of runs, each at the cost of one in the week
        before, and what of another cost a run. Their sum is the change; None where a week has no run.
        """
        (runs, runs_before), (cost, cost_before) = self.runs, self.cost
        if not runs or not runs_before:
            return None
        more = (runs - runs_before) * cost_before / runs_before
        return more, cost - cost_before - more


@dataclass(frozen=True, slots=True)
class Changes:
    """All of them: by group, those first whose cost changed most."""

    total: Change
    groups: Mapping[str, list[Change]]


def changes_of(asked: Question) -> Changes:
    """Both weeks."""
    now, before = _told(asked, asked.usage())["total"], _told(asked, asked.usage_before())["total"]
    is_many = asked.people is None or len(asked.people) > 1
    groups = [group for group in GROUPS if group != "user" or is_many]
    return Changes(Change(None, None, now, before), {group: _by(asked, group) for group in groups})


def _by(asked: Question, group: str) -> list[Change]:
    now, before = (
        {row["group"][group]: row for row in _told(asked, usage)["results"]}
        for usage in (asked.usage(group), asked.usage_before(group))
    )
    found = [
        Change(key, (now.get(key) or before[key])["name"], now.get(key), before.get(key))
        for key in dict.fromkeys([*now, *before])
    ]
    return sorted(found, key=lambda each: (-abs(each.cost_change), -abs(each.runs[0] - each.runs[1]), each.key or ""))


def _told(asked: Question, usage: Asked) -> dict[str, Any]:
    return answer(usage, viewer=asked.viewer)


def difference(now: tuple[int, int], before: tuple[int, int]) -> tuple[float, float]:
    """The 95 % interval of the difference of two rates, each as (successes, tried).

    R. G. Newcombe, "Interval estimation for the difference between independent proportions" (1998), Statistics in
    Medicine 17, 873-890, method 10.
    """
    (one, tried), (other, tried_before) = now, before
    rate, rate_before = one / tried, other / tried_before
    (low, high), (low_before, high_before) = wilson(one, tried), wilson(other, tried_before)
    between = rate - rate_before
    return (
        between - sqrt((rate - low) ** 2 + (high_before - rate_before) ** 2),
        between + sqrt((high - rate) ** 2 + (rate_before - low_before) ** 2),
    )
