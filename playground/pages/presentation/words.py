"""Prices as a person reads them."""

from __future__ import annotations

from decimal import Decimal

from foundation.words import dollars

RUNS_HERE = "no cost: runs here"


def rate(amount: Decimal | float) -> str:
    """A price per million tokens: two decimals, or as many as it has."""
    value = Decimal(str(amount)).normalize()
    return dollars(value, places=max(2, -int(value.as_tuple().exponent)))
