"""A plan in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from evaluation_app.statistics.verdicts import in_points
from foundation.words import money, number
from playground.pages.presentation.forecast import between
from playground.usage.forecast import Cost
from providers.tokenizing.texts import told as told_tokens


class PlanView:
    """What a test would take, and what it could show (`planning.planned_test`)."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self._plan = plan

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Samples, precision, what is sent, money, time."""
        plan, forecast = self._plan, self._plan["forecast"]
        told = [("Answers", number(plan["samples"])), ("How sure", f"± {in_points(plan['half_width'])}")]
        given = forecast["input"]
        told.append(("Sent", told_tokens(given["tokens"], is_counted=given["method"] == "tokenizer")))
        if cost := forecast["cost"]:
            told.append(("Cost", _range(cost, " by when it stops" if "early_stop" in forecast else "")))
            if cost["high"] and money(cost["high"]) != money(cost["long"]):
                told.append(("At most", money(cost["high"])))
        else:
            told.append(("Cost", "not known: a price is missing"))
        seconds = forecast["seconds"]
        told.append(("Time", f"{_time(seconds['low'])} to {_time(seconds['high'])}"))
        economy = forecast["economy"]
        if economy["cost"]:
            told.append(("At economy", f"{_range(economy['cost'])} within {economy['hours']} hours"))
        elif economy["reason"]:
            told.append(("At economy", f"not to be had: {economy['reason']}"))
        return told

    @property
    def reasons(self) -> str:
        """How the tokens were told, and what the range of the cost is."""
        forecast = self._plan["forecast"]
        cost = forecast["cost"]
        usual = f"With usual answers it is about {money(cost['expected'])}." if cost and cost["high"] else ""
        return " ".join(filter(None, (forecast["input"]["reason"], usual and forecast["reason"], usual)))

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


def _range(cost: Mapping[str, float], why: str = "") -> str:
    """From answers of a word to long ones."""
    return f"{between(Cost(Decimal(str(cost['low'])), Decimal(str(cost['long']))))}{why}" if cost["high"] else money(0)


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = seconds / 60
    return f"{round(minutes)} min" if minutes < 90 else f"{minutes / 60:.1f} h"
