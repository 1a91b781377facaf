"""A plan in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation_app.statistics.verdicts import in_points
from foundation.words import money, number


class PlanView:
    """What a test would take, and what it could show (`planning.planned_test`)."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self._plan = plan

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Samples, precision, money, time."""
        plan, told = self._plan, [("Answers", number(self._plan["samples"]))]
        told.append(("How sure", f"± {in_points(plan['half_width'])}"))
        if plan["forecast"]["cost"]:
            cost = plan["forecast"]["cost"]
            told.append(("Cost", _span(cost) if "early_stop" in plan["forecast"] and cost["high"] else _cost(cost)))
        else:
            told.append(("Cost", "not known: a price is missing"))
        seconds = plan["forecast"]["seconds"]
        told.append(("Time", f"{_time(seconds['low'])} to {_time(seconds['high'])}"))
        economy = plan["forecast"]["economy"]
        if economy["cost"]:
            told.append(("At economy", f"{_cost(economy['cost'])}, within {economy['hours']} hours"))
        elif economy["reason"]:
            told.append(("At economy", f"not to be had: {economy['reason']}"))
        return told

    @property
    def no_batches(self) -> str:
        """Why there is no economy for it; empty where there is."""
        return self._plan["forecast"]["economy"]["reason"] or ""

    @property
    def warnings(self) -> list[str]:
        """What to know before anybody pays."""
        return [*self._stops, *(warning["message"] for warning in self._plan["warnings"])]

    @property
    def _stops(self) -> list[str]:
        """How much an early stop would spare, by the difference that there is."""
        stops = [stop for stop in self._plan["forecast"].get("early_stop", ()) if stop["cases"] < stop["of"]]
        if not stops:
            return ["With so few cases it hardly ends early."] if "early_stop" in self._plan["forecast"] else []
        told = [
            f"{stop['points']} points after about {number(stop['cases'])}"
            + (f" ({money(stop['cost']['expected'])})" if stop["cost"] else "")
            for stop in stops
        ]
        spared = f"of {', of '.join(told)} of {number(stops[0]['of'])} cases"
        return [f"It ends early where there is a difference: {spared}; else it asks all."]


def _span(cost: Mapping[str, float]) -> str:
    return f"{money(cost['low'])} to {money(cost['high'])}, by when it stops"


def _cost(cost: Mapping[str, float]) -> str:
    if not cost["high"]:
        return money(0)
    return f"about {money(cost['expected'])}, {money(cost['high'])} at most"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = seconds / 60
    return f"{round(minutes)} min" if minutes < 90 else f"{minutes / 60:.1f} h"
