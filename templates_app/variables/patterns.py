"""Patterns of users: compiled by RE2, which matches in linear time and knows no back-references or look-around."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import re2

from foundation.words import number

LONGEST_PATTERN: Final = 1_000
MOST_MEMORY: Final = 1 << 20
"""Bytes that RE2 may use for one compiled pattern."""


class InvalidPattern(ValueError):
    """The pattern is no RE2 pattern, or would need too much memory; the message says what is wrong with it."""


@lru_cache(maxsize=512)
def compile_safely(pattern: str) -> Any:
    """The compiled pattern; `.search(text)` finds it anywhere."""
    if len(pattern) > LONGEST_PATTERN:
        raise InvalidPattern(f"A pattern is taken up to {number(LONGEST_PATTERN)} characters.")
    options = re2.Options()
    options.max_mem = MOST_MEMORY
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        raise InvalidPattern(f"No RE2 pattern: {_text(error)}.") from None


def _text(error: Exception) -> str:
    told = error.args[0] if error.args else error
    return told.decode(errors="replace") if isinstance(told, bytes) else str(told)
