"""The pictures: each says what it shows in its title, has its unit, and its figures as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from analytics.pages.dashboard.tiles import ENOUGH_FOR
from analytics.pages.dashboard.times import Times
from foundation.presentation.chart import Bar, Chart
from foundation.presentation.series import COLOURS, Series, TimeChart
from foundation.presentation.words import NOTHING
from foundation.words import THIN, counted, money, number, seconds

OTHERS: Final = "all others"
Rows = Sequence[Mapping[str, Any]]


def cost_by_model(times: Times, rows: Rows, by_model: Rows, *, download: str) -> TimeChart:
    """`rows` by time and model, `by_model` the models of the whole period, the dearest first."""
    whole = sum(row["cost"] for row in by_model)
    first = by_model[0]
    finding = (
        f"{_model(first)} took {_share(first['cost'], whole)} of {money(whole)}" if len(by_model) > 1 and whole
        else f"{_model(first)} took all of {money(whole)}" if whole
        else "Nothing is known to have cost anything" if any(row["unpriced"] for row in by_model)
        else "Nothing has cost anything"
    )  # fmt: skip
    shown = [_model(row) for row in by_model[: COLOURS - 1]]
    sums: dict[str, dict[str, float]] = {name: {} for name in shown}
    for row in rows:
        name = row["group"]["model"] if row["group"]["model"] in sums else OTHERS
        at = row["group"][times.unit]
        sums.setdefault(name, {})[at] = sums.get(name, {}).get(at, 0.0) + row["cost"]
    series = [
        _series(times, name, values, lambda value: money(value) if value else NOTHING) for name, values in sums.items()
    ]
    most = max((sum(values.get(key, 0) for values in sums.values()) for key in times.labels), default=0)
    return TimeChart(
        "cost", finding, f"USD {times.told}", times.unit.capitalize(), list(times.labels.values()), series,
        money(most) if most else "", download=download,
    )  # fmt: skip


def tokens_over_time(times: Times, rows: Rows, total: Mapping[str, Any], *, download: str) -> TimeChart:
    """What went in and what came out."""
    tokens = total["tokens"]
    finding = f"{_share(tokens['prompt'], tokens['total'])} of {counted(tokens['total'], 'token')} went in"
    series = [
        _series(times, name, {row["group"][times.unit]: row["tokens"][key] for row in rows}, _count)
        for name, key in (("in", "prompt"), ("out", "completion"))
    ]
    most = max((row["tokens"]["total"] for row in rows), default=0)
    return TimeChart(
        "tokens", finding, f"Tokens {times.told}", times.unit.capitalize(), list(times.labels.values()), series,
        number(most), download=download,
    )  # fmt: skip


def latency_over_time(times: Times, rows: Rows, total: Mapping[str, Any], *, download: str) -> TimeChart | None:
    """Median and 95th percentile; None where nothing was completed."""
    latency = total["latency"]
    if not latency["n"]:
        return None
    finding = f"Half of the answers were there within {seconds(latency['p50'])}"
    if latency["n"] >= ENOUGH_FOR["p95"]:
        finding += f", 19 of 20 within {seconds(latency['p95'])}"
    series = [
        _series(
            times,
            share,
            {row["group"][times.unit]: row["latency"][share] for row in rows if row["latency"]["n"]},
            _taken,
        )
        for share in ("p50", "p95")
    ]
    most = max((value or 0 for each in series for value in each.values), default=0)
    return TimeChart(
        "latency", finding, f"Latency of completed runs {times.told}, at most 2{THIN}% off", times.unit.capitalize(),
        list(times.labels.values()), series, seconds(most), is_stacked=False, download=download,
    )  # fmt: skip


def failures_over_time(times: Times, rows: Rows, total: Mapping[str, Any], *, download: str) -> TimeChart | None:
    """Failed runs by what failed; None where nothing did."""
    if not total["failed"]:
        return None
    codes = [code for code, _ in _by_count(total["errors"])]
    shown = codes if len(codes) <= COLOURS else [*codes[: COLOURS - 1], OTHERS]
    sums: dict[str, dict[str, float]] = {name: {} for name in shown}
    for row in rows:
        for code, count in row["errors"].items():
            of_name = sums[code if code in sums else OTHERS]
            of_name[row["group"][times.unit]] = of_name.get(row["group"][times.unit], 0) + count
    worst = max(rows, key=lambda row: row["failed"])
    when = times.labels.get(worst["group"][times.unit], "")
    finding = (
        f"{_share(worst['failed'], total['failed'])} of {counted(total['failed'], 'failure')}: {when}"
        if worst["failed"] > 1 else f"{counted(total['failed'], 'failure')} of {counted(total['executions'], 'run')}"
    )  # fmt: skip
    return TimeChart(
        "failures", finding, f"Failed runs {times.told}", times.unit.capitalize(), list(times.labels.values()),
        [_series(times, name, values, _count) for name, values in sums.items()], number(worst["failed"]),
        download=download,
    )  # fmt: skip


def errors(total: Mapping[str, Any]) -> Chart | None:
    """Failed runs by what failed; None where nothing did."""
    if not total["errors"]:
        return None
    codes = _by_count(total["errors"])
    worst, count = codes[0]
    finding = (
        f"The one failure: {worst}" if total["failed"] == 1
        else f"All {counted(count, 'failure')}: {worst}" if len(codes) == 1
        else f"{worst} is the most common of {counted(total['failed'], 'failure')}: {number(count)}"
    )  # fmt: skip
    bars = [Bar(code, count, counted(count, "run")) for code, count in codes]
    return Chart("errors", finding, "Failed runs by error", "Error", bars)


def _by_count(errors: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(errors.items(), key=lambda each: (-each[1], each[0]))


def _series(times: Times, name: str, values: Mapping[str, float | None], told: Any) -> Series:
    placed = [values.get(key) for key in times.labels]
    return Series(name, placed, [NOTHING if value is None else told(value) for value in placed])


def _count(value: float) -> str:
    return number(int(value))


def _taken(value: float) -> str:
    return seconds(value)


def _model(row: Mapping[str, Any]) -> str:
    return str(row["group"]["model"])


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.0%}".replace("%", f"{THIN}%") if whole else f"0{THIN}%"


def moment_as_told(moment: datetime, zone: str) -> str:
    """A moment of the period."""
    return f"{moment.astimezone(ZoneInfo(zone)):%d %b %Y, %H:%M}"
