"""The last hour's pictures, a step a minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from foundation.presentation.series import COLOURS, Series, TimeChart
from foundation.presentation.words import NOTHING
from foundation.words import counted, money, number, seconds
from monitoring.samples import reading

WINDOW: Final = timedelta(hours=1)
Values = Sequence[float | None]


def curves_of(*, now: datetime) -> list[TimeChart]:
    """Empty where no minute has a sample."""
    until = now.replace(second=0, microsecond=0) + reading.MINUTE
    since = until - WINDOW

    def points(name: str) -> list[reading.Point]:
        return reading.series(name, since=since, until=until)

    def values(name: str) -> Values:
        return [reading.number(point.value) for point in points(name)]

    waiting = values("queue_waiting")
    if not any(value is not None for value in waiting):
        return []
    labels = [f"{point.at:%H:%M}" for point in points("queue_waiting")]

    def chart(
        id_: str,
        finding: str,
        unit: str,
        series: dict[str, Values],
        *,
        told: Callable[[float], str] = _count,
        is_stacked: bool = True,
    ) -> TimeChart:
        rows = [
            Series(name, each, [NOTHING if value is None else told(value) for value in each])
            for name, each in series.items()
        ]
        made = TimeChart(id_, finding, f"{unit} (UTC)", "Minute", labels, rows, "", is_stacked=is_stacked)
        most = made.highest if any(value for each in rows for value in each.values) else 0
        return TimeChart(
            id_, finding, made.unit, "Minute", labels, rows, told(most) if most else "", is_stacked=is_stacked
        )  # fmt: skip

    requests, failed = values("requests"), values("requests_failed")
    well = [None if one is None else one - (other or 0) for one, other in zip(requests, failed, strict=True)]
    slow = [
        None if one is None else one - (other or 0)
        for one, other in zip(values("requests_timed"), values("requests_quick"), strict=True)
    ]
    ended = {status: values(f"executions_{status}") for status in ("completed", "failed", "cancelled")}
    runs = sum(_total(each) for each in ended.values())
    cost, tokens, oldest = values("cost_usd"), values("tokens"), values("queue_oldest")
    return [
        chart(
            "requests",
            f"{counted(int(_total(requests)), 'request')} in the last hour, {number(int(_total(failed)))} failed",
            "Requests a minute", {"answered": well, "failed": failed},
        ),
        chart(
            "slow", f"{counted(int(_total(slow)), 'request')} took over 500 ms of our own", "Requests a minute",
            {"over 500 ms": slow},
        ),
        chart("executions", f"{counted(int(runs), 'execution')} ended in the last hour", "Executions a minute", ended),
        chart("tokens", f"{counted(int(_total(tokens)), 'token')} were used", "Tokens a minute", {"tokens": tokens}),
        chart(
            "cost", f"{money(_total(cost)).capitalize()} in the last hour", "USD a minute", {"cost": cost}, told=money
        ),
        chart("queue", f"Up to {counted(int(_most(waiting)), 'message')} waited", "Messages, the most of a minute",
              {"waiting": waiting}, is_stacked=False),
        chart("age", f"The oldest message waited for up to {seconds(_most(oldest))}", "Seconds, the most of a minute",
              {"oldest": oldest}, told=seconds, is_stacked=False),
        chart("places", "Calls in flight by provider", "Calls, the most of a minute",
              _by_provider(points("calls_in_flight")), is_stacked=False),
    ]  # fmt: skip


def _by_provider(points: Sequence[reading.Point]) -> dict[str, Values]:
    """The busiest ones; the others are left out."""
    told = [point.value if isinstance(point.value, dict) else None for point in points]
    most: dict[str, float] = {}
    for each in told:
        for name, value in (each or {}).items():
            most[name] = max(most.get(name, 0), value)
    busiest = sorted(most, key=lambda name: (-most[name], name))[:COLOURS]
    return {name: [None if each is None else each.get(name, 0) for each in told] for name in sorted(busiest)}


def _count(value: float) -> str:
    return number(int(value))


def _total(values: Values) -> float:
    return sum(value or 0 for value in values)


def _most(values: Values) -> float:
    return max((value or 0 for value in values), default=0)
