"""Counts as a person reads them: thin spaces between the thousands, and the word that goes with one or with many."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django import template

from foundation import words

register = template.Library()


@register.filter
def thin(value: object, places: int | None = None) -> object:
    """Such as `7 812` with a thin space; what is no number as it is. Of `places`, a negative count is the most."""
    if not isinstance(value, (int, float, Decimal)) or isinstance(value, bool):
        return value
    if places is None or places >= 0:
        return words.number(value, places=places)
    told = words.number(value, places=-places)
    return told.rstrip("0").rstrip(".")


@register.filter
def dollars(value: object, places: int = 2) -> object:
    """Such as `$1 234.50` with a thin space; what is no number as it is."""
    return words.dollars(value, places=places) if isinstance(value, (int, float, Decimal)) else value


@register.filter
def age(value: object) -> object:
    """Such as `3 days ago`, and `just now` within the first minute; what is no time as it is."""
    return words.age(value) if isinstance(value, datetime) else value


@register.filter
def counted(value: object, word: str) -> str:
    """Such as `1 run` and `7 812 runs`; two words with a comma between them where the many is not the one with an s."""
    one, _, many = word.partition(",")
    return words.counted(value, one, many) if isinstance(value, int) else f"{value} {many or f'{one}s'}"
