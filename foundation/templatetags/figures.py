"""Counts as a person reads them: thin spaces between the thousands, and the word that goes with one or with many."""

from __future__ import annotations

from django import template

from foundation import words

register = template.Library()


@register.filter
def thin(value: object) -> object:
    """Such as `7 812` with a thin space; what is no number as it is."""
    return words.number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


@register.filter
def counted(value: object, word: str) -> str:
    """Such as `1 run` and `7 812 runs`; two words with a comma between them where the many is not the one with an s."""
    one, _, many = word.partition(",")
    return words.counted(value, one, many) if isinstance(value, int) else f"{value} {many or f'{one}s'}"
