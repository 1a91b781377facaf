"""Money, counts and times as a person reads them, the same on every page.

Programs of their own that load no Django read it too: what needs Django is imported where it is used.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

THIN: Final = "\N{NARROW NO-BREAK SPACE}"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
"""Between a number and its unit: they stay on one line."""
NOT_KNOWN: Final = "price unknown"
NO_COST: Final = "no cost"
SMALLEST_SHOWN: Final = Decimal("0.0001")


def money(amount: Decimal | float) -> str:
    """US dollars that are never rounded to nothing; nothing is a word."""
    value = Decimal(str(amount))
    if value == 0:
        return NO_COST
    if value < 0:
        return f"-{money(-value)}"
    if value < SMALLEST_SHOWN:
        return f"< ${SMALLEST_SHOWN}"
    return dollars(value, places=4 if value < 1 else 2)


def number(value: float | Decimal, *, places: int | None = None) -> str:
    """A number with thin spaces between the thousands, and as many decimals as it has or as `places` says."""
    if places is not None:
        told = f"{value:,.{places}f}"
    else:
        told = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"  # a Decimal without an exponent
    return told.replace(",", THIN)


def measured(value: float, *, digits: int = 6) -> str:
    """A measured number to so many digits that count, as long as it is: never with an exponent."""
    return number(Decimal(f"{value:.{digits}g}"))


def dollars(amount: Decimal | float, *, places: int) -> str:
    """US dollars with so many decimals, for columns and limits; the sign of a difference stands before."""
    return f"{'-' if amount < 0 else ''}${number(-amount if amount < 0 else amount, places=places)}"


def plain_number(value: object) -> str:
    """A value as a field holds it: numbers without an exponent, which nobody types."""
    text = str(value)
    return f"{Decimal(text):f}" if isinstance(value, float) and "e" in text else text


def counted(value: int, one: str, many: str = "") -> str:
    """A count with its word."""
    return f"{number(value)} {one if value == 1 else many or f'{one}s'}"


def percent(share: float) -> str:
    """A share as people say it; what is not quite all is never called all, and what is not nothing never nothing."""
    told = round(100 * share)
    if told == 100 and share < 1:
        return f">{NO_BREAK}99{NO_BREAK}%"
    return f"<{NO_BREAK}1{NO_BREAK}%" if told == 0 and share > 0 else f"{told}{NO_BREAK}%"


def span_of(low: float, high: float) -> str:
    """An interval of shares, such as `61 to 94 %`."""
    return f"{round(100 * low)} to {round(100 * high)}{NO_BREAK}%"


def p_value(value: float) -> str:
    """Such as `p = 0.012`; never 0, which no test comes to."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def seconds(value: Decimal | float) -> str:
    """A duration: milliseconds below a second."""
    if value < 1:
        return f"{float(value) * 1000:.0f}{THIN}ms"
    return f"{float(value):.2f}{THIN}s" if value < 60 else f"{int(value) // 60}{THIN}min {int(value) % 60}{THIN}s"


def age(at: datetime) -> str:
    """How long ago it was."""
    from django.utils.timesince import timesince

    passed = (datetime.now(UTC) - at).total_seconds()
    return "just now" if passed < 60 else f"{timesince(at, depth=1)} ago"
