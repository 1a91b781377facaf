"""Money, counts and times as a person reads them."""

from __future__ import annotations

from decimal import Decimal

THIN = "\N{NARROW NO-BREAK SPACE}"
NOT_KNOWN = "price unknown"
NO_COST = "no cost"
RUNS_HERE = "no cost: runs here"
SMALLEST_SHOWN = Decimal("0.0001")


def money(amount: Decimal | float) -> str:
    """US dollars that are never rounded to nothing; nothing is a word."""
    value = Decimal(str(amount))
    if value == 0:
        return NO_COST
    if value < SMALLEST_SHOWN:
        return f"< ${SMALLEST_SHOWN}"
    return f"${value:,.4f}" if value < 1 else f"${value:,.2f}"


def number(value: int | float) -> str:
    """A count with thin spaces between the thousands."""
    return f"{value:,}".replace(",", THIN)


def seconds(value: Decimal | float) -> str:
    """A duration: milliseconds below a second."""
    if value < 1:
        return f"{float(value) * 1000:.0f}{THIN}ms"
    return f"{float(value):.2f}{THIN}s" if value < 60 else f"{int(value) // 60}{THIN}min {int(value) % 60}{THIN}s"


def rate(amount: Decimal | float) -> str:
    """A price per million tokens: two decimals, or as many as it has."""
    value = Decimal(str(amount)).normalize()
    return f"${value:f}" if int(value.as_tuple().exponent) < -2 else f"${value:.2f}"
