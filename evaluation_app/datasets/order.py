"""Where cases stand: as few as possible move when an order changes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

GAP: Final = 2**20
"""Between neighbours that were added one after the other."""


def ranks_for(present: Sequence[int | None]) -> list[int]:
    """Ranks in the wanted order, each larger than the one before.

    `present` has the rank of each case that is there already, None for a new one. Those of a longest run that is in
    order already keep theirs (patience sorting); all get new ones where no room is left between two.
    """
    kept = _longest_ascending(present)
    ranks: list[int] = []
    waiting, last = 0, 0
    for rank in [*kept, None]:
        if rank is None and len(ranks) + waiting < len(present):
            waiting += 1
            continue
        end = rank if rank is not None else last + GAP * (waiting + 1)
        step = (end - last) // (waiting + 1)
        if waiting and step == 0:
            return [GAP * (number + 1) for number in range(len(present))]
        ranks += [last + step * (number + 1) for number in range(waiting)]
        if rank is None:
            break
        ranks.append(rank)
        waiting, last = 0, rank
    return ranks


def _longest_ascending(ranks: Sequence[int | None]) -> list[int | None]:
    """The same, with None for each that is not of a longest strictly ascending run."""
    tails: list[int] = []
    at: list[int] = []
    before: dict[int, int | None] = {}
    for place, rank in enumerate(ranks):
        if rank is None:
            continue
        length = bisect_left(tails, rank)
        before[place] = at[length - 1] if length else None
        tails[length : length + 1] = [rank]
        at[length : length + 1] = [place]
    kept: set[int] = set()
    place_at: int | None = at[-1] if at else None
    while place_at is not None:
        kept.add(place_at)
        place_at = before[place_at]
    return [rank if place in kept else None for place, rank in enumerate(ranks)]
