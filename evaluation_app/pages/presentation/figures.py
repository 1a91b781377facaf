"""A variant's figures beside its rate, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evaluation_app.pages.presentation.rate import NONE, SPACE, percent
from foundation.words import money


def figures_of(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values of what is known of a variant (`figures.results`)."""
    if told["average_score"] is not None:
        yield "Average score", f"{told['average_score']:.2f}"
    if told.get("weighted_success_rate") is not None:
        yield "Passes, cases weighted", percent(told["weighted_success_rate"])
    if told.get("weighted_average_score") is not None:
        yield "Average score, cases weighted", f"{told['weighted_average_score']:.2f}"
    if told["consistency"] is not None:
        yield "Same answer twice", percent(told["consistency"])
    if told.get("same_meaning") is not None:
        yield "Same meaning twice", percent(told["same_meaning"])
    for k, value in told["pass_hat_k"].items():
        if k != "1" and value is not None:
            yield f"All of {k} pass", percent(value)
    for name, words in (("p50", "Half answered within"), ("p95", f"95{SPACE}% answered within")):
        if told["latency"][name] is not None:
            yield words, f"{told['latency'][name]:.2f} s"
    if told["cost_per_success"] is not None:
        yield "Cost a success", money(told["cost_per_success"])


def side_by_side(variants: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """A line a figure that any of them has: its name, and what it is of each variant in their order."""
    columns = [dict(figures_of(each)) for each in variants]
    names = dict.fromkeys(name for column in columns for name in column)
    return [(name, [column.get(name, NONE) for column in columns]) for name in names]
