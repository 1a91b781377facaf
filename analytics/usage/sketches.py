"""Sketches as whole numbers: the count of bucket b stands in `DIGITS` digits, b times `DIGITS` from the right.

So adding numbers adds counts, which PostgreSQL does faster than it would group rows of buckets. A count of a sum stays
below the next bucket's digits as long as fewer than 10 ** DIGITS runs are added.
"""

from __future__ import annotations

from typing import Final

DIGITS: Final = 12
"""Three of the groups of four in which PostgreSQL keeps numbers."""


_NONE: Final = "0" * DIGITS


def number_in_sql(bucket: str) -> str:
    """One run in this bucket; null of null."""
    return f"('1' || repeat('0', {DIGITS} * {bucket}))::numeric"


def counts_of(digits: str) -> dict[int, int]:
    """Counts by bucket, of the number as text: Python makes no number of so many digits."""
    kept = digits.rstrip("0")
    first = (len(digits) - len(kept)) // DIGITS
    whole = digits[: len(digits) - first * DIGITS]
    padded = whole.zfill(-(-len(whole) // DIGITS) * DIGITS)
    parts = [padded[start : start + DIGITS] for start in range(len(padded) - DIGITS, -1, -DIGITS)]
    return {bucket: int(part) for bucket, part in enumerate(parts, first) if part != _NONE}
