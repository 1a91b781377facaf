"""A variant's figures beside its rate, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evaluation_app.pages.presentation.rate import NONE, SPACE, RateView, percent
from foundation.words import counted, money, seconds


def figures_of(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values of what is known of a variant (`figures.results`), each with what it rests on."""
    of = told["figures"]
    if told["average_score"] is not None:
        yield "Average score", _score(of["average_score"])
    if told.get("weighted_success_rate") is not None:
        yield "Passes, cases weighted", _share(of["weighted_success_rate"])
    if told.get("weighted_average_score") is not None:
        yield "Average score, cases weighted", _score(of["weighted_average_score"])
    if told["consistency"] is not None:
        yield "Same answer twice", _share(of["consistency"])
    if told.get("same_meaning") is not None:
        yield "Same meaning twice", _share(of["same_meaning"])
    for k, value in told["pass_hat_k"].items():
        if k != "1" and value is not None:
            yield f"All of {k} pass", _share(of["pass_hat_k"][k])
    for name, words in (("p50", "Half answered within"), ("p95", f"95{SPACE}% answered within")):
        if (value := told["latency"][name]) is not None:
            yield words, f"{seconds(value)}, of {counted(of['latency'][name]['n'], 'answer')}"
    if told["cost_per_success"] is not None:
        yield "Cost a success", money(told["cost_per_success"])


def _share(figure: Mapping[str, Any]) -> str:
    """Such as `86 % (60 to 96 %), of 14 cases`: the interval where there is one."""
    span = RateView(figure).span
    return f"{percent(figure['value'])}{f' ({span})' if span else ''}, of {counted(figure['cases'], 'case')}"


def _score(figure: Mapping[str, Any]) -> str:
    """Such as `0.83 (0.71 to 0.92), of 14 cases`."""
    interval = figure["interval"]
    span = f" ({interval['low']:.2f} to {interval['high']:.2f})" if interval else ""
    return f"{figure['value']:.2f}{span}, of {counted(figure['cases'], 'case')}"


def side_by_side(variants: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """A line a figure that any of them has: its name, and what it is of each variant in their order."""
    columns = [dict(figures_of(each)) for each in variants]
    names = dict.fromkeys(name for column in columns for name in column)
    return [(name, [column.get(name, NONE) for column in columns]) for name in names]
