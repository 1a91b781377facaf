"""What a format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analytics.bills.cells import Cells
from analytics.bills.lines import BillLine


@dataclass(frozen=True, slots=True)
class Format:
    """A table that some provider gives out."""

    name: str
    title: str
    required: frozenset[str]
    """By these it is known."""
    optional: frozenset[str]
    """What else it may have. What stands in neither is refused: it might be money."""
    read: Callable[[Cells], BillLine | None]
    """A line of it; None where it tells nothing."""
    prefixes: tuple[str, ...] = ()
    """Columns that begin so name accounts and keys, and are not looked at."""

    def knows(self, column: str) -> bool:
        """Whether such a column may stand in it."""
        return column in self.required or column in self.optional or column.startswith(self.prefixes or ("\0",))


def words(text: str) -> frozenset[str]:
    """Names of columns, between spaces."""
    return frozenset(text.split())
