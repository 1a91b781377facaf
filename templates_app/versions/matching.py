"""What two sequences have in common, in bounded time: exact where little differs, coarser where much does.

Common ends first; then what stands once in both tells the order (patience diff, B. Cohen 2003); where nothing does,
the shortest way (E. W. Myers, "An O(ND) Difference Algorithm", 1986), as long as the work that is granted lasts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

MOST_WORK: Final = 1_500_000
"""Steps for one pair of texts, all their parts together."""
MOST_EDITS: Final = 600
"""Of one stretch without anything that stands once; its trace takes the square of that."""

Block = tuple[int, int, int, int]
"""What stays or changed: from and to in the one sequence, from and to in the other."""


class Matcher:
    """Matches sequences until its work is done; then what is left counts as changed."""

    def __init__(self, work: int = MOST_WORK) -> None:
        self._left = work

    def blocks(self, old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, Block]]:
        """Stretches that stayed (True) and that changed, from the first to the last."""
        at, beside = 0, 0
        for start, begin, length in self._runs(old, new):
            if start > at or begin > beside:
                yield False, (at, start, beside, begin)
            if length:
                yield True, (start, start + length, begin, begin + length)
            at, beside = start + length, begin + length

    def _runs(self, old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        """Runs of equal ones, by their places and length; the last one is empty, at both ends."""
        found: list[tuple[int, int, int]] = []
        waiting: list[Block] = [(0, len(old), 0, len(new))]
        while waiting:
            first, last, start, end = waiting.pop()
            same = _common_start(old, new, first, last, start, end)
            if same:
                found.append((first, start, same))
                first, start = first + same, start + same
            same = _common_end(old, new, first, last, start, end)
            if same:
                last, end = last - same, end - same
                found.append((last, end, same))
            if first < last and start < end:
                self._within(old, new, (first, last, start, end), found, waiting)
        found.sort()
        yield from found
        yield len(old), len(new), 0

    def _within(
        self,
        old: Sequence[str],
        new: Sequence[str],
        block: Block,
        found: list[tuple[int, int, int]],
        waiting: list[Block],
    ) -> None:
        first, last, start, end = block
        if self._left <= 0:
            return
        self._left -= (last - first + end - start) // 4
        anchors = _anchors(old, new, block)
        if not anchors:
            found += self._shortest(old, new, block)
            return
        self._left -= 2 * len(anchors)
        for place, beside in (*anchors, (last, end)):
            if first < place and start < beside:
                waiting.append((first, place, start, beside))
            first, start = place + 1, beside + 1
        found += ((place, beside, 1) for place, beside in anchors)

    def _shortest(self, old: Sequence[str], new: Sequence[str], block: Block) -> list[tuple[int, int, int]]:
        """The runs on the shortest way through the block; none when it is too long to be looked for."""
        first, last, start, end = block
        width, height = last - first, end - start
        furthest, trace = {1: 0}, list[dict[int, int]]()
        for edits in range(min(width + height, MOST_EDITS) + 1):
            trace.append(dict(furthest))
            for diagonal in range(-edits, edits + 1, 2):
                is_down = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
                x = furthest[diagonal + 1] if is_down else furthest[diagonal - 1] + 1
                begin = x
                y = x - diagonal
                while x < width and y < height and old[first + x] == new[start + y]:
                    x, y = x + 1, y + 1
                furthest[diagonal] = x
                self._left -= 1 + (x - begin)
                if x >= width and y >= height:
                    return _runs_back(trace, block)
            if self._left <= 0:
                return []
        return []


def _common_start(old: Sequence[str], new: Sequence[str], first: int, last: int, start: int, end: int) -> int:
    most = min(last - first, end - start)
    same = 0
    while same < most and old[first + same] == new[start + same]:
        same += 1
    return same


def _common_end(old: Sequence[str], new: Sequence[str], first: int, last: int, start: int, end: int) -> int:
    most = min(last - first, end - start)
    same = 0
    while same < most and old[last - same - 1] == new[end - same - 1]:
        same += 1
    return same


def _anchors(old: Sequence[str], new: Sequence[str], block: Block) -> list[tuple[int, int]]:
    """The places of what stands once in both, as many as are in one order."""
    first, last, start, end = block
    before, after = Counter(old[first:last]), Counter(new[start:end])
    once = {each for each, count in after.items() if count == 1 and before.get(each) == 1}
    if not once:
        return []
    beside = {new[place]: place for place in range(start, end) if new[place] in once}
    return _rising([(place, beside[old[place]]) for place in range(first, last) if old[place] in once])


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of the pairs whose second numbers rise."""
    lowest: list[int] = []
    tops: list[int] = []
    back: list[int] = []
    for index, (_, number) in enumerate(pairs):
        pile = bisect_left(lowest, number)
        back.append(tops[pile - 1] if pile else -1)
        if pile == len(lowest):
            lowest.append(number)
            tops.append(index)
        else:
            lowest[pile], tops[pile] = number, index
    chosen: list[tuple[int, int]] = []
    index = tops[-1] if tops else -1
    while index >= 0:
        chosen.append(pairs[index])
        index = back[index]
    return chosen[::-1]


def _runs_back(trace: list[dict[int, int]], block: Block) -> list[tuple[int, int, int]]:
    """The runs on the way that this trace found, from its end."""
    first, last, start, end = block
    x, y = last - first, end - start
    runs: list[tuple[int, int, int]] = []
    for edits in range(len(trace) - 1, -1, -1):
        furthest, diagonal = trace[edits], x - y
        is_down = diagonal == -edits or (
            diagonal != edits and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
        )
        before = diagonal + 1 if is_down else diagonal - 1
        from_x = furthest.get(before, 0)
        from_y = from_x - before
        turn_x, turn_y = (from_x, from_y + 1) if is_down else (from_x + 1, from_y)
        if edits == 0:
            turn_x, turn_y = 0, 0
        if x > turn_x:
            runs.append((first + turn_x, start + turn_y, x - turn_x))
        x, y = from_x, from_y
    return runs
