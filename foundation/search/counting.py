"""How much a list holds, in words: no count goes on for ever, and none claims more than was looked at."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet

from foundation.words import counted, number

MOST: Final = 10_000
"""Rows that are counted at most."""


def counted_rows(rows: QuerySet[Any], one: str, many: str = "", *, most: int = MOST) -> str:
    """Such as `3 runs`, and `More than 10 000 runs` where there are more: one query, which stops there."""
    found = rows.order_by()[: most + 1].count()
    return f"More than {counted(most, one, many)}" if found > most else counted(found, one, many)


def counted_searched(shown: int, one: str, *, opened: int, is_first: bool, is_last: bool) -> str:
    """What a page of a bounded search holds; where more may lie beyond it, among how many that is."""
    told = counted(shown, one)
    if not is_first:
        return f"{told} on this page"
    return told if is_last else f"{told} among the newest {number(opened)} searched"
