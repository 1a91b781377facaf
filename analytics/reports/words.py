"""Changes from one week to the next as sentences say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from analytics.reports.changes import Change
from foundation.presentation.words import cost_of
from foundation.words import THIN, counted, money, number

SAME: Final = 0.005
"""A share of change below which both are as much."""
NOBODY: Final = {
    "model": "no model", "template": "runs without a template", "session": "runs in no session",
    "user": "people who were erased",
}  # fmt: skip


def cost(figures: Mapping[str, Any] | None) -> str:
    """Of some runs, or of none."""
    return cost_of(figures["cost"], unpriced=figures["unpriced"]) if figures else money(0)


def signed(share: float) -> str:
    """Such as `+12 %`."""
    return f"{share:+.0%}".replace("%", f"{THIN}%").replace("-", "\N{MINUS SIGN}")


def points(share: float) -> str:
    """A difference of two rates, in percentage points without a sign."""
    return f"{abs(share) * 100:.1f}".removesuffix(".0")


def rate(part: int, whole: int) -> str:
    """Such as `98.3 % (59/60)`."""
    return f"{part / whole:.1%}".replace(".0%", "%").replace("%", f"{THIN}%") + f" ({number(part)}/{number(whole)})"


def moved(now: float, before: float) -> str:
    """Such as `rose by 12 %`, for something that was not nothing."""
    share = now / before - 1
    if abs(share) < SAME:
        return "stayed as it was"
    return f"{'rose' if share > 0 else 'fell'} by {abs(share):.0%}".replace("%", f"{THIN}%")


def too_few(change: Change) -> str:
    """Why nothing is compared."""
    now, before = change.runs
    if not before:
        return f"{counted(now, 'run')} and none in the week before: there is nothing to compare with."
    return f"{counted(now, 'run')}, and {number(before)} in the week before: too few to compare."


def name_of(group: str, change: Change) -> str:
    """What the group is called; of what is not the reader's to see, the beginning of its id."""
    if group == "model" and change.key:
        return change.key
    if change.name:
        return f"“{change.name}”" if group in ("template", "session") else change.name
    return f"{group} {change.key[:8]} (not yours to see)" if change.key else NOBODY[group]


def why(change: Change) -> str:
    """Where a change of cost comes from, in two parts that add up to it; empty where that cannot be told."""
    causes = change.causes()
    if causes is None or not change.cost_change or not change.is_comparable:
        return ""
    runs, each = causes
    now, before = change.runs
    told = []
    if runs:
        told.append(f"{_by(runs)} from {'more' if now > before else 'fewer'} runs")
    if each:
        told.append(f"{_by(each)} from runs that cost {'more' if each > 0 else 'less'} each")
    return " and ".join(told)


def _by(amount: float) -> str:
    return f"{'+' if amount > 0 else chr(0x2212)}{money(abs(amount))}"
