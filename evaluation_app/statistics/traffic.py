"""Two versions under real traffic: the difference of their outcomes, which may be looked at after every call.

Calls are not paired as the answers to a case are. They are taken in the order in which they began and gathered into
blocks; a block is whole as soon as both arms are in it, which hangs on the draw alone and not on any outcome. The
difference of its two means then has the true difference as its expectation, whatever came before, and lies in -1…1:
what `early_stopping` bets on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from evaluation_app.statistics.early_stopping import Betting, difference_of_blocks, from_json

Arm = Literal["control", "candidate"]
NOTHING: Final = (0, 0.0)


@dataclass(frozen=True, slots=True)
class Race:
    """What was seen so far, an immutable value; sums are `(count, total)`, by arm."""

    betting: Betting = field(default_factory=difference_of_blocks)
    seen: dict[Arm, tuple[int, float]] = field(default_factory=dict)
    block: dict[Arm, tuple[int, float]] = field(default_factory=dict)
    """Of the block that is not whole yet."""

    def after(self, arm: Arm, outcome: float) -> Race:
        """With one more unit, whose outcome lies in 0…1."""
        seen = {**self.seen, arm: _more(self.seen.get(arm, NOTHING), outcome)}
        block = {**self.block, arm: _more(self.block.get(arm, NOTHING), outcome)}
        if len(block) < 2:
            return replace(self, seen=seen, block=block)
        difference = _mean(block["candidate"]) - _mean(block["control"])
        return Race(self.betting.after(difference), seen)

    def mean(self, arm: Arm) -> float | None:
        """Of all units of the arm; None before there is one."""
        return _mean(self.seen[arm]) if arm in self.seen else None

    @property
    def verdict(self) -> Literal["worse", "better"] | None:
        """What was shown of the candidate at 95 %, at whatever time one looks; None while nothing is."""
        if not self.betting.excludes(0.0):
            return None
        return "better" if self.betting.total * 2 > self.betting.blocks else "worse"

    @property
    def as_json(self) -> dict[str, Any]:
        """For a row; `race_of` reads it back to the bit."""
        return {"betting": self.betting.as_json, "seen": self.seen, "block": self.block}


def race_of(state: dict[str, Any]) -> Race:
    """The state that `as_json` gave; the start where it is empty."""
    if not state:
        return Race()
    sums: list[dict[Arm, tuple[int, float]]] = [
        {arm: (count, total) for arm, (count, total) in state[name].items()} for name in ("seen", "block")
    ]
    return Race(from_json(state["betting"]), *sums)


def _more(sums: tuple[int, float], outcome: float) -> tuple[int, float]:
    return sums[0] + 1, sums[1] + outcome


def _mean(sums: tuple[int, float]) -> float:
    return sums[1] / sums[0]
