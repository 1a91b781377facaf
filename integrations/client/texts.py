"""Texts of a service, whatever it sends in their place, in sizes that a page and a prompt can hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

LONGEST_NAME: Final = 255
LONGEST_DESCRIPTION: Final = 2_000


def text(value: Any, longest: int) -> str:
    """A text, cut; of a number its digits, of anything else nothing. NUL, which no database keeps, is left out."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\x00", "")[:longest]


def number(value: Any) -> float | None:
    """A finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def passages(value: Any, *, most: int, longest: int) -> list[str]:
    """Texts of a list of texts, or of objects that hold theirs as `text` or `content`; of one text, that."""
    rows: Iterable[Any] = value if isinstance(value, list) else [value]
    found = (_passage(row, longest) for row in rows)
    return [each for each in found if each.strip()][:most]


def _passage(row: Any, longest: int) -> str:
    if isinstance(row, Mapping):
        row = next(
            (row[name] for name in ("text", "content", "chunk", "snippet") if isinstance(row.get(name), str)), ""
        )
    return text(row, longest)
