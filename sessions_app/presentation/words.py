"""Counts, shares, money and times as a person reads them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.timesince import timesince

THIN = "\N{NARROW NO-BREAK SPACE}"
NOTHING = "\N{EN DASH}"
NOT_KNOWN = "price unknown"
NOT_ENOUGH = "not enough data"
SMALLEST_SHOWN = Decimal("0.0001")


def number(value: int) -> str:
    """A count with thin spaces between the thousands."""
    return f"{value:,}".replace(",", THIN)


def counted(value: int, one: str, many: str = "") -> str:
    """A count with its word."""
    return f"{number(value)} {one if value == 1 else many or f'{one}s'}"


def money(amount: Decimal | float) -> str:
    """US dollars that are never rounded to nothing; nothing is a word."""
    value = Decimal(str(amount))
    if value == 0:
        return "no cost"
    if value < SMALLEST_SHOWN:
        return f"< ${SMALLEST_SHOWN}"
    return f"${value:,.4f}" if value < 1 else f"${value:,.2f}"


def cost_of(amount: Decimal | float, *, unpriced: int = 0) -> str:
    """What is known of what was paid; never nothing when some price was not known."""
    return NOT_KNOWN if unpriced and not amount else money(amount)


def cost_note(amount: Decimal | float, *, unpriced: int) -> str:
    """What a cost leaves out."""
    return f"and {counted(unpriced, 'run')}, {NOT_KNOWN}" if unpriced and amount else ""


def seconds(value: float | None) -> str:
    """A duration: milliseconds below a second."""
    if value is None:
        return NOT_ENOUGH
    if value < 1:
        return f"{value * 1000:.0f}{THIN}ms"
    return f"{value:.2f}{THIN}s" if value < 60 else f"{int(value) // 60}{THIN}min {int(value) % 60}{THIN}s"


def percent(part: float, whole: float) -> str:
    """A share such as `58.3 %`; shares of nothing are not told."""
    return f"{100 * part / whole:.1f}{THIN}%".replace(".0", "") if whole else NOT_ENOUGH


def age(at: datetime) -> str:
    """How long ago it was."""
    passed = (timezone.now() - at).total_seconds()
    return "just now" if passed < 60 else f"{timesince(at, depth=1)} ago"


def size(bytes_: int) -> str:
    """A file's size."""
    if bytes_ < 1000:
        return f"{bytes_}{THIN}B"
    return f"{bytes_ / 1000:.0f}{THIN}kB" if bytes_ < 1_000_000 else f"{bytes_ / 1_000_000:.1f}{THIN}MB"
