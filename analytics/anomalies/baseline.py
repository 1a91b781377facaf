"""What is usual, by median and MAD (Hampel 1974: 1.4826 MAD is the deviation of what is normally distributed).

Four weeks (`WEEKS`) of history make a baseline of the hour of the week: with the hours beside it these are twelve
values, of which a bad hour, and a bad day, moves neither median nor MAD. With three weeks one such week would be a
third of them. Before that the same hours of recent days stand for it, and are believed less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final, NamedTuple

WEEK, DAY = 168, 24
"""Hours."""
WEEKS: Final = 4
MOST_WEEKS: Final = 8
"""What is older says little of growth."""
DAYS: Final = 14
FEWEST: Final = 6
"""Values below which nothing is judged."""
FEWEST_ACTIVE: Final = 8
"""Hours with use from which somebody who is here now and then has a usual amount."""
TO_SIGMA: Final = 1.4826


class Metric(StrEnum):
    """What is watched."""

    COST = "cost"
    VOLUME = "volume"
    ERRORS = "errors"
    NEW_MODEL = "new_model"
    NEW_ADDRESS = "new_address"


class Figures(NamedTuple):
    """What was used in an hour."""

    calls: int = 0
    errors: int = 0
    cost: float = 0.0
    """USD."""


Series = Mapping[int, Figures]
"""By hours since 1970; an hour without use is missing."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A value beside its past."""

    metric: Metric
    hour: int
    span: int
    """Hours that it is the sum of: 1, or 24 for what creeps."""
    value: float
    median: float
    mad: float
    score: float
    """Deviations above the median."""
    count: int
    """Values in the baseline."""


class Rule(NamedTuple):
    """When a value is unusual."""

    span: int
    score: float
    floor: float
    """The least deviation, so that a flat past does not alarm at a cent."""
    share: float
    """The least deviation as a share of the median."""
    least: float
    """The least value above the median that anybody is told of."""


RULES: Final[dict[Metric, tuple[Rule, ...]]] = {
    Metric.COST: (Rule(1, 8.0, 0.10, 0.25, 3.0), Rule(DAY, 7.0, 0.50, 0.10, 3.0)),
    # The calls of a day spread far less than what they cost: their sum shows a leak of ordinary calls soonest.
    Metric.VOLUME: (Rule(1, 8.0, 3.0, 0.25, 30.0), Rule(DAY, 5.5, 10.0, 0.10, 100.0)),
    Metric.ERRORS: (Rule(1, 6.0, 0.05, 0.0, 0.2),),
}
NORMAL: Final = 3.0
"""The score below which an anomaly is over."""
BELIEVED_LESS: Final = 1.5
"""Times the score, while there are no four weeks."""
FEWEST_CALLS, FEWEST_ERRORS = 20, 8
"""In an hour, for a share of errors to be one."""


def judge(series: Series, *, hour: int, metric: Metric, first: int) -> Judgement | None:
    """The most unusual of what this metric's rules see in the hour; None where there is not enough past.

    `first` is the first hour of which the history is known: an hour without use after it is 0.
    """
    judged = [_judge(series, rule, hour, metric, first) for rule in RULES[metric]]
    known = [each for each in judged if each is not None]
    return max(known, key=lambda each: (is_unusual(each, hour - first), each.score), default=None)


def is_unusual(judged: Judgement, history: int) -> bool:
    """Whether it is told, with so many hours of history."""
    rule = next(each for each in RULES[judged.metric] if each.span == judged.span)
    needed = rule.score * (1 if history >= WEEKS * WEEK else BELIEVED_LESS)
    return judged.score >= needed and judged.value - judged.median >= rule.least


def is_normal(judged: Judgement | None) -> bool:
    """Whether an anomaly is over."""
    return judged is None or judged.score < NORMAL


def usual_day(series: Series, *, hour: int, metric: Metric, first: int) -> float:
    """What somebody uses on a day on which they use anything: the median of up to 14 before; 0 where there is none."""
    ends = (hour - step for step in range(DAY, (DAYS + 1) * DAY, DAY))
    sums = [_value(series, end, DAY, metric) for end in ends if end - DAY + 1 >= first]
    return median([each for each in sums if each] or [0.0])


def _judge(series: Series, rule: Rule, hour: int, metric: Metric, first: int) -> Judgement | None:
    value = _value(series, hour, rule.span, metric)
    if value is None:
        return None
    # Errors know no hour of the week: every hour with enough calls says how often they come.
    past = (_active if metric == Metric.ERRORS else _past)(series, hour, rule.span, metric, first)
    if len(past) < FEWEST:
        return None
    middle = median(past)
    if middle == 0:
        past = _active(series, hour, rule.span, metric, first) or past
        middle = median(past)
    mad = median(abs(each - middle) for each in past)
    scale = max(TO_SIGMA * mad, rule.floor, rule.share * middle)
    return Judgement(metric, hour, rule.span, value, middle, mad, (value - middle) / scale, len(past))


def _past(series: Series, hour: int, span: int, metric: Metric, first: int) -> list[float]:
    """The same hours of earlier weeks, or of recent days."""
    if hour - first >= WEEKS * WEEK:
        steps: Sequence[int] = range(WEEK, (MOST_WEEKS + 1) * WEEK, WEEK)
    else:
        steps = range(DAY, (DAYS + 1) * DAY, DAY)
    beside = (-1, 0, 1)
    hours = [hour - step + shift for step in steps for shift in beside]
    values = [_value(series, each, span, metric) for each in hours if each - span + 1 >= first]
    return [each for each in values if each is not None]


def _active(series: Series, hour: int, span: int, metric: Metric, first: int) -> list[float]:
    """Of somebody who is mostly away: what they use when they are here."""
    start = max(first, hour - MOST_WEEKS * WEEK)
    if span == 1:
        found = [each for at, each in series.items() if start <= at < hour and each.calls]
        values: list[float | None] = [_of(each, metric) for each in found]
    else:
        sums = (_value(series, at, span, metric) for at in range(hour - span, start + span, -span))
        values = [each for each in sums if each]
    known = [each for each in values if each is not None]
    return known if len(known) >= FEWEST_ACTIVE else []


def _value(series: Series, hour: int, span: int, metric: Metric) -> float | None:
    if span == 1:
        return _of(series.get(hour, NONE), metric)
    return sum(_of(series.get(hour - back, NONE), metric) or 0.0 for back in range(span))


NONE: Final = Figures()


def _of(figures: Figures, metric: Metric) -> float | None:
    if metric == Metric.COST:
        return figures.cost
    if metric == Metric.VOLUME:
        return float(figures.calls)
    return figures.errors / figures.calls if figures.calls >= FEWEST_CALLS else None
