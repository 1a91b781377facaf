"""Patterns of a project's own: RE2, which matches in linear time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import re2

from privacy.masking.finders.find import Find, Finder

MOST_MEMORY: Final = 8 << 20
"""Bytes that RE2 may use for one compiled pattern: a list of names is one."""


class InvalidPattern(ValueError):
    """RE2 does not take it, or would need too much memory; the message says what is wrong."""


def compiled(pattern: str, *, is_case_sensitive: bool = True) -> Any:
    """What RE2 makes of it; raises InvalidPattern."""
    options = re2.Options()
    options.max_mem = MOST_MEMORY
    options.log_errors = False
    options.case_sensitive = is_case_sensitive
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        told = error.args[0] if error.args else error
        said = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
        raise InvalidPattern(f"No RE2 pattern: {said}.") from None


def finder(label: str, pattern: str) -> Finder:
    """What finds `pattern`; what matches nothing is no find. Raises InvalidPattern."""
    searched = compiled(pattern)

    def find(text: str) -> Iterator[Find]:
        for match in searched.finditer(text):
            if match.end() > match.start():
                yield Find(match.start(), match.end(), label)

    return find
