"""Every format that a bill may have."""

from __future__ import annotations

from typing import Final

from analytics.bills.formats import anthropic_costs, anthropic_usage, openai_costs, openai_usage, openrouter, plain
from analytics.bills.formats.format import Format

FORMATS: Final[tuple[Format, ...]] = (
    openai_usage.FORMAT,
    openai_costs.FORMAT,
    anthropic_usage.FORMAT,
    anthropic_costs.FORMAT,
    openrouter.FORMAT,
    plain.FORMAT,
)


def format_of(columns: list[str]) -> Format | None:
    """The format whose columns these are, told by those that it must have."""
    return next((each for each in FORMATS if each.required <= set(columns)), None)


def nearest(columns: list[str]) -> Format:
    """The format of which least is missing."""
    return min(FORMATS, key=lambda each: len(each.required - set(columns)) / len(each.required))
