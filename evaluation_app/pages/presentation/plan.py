"""A plan in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foundation.words import money, number


class PlanView:
    """What a test would take, and what it could show (`planning.planned_test`)."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self._plan = plan

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Samples, precision, money, time."""
        plan, told = self._plan, [("Answers", number(self._plan["samples"]))]
        told.append(("How sure", f"± {round(100 * plan['half_width'])} points"))
        if plan["forecast"]["cost"]:
            cost = plan["forecast"]["cost"]
            told.append(("Cost", _cost(cost)))
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
    def warnings(self) -> list[str]:
        """What to know before anybody pays."""
        return [warning["message"] for warning in self._plan["warnings"]]


def _cost(cost: Mapping[str, float]) -> str:
    if not cost["high"]:
        return money(0)
    return f"about {money(cost['expected'])}, {money(cost['high'])} at most"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = seconds / 60
    return f"{round(minutes)} min" if minutes < 90 else f"{minutes / 60:.1f} h"
