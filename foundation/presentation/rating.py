"""What somebody can say of a thing with one act: up or down, or one to five; the same words everywhere."""

from __future__ import annotations

from typing import Final, NamedTuple

UP, DOWN = "up", "down"
MOST: Final = 5


class Choice(NamedTuple):
    """One of the choices, as components/rating.html shows it."""

    value: str
    words: str
    icon: str
    is_mine: bool
    amount: int = 0
    """How many have chosen it, where that is told."""
    letter: str = ""
    """What stands in the icon's place where there is none: the letter of an answer."""
    look: str = ""
    """A class of its own: the colour of a column."""


def thumbs(mine: str, *, ups: int = 0, downs: int = 0) -> list[Choice]:
    """Good or bad; `mine` is up, down, or empty."""
    return [
        Choice(UP, "Good answer", "thumb-up", mine == UP, ups),
        Choice(DOWN, "Bad answer", "thumb-down", mine == DOWN, downs),
    ]


def stars(mine: int | None) -> list[Choice]:
    """One to five, filled up to one's own; None or 0 is none."""
    return [
        Choice(
            str(value), f"{value} of {MOST}", "star-filled" if value <= (mine or 0) else "star", value == (mine or 0)
        )
        for value in range(1, MOST + 1)
    ]
