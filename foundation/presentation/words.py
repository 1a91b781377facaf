"""Costs, shares, durations and sizes of runs as a person reads them, the same wherever runs are summed up."""

from __future__ import annotations

from decimal import Decimal

from foundation.words import NOT_KNOWN, THIN, counted, money, seconds

NOTHING = "\N{EN DASH}"
NOT_ENOUGH = "not enough data"


def cost_of(amount: Decimal | float, *, unpriced: int = 0) -> str:
    """What is known of what was paid; never nothing when some price was not known."""
    return NOT_KNOWN if unpriced and not amount else money(amount)


def cost_note(amount: Decimal | float, *, unpriced: int) -> str:
    """What a cost leaves out."""
    return f"and {counted(unpriced, 'run')}, {NOT_KNOWN}" if unpriced and amount else ""


def taken(value: float | None) -> str:
    """A duration, or that there is not enough to tell one."""
    return NOT_ENOUGH if value is None else seconds(value)


def percent(part: float, whole: float) -> str:
    """A share such as `58.3 %`; shares of nothing are not told."""
    return f"{100 * part / whole:.1f}{THIN}%".replace(".0", "") if whole else NOT_ENOUGH


def size(bytes_: int) -> str:
    """A file's size."""
    if bytes_ < 1000:
        return f"{bytes_}{THIN}B"
    return f"{bytes_ / 1000:.0f}{THIN}kB" if bytes_ < 1_000_000 else f"{bytes_ / 1_000_000:.1f}{THIN}MB"
