"""A session's analytics as its page tells them: figures with their counts, and pictures with their findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

from foundation.presentation.chart import Bar, Chart
from foundation.presentation.interval import FEW, rate_of
from foundation.presentation.words import NOT_ENOUGH, cost_note, cost_of, percent, taken
from foundation.words import THIN, counted, money, number

ENOUGH_FOR: Final = {"p50": 1, "p95": 20, "p99": 100}
"""Completed runs below which a percentile is only the slowest run."""
MOST_DAYS: Final = 120


@dataclass(frozen=True)
class Counts:
    """How many executions of the period have which status."""

    by_status: Mapping[str, int]

    @property
    def completed(self) -> int:
        """Those with an answer."""
        return self.by_status.get("completed", 0)

    @property
    def tried(self) -> int:
        """Completed or failed: who cancels says nothing about the model."""
        return self.completed + self.by_status.get("failed", 0)

    @property
    def left_out(self) -> str:
        """What the success rate does not count."""
        cancelled = self.by_status.get("cancelled", 0)
        return f"{number(cancelled)} cancelled not counted" if cancelled else ""


@dataclass(frozen=True)
class ModelLine:
    """One model in the table."""

    name: str
    runs: str
    cost: str
    tokens: str
    latency: str
    success: str


class AnalyticsView:
    """`told` is the API's JSON; `unpriced` says of which models how many runs had no known price."""

    def __init__(self, told: Mapping[str, Any], counts: Counts, unpriced: Mapping[str, int]) -> None:
        self._told = told
        self._counts = counts
        self._unpriced = {row["model_id"]: unpriced.get(row["model_id"], 0) for row in told["by_model"]}
        self.models: Sequence[Mapping[str, Any]] = told["by_model"]
        self.days: Sequence[Mapping[str, Any]] = told["by_day"]
        self.is_empty = not told["execution_count"]

    @property
    def figures(self) -> list[tuple[str, str, str]]:
        """Name, figure, and what it rests on."""
        told, counts = self._told, self._counts
        usage, cost = told["usage"], told["total_cost"]
        tokens = f"{number(usage['prompt_tokens'])} in, {number(usage['completion_tokens'])} out"
        unpriced = sum(self._unpriced.values())
        elsewhere = told["cost_elsewhere"]
        notes = [
            cost_note(cost, unpriced=unpriced) or ("USD" if cost else ""),
            f"and {money(elsewhere)} for calls made elsewhere" if elsewhere else "",
        ]
        return [
            ("Executions", number(told["execution_count"]), "that have ended"),
            ("Cost", cost_of(cost, unpriced=unpriced), ", ".join(filter(None, notes))),
            ("Tokens", number(usage["total_tokens"]), tokens),
            ("Success rate", self._success, ", ".join(filter(None, (self._rests, counts.left_out)))),
        ]

    @property
    def _success(self) -> str:
        return rate_of(self._counts.completed, self._counts.tried) or NOT_ENOUGH

    @property
    def _rests(self) -> str:
        if not self._counts.tried:
            return "none has completed or failed"
        return f"completed of completed and failed; 95{THIN}% interval"

    @property
    def times(self) -> list[tuple[str, list[tuple[str, str]], str]]:
        """Latency and time to first token, by percentile, and how many runs they are of; a percentile of too few runs
        is not told.
        """
        return [
            ("Latency", self._percentiles("latency"), self._of("latency", "completed run")),
            (
                "Time to first token",
                self._percentiles("time_to_first_token"),
                self._of("time_to_first_token", "completed run that streamed", "completed runs that streamed"),
            ),
        ]

    def _of(self, name: str, one: str, many: str = "") -> str:
        return f"of {counted(self._told[name]['n'], one, many)}"

    def _percentiles(self, name: str) -> list[tuple[str, str]]:
        told = self._told[name]
        return [(each, self._percentile(each, value, told["n"])) for each, value in told.items() if each != "n"]

    @staticmethod
    def _percentile(name: str, value: float | None, there: int) -> str:
        needed = ENOUGH_FOR[name]
        if value is None or there < needed:
            return NOT_ENOUGH if value is None else f"{NOT_ENOUGH}, needs {needed} runs"
        return taken(value)

    @property
    def lines(self) -> list[ModelLine]:
        """The models, most used first."""
        return [
            ModelLine(
                row["model_id"],
                number(row["executions"]),
                self._cost(row),
                number(row["tokens"]),
                _median(row),
                rate_of(row["completed"], row["completed"] + row["failed"]) or NOT_ENOUGH,
            )
            for row in self.models
        ]

    def _cost(self, row: Mapping[str, Any]) -> str:
        return cost_of(row["cost"], unpriced=self._unpriced[row["model_id"]])

    @cached_property
    def charts(self) -> list[Chart]:
        """The pictures, each with what it shows for a title."""
        found = [self._by_day, self._by_model]
        if self._told["total_cost"] and len(self.models) > 1:
            found.append(self._cost_by_model)
        if any(row["latency_p50"] is not None for row in self.models):
            found.append(self._latency_by_model)
        return found

    @property
    def _by_day(self) -> Chart:
        whole = self._told["execution_count"]
        most = max(self.days, key=lambda row: row["executions"])
        on = _day(most["date"])
        if len(self.days) == 1:
            finding = f"All {counted(whole, 'run')} on {on}" if whole > 1 else f"One run, on {on}"
        elif ties := sum(row["executions"] == most["executions"] for row in self.days) - 1:
            finding = f"At most {counted(most['executions'], 'run')} a day, on {on} and {counted(ties, 'other day')}"
        else:
            finding = f"Most runs on {on}: {number(most['executions'])} of {number(whole)}"
        bars = [Bar(_day(row["date"]), row["executions"], self._told_of_day(row)) for row in _every_day(self.days)]
        unit = "Runs a day (UTC), and their cost"
        unit += f", of the last {MOST_DAYS} days" if len(bars) == MOST_DAYS else ""
        return Chart("by-day", finding, unit, "Day", bars, is_upright=True)

    def _told_of_day(self, row: Mapping[str, Any]) -> str:
        if not row["executions"]:
            return "no run"
        runs = counted(row["executions"], "run")
        # Which day's runs had no known price is not told: nothing is then better than "no cost".
        return runs if not row["cost"] and any(self._unpriced.values()) else f"{runs}, {money(row['cost'])}"

    @property
    def _by_model(self) -> Chart:
        whole, first = self._told["execution_count"], self.models[0]
        if len(self.models) == 1:
            finding = f"{first['model_id']} alone was asked"
        else:
            part = percent(first["executions"], whole)
            finding = f"{first['model_id']} was asked most: {part} ({number(first['executions'])}/{number(whole)})"
        bars = [Bar(row["model_id"], row["executions"], counted(row["executions"], "run")) for row in self.models]
        return Chart("by-model", finding, "Runs by model", "Model", bars)

    @property
    def _cost_by_model(self) -> Chart:
        dearest = max(self.models, key=lambda row: row["cost"])
        part = percent(dearest["cost"], self._told["total_cost"])
        finding = f"{dearest['model_id']} took {part} of what is known of the cost"
        rows = sorted(self.models, key=lambda row: -row["cost"])
        bars = [Bar(row["model_id"], row["cost"], self._cost(row)) for row in rows]
        return Chart("cost", finding, "USD by model", "Model", bars)

    @property
    def _latency_by_model(self) -> Chart:
        rows = sorted(self.models, key=lambda row: (row["latency_p50"] is None, row["latency_p50"]))
        known = [row for row in rows if row["latency_p50"] is not None]
        quickest, slowest = known[0], known[-1]
        finding = f"Half of the answers of {quickest['model_id']} were there within {taken(quickest['latency_p50'])}"
        if len(known) > 1 and any(row["completed"] < FEW for row in known):
            finding = "Too few answers to say which model is quicker"
        elif len(known) > 1:
            finding += f", of {slowest['model_id']} within {taken(slowest['latency_p50'])}"
        bars = [Bar(row["model_id"], row["latency_p50"], _median(row)) for row in rows]
        return Chart("latency", finding, "Median latency of completed runs", "Model", bars)


def _median(row: Mapping[str, Any]) -> str:
    told = taken(row["latency_p50"])
    return told if row["latency_p50"] is None else f"{told}, {counted(row['completed'], 'completed run')}"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%b} {day.year}"


def _every_day(days: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The days with those between on which nothing ran; when they are too many, the last ones."""
    known = {row["date"]: row for row in days}
    first, last = (date.fromisoformat(days[at]["date"]) for at in (0, -1))
    first = max(first, last - timedelta(days=MOST_DAYS - 1))
    span = [(first + timedelta(days=after)).isoformat() for after in range((last - first).days + 1)]
    return [known.get(day, {"date": day, "executions": 0, "cost": 0, "tokens": 0}) for day in span]
