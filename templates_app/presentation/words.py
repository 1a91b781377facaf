"""Counts, shares, money and times as a person reads them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.timesince import timesince

THIN = "\N{NARROW NO-BREAK SPACE}"
SMALLEST_SHOWN = Decimal("0.0001")
CHARACTERS_A_TOKEN = 4


def number(value: int) -> str:
    """A count with thin spaces between the thousands."""
    return f"{value:,}".replace(",", THIN)


def counted(value: int, one: str, many: str = "") -> str:
    """A count with its word."""
    return f"{number(value)} {one if value == 1 else many or f'{one}s'}"


def money(amount: Decimal) -> str:
    """US dollars that are never rounded to nothing; nothing is a word."""
    if amount == 0:
        return "no cost"
    if amount < SMALLEST_SHOWN:
        return f"< ${SMALLEST_SHOWN}"
    return f"${amount:,.4f}" if amount < 1 else f"${amount:,.2f}"


def share(part: int, whole: int) -> str:
    """A fraction with its percentage, such as `58.3 % (7/12)`; nothing is said of an empty whole."""
    return f"{100 * part / whole:.1f}{THIN}% ({number(part)}/{number(whole)})" if whole else ""


def age(at: datetime) -> str:
    """How long ago it was."""
    passed = (timezone.now() - at).total_seconds()
    return "just now" if passed < 60 else f"{timesince(at, depth=1)} ago"


def tokens(*texts: str) -> str:
    """About how many tokens the texts have; static/js/editor.js says the same while one types."""
    return f"about {counted(-(-sum(map(len, texts)) // CHARACTERS_A_TOKEN), 'token')}"
