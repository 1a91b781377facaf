"""Prices as a person reads them."""

from __future__ import annotations

from decimal import Decimal

RUNS_HERE = "no cost: runs here"


def rate(amount: Decimal | float) -> str:
    """A price per million tokens: two decimals, or as many as it has."""
    value = Decimal(str(amount)).normalize()
    return f"${value:f}" if int(value.as_tuple().exponent) < -2 else f"${value:.2f}"
