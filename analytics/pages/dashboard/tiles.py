"""The figures above everything: each with what it rests on, and how it has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from analytics.usage.adoption import PEOPLE_GOAL, SHARED_GOAL, Adoption
from foundation.presentation.interval import rate_of
from foundation.presentation.words import NOT_ENOUGH, cost_note, cost_of
from foundation.words import THIN, counted, money, number, seconds

ENOUGH_FOR: Final = {"p50": 1, "p95": 20}
"""Runs below which a percentile is only the slowest run."""


@dataclass(frozen=True)
class Tile:
    """One figure."""

    name: str
    value: str
    note: str
    change: str


def tiles_of(now: Mapping[str, Any], earlier: Mapping[str, Any]) -> list[Tile]:
    """`now` and `earlier` are totals as the API tells them, of this period and of the one before it."""
    tokens = now["tokens"]
    return [
        Tile(
            "Runs", number(now["executions"]), _cached(now),
            _change(now["executions"], earlier["executions"], earlier["executions"]),
        ),
        Tile(
            "Cost", cost_of(now["cost"], unpriced=now["unpriced"]), _cost_note(now),
            _change(now["cost"], earlier["cost"], earlier["executions"]),
        ),
        Tile(
            "Tokens", number(tokens["total"]), f"{number(tokens['prompt'])} in, {number(tokens['completion'])} out",
            _change(tokens["total"], earlier["tokens"]["total"], earlier["executions"]),
        ),
        Tile("Success rate", *_success(now), _success_before(earlier)),
        *(_time(name, now[key], earlier[key]) for name, key in (("Latency", "latency"),
                                                                 ("Time to first token", "time_to_first_token"))),
    ]  # fmt: skip


def adoption_tiles(told: Adoption) -> list[Tile]:
    """Whether the playground is taken up, beside what was aimed at."""
    share = NOT_ENOUGH if told.share is None else f"{told.share:.0%}".replace("%", f"{THIN}%")
    usual = told.usual_time
    return [
        Tile(
            "People who ran", share, f"{number(told.people_who_ran)} of {counted(told.people, 'person', 'people')}",
            f"aim: {PEOPLE_GOAL:.0%}".replace("%", f"{THIN}%"),
        ),
        Tile(
            "Templates shared", number(told.templates_shared),
            f"{number(told.templates_made)} made in the period, {number(told.templates_run)} run",
            f"aim: {SHARED_GOAL}",
        ),
        Tile(
            "From first run to a label", NOT_ENOUGH if usual is None else seconds(usual.total_seconds()),
            f"median of {counted(len(told.to_a_label), 'template')}", "labelled for the first time in the period",
        ),
    ]  # fmt: skip


def _cached(now: Mapping[str, Any]) -> str:
    return f"{number(now['cached'])} of them answered out of the cache" if now["cached"] else "that have ended"


def _cost_note(now: Mapping[str, Any]) -> str:
    notes = [
        cost_note(now["cost"], unpriced=now["unpriced"]) or ("USD" if now["cost"] else ""),
        f"and {money(now['cost_elsewhere'])} for calls made elsewhere" if now["cost_elsewhere"] else "",
    ]
    return ", ".join(filter(None, notes))


def _change(now: float, earlier: float, runs: int) -> str:
    if not runs:
        return "no run in the period before"
    if not earlier:
        return f"nothing in the period before ({counted(runs, 'run')})"
    share = now / earlier - 1
    told = (
        "as much as" if abs(share) < 0.005 else f"{share:+.0%}".replace("%", f"{THIN}%").replace("-", "\N{MINUS SIGN}")
    )
    return f"{told} in the period before ({counted(runs, 'run')})"


def _rate(told: Mapping[str, Any]) -> tuple[int, int]:
    return told["completed"], told["completed"] + told["failed"]


def _success(now: Mapping[str, Any]) -> tuple[str, str]:
    completed, tried = _rate(now)
    if not tried:
        return NOT_ENOUGH, "none has completed or failed"
    cancelled = f", {number(now['cancelled'])} cancelled not counted" if now["cancelled"] else ""
    return rate_of(completed, tried), f"completed of completed and failed; 95{THIN}% interval{cancelled}"


def _success_before(earlier: Mapping[str, Any]) -> str:
    completed, tried = _rate(earlier)
    if not tried:
        return "no run in the period before"
    return f"{rate_of(completed, tried)} in the period before"


def _time(name: str, now: Mapping[str, Any], earlier: Mapping[str, Any]) -> Tile:
    told = " · ".join(
        f"{share} {seconds(now[share])}"
        for share, least in ENOUGH_FOR.items()
        if now["n"] >= least and now[share] is not None
    )
    before = f"p50 {seconds(earlier['p50'])} in the period before" if earlier["n"] else "no run in the period before"
    return Tile(name, told or NOT_ENOUGH, f"of {counted(now['n'], 'completed run')}", before)
