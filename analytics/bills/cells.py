"""One line's cells as days, counts and amounts; what is wrong is told by line and column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from foundation.problems import FieldError, Problem, invalid

LARGEST_COUNT: Final = 10**15
LARGEST_AMOUNT: Final = Decimal(10) ** 12
LONGEST_NAME: Final = 255
OTHER_MONEY: Final = re.compile(r"[€£¥₹₽₩]|\b(?:EUR|GBP|JPY|CNY|INR|CHF|CAD|AUD)\b", re.IGNORECASE)
_SECONDS: Final = re.compile(r"\d{9,11}")
_AMBIGUOUS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")


def refused(line: int, column: str, message: str, *, code: str = "invalid") -> Problem:
    """400 that names the place."""
    place = f"line {line}, column {column}" if column else f"line {line}"
    return invalid([FieldError(f"file.{line}.{column}" if column else f"file.{line}", code, f"In {place}: {message}")])


class Cells:
    """A line of a table, by column."""

    def __init__(self, line: int, cells: Mapping[str, str], *, has_decimal_comma: bool) -> None:
        self.line = line
        self._cells = cells
        self._has_decimal_comma = has_decimal_comma

    def text(self, column: str) -> str:
        """What stands there; empty where nothing does."""
        value = self._cells.get(column, "").strip()
        if len(value) > LONGEST_NAME:
            raise refused(self.line, column, f"at most {LONGEST_NAME} characters are expected.", code="max_length")
        return value

    def has(self, column: str) -> bool:
        """Whether anything stands there."""
        return bool(self._cells.get(column, "").strip())

    def day(self, column: str) -> date:
        """The day, in UTC: of 2026-09-28, of a moment (ISO 8601; without an offset it is UTC), or of Unix seconds."""
        value = self.text(column)
        try:
            if _SECONDS.fullmatch(value):
                return datetime.fromtimestamp(int(value), UTC).date()
            moment = datetime.fromisoformat(value.removesuffix(" UTC"))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()
        except (ValueError, OverflowError):
            raise refused(self.line, column, f"“{value[:40]}” is no day such as 2026-09-28.") from None

    def count(self, column: str) -> int:
        """A whole number, 0 where nothing stands."""
        value = self.text(column)
        number = self._number(column, value) if value else Decimal(0)
        if number != number.to_integral_value() or not 0 <= number <= LARGEST_COUNT:
            raise refused(self.line, column, f"“{value[:40]}” is no count.")
        return int(number)

    def amount(self, column: str) -> Decimal:
        """USD; 0 where nothing stands."""
        value = self.text(column)
        if other := OTHER_MONEY.search(value):
            raise refused(self.line, column, f"amounts are in USD, not in {other[0]}.", code="currency")
        bare = re.sub(r"US\$|\$|\bUSD\b", "", value, flags=re.IGNORECASE).strip()
        number = self._number(column, bare) if bare else Decimal(0)
        if abs(number) > LARGEST_AMOUNT:
            raise refused(self.line, column, f"“{value[:40]}” is too large.", code="max_value")
        return number

    def check_currency(self, column: str) -> None:
        """400 where the column names another currency than USD."""
        value = self.text(column)
        if value and value.upper() != "USD":
            raise refused(self.line, column, f"amounts are in USD, not in {value[:40]}.", code="currency")

    def _number(self, column: str, value: str) -> Decimal:
        plain = value
        if "," in value and not self._has_decimal_comma:
            told = "a comma is no decimal point in a file whose columns stand between commas; write 1234.56."
            raise refused(self.line, column, f"“{value[:40]}”: {told}", code="decimal_comma")
        if self._has_decimal_comma and _AMBIGUOUS.fullmatch(value):
            told = "it may be a thousand times as much; write it without a point between thousands."
            raise refused(self.line, column, f"“{value[:40]}”: {told}", code="ambiguous")
        if "," in value:
            plain = (value.replace(".", "") if _GROUPED.fullmatch(value) else value).replace(",", ".")
        try:
            number = Decimal(plain)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or "_" in plain:
            raise refused(self.line, column, f"“{value[:40]}” is no number.")
        return number


def places_of(*amounts: Decimal) -> int:
    """Digits behind the point that these amounts are written with, at most."""
    exponents = [amount.as_tuple().exponent for amount in amounts]
    return max((-each for each in exponents if isinstance(each, int)), default=0)
