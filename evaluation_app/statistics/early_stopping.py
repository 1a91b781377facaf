"""Looking while it runs: an interval and a stop that hold however often one looks, by betting on whole case blocks.

Waudby-Smith & Ramdas (2024), "Estimating means of bounded random variables by betting": the hedged capital process
with the predictable plug-in bet. For every mean that is thought of, half the capital bets on more, half on less; a
mean at which it has grown to 1/alpha is given up. It speaks of the mean of blocks drawn in random order, so they come
in the order of their seed, never in that of completion: slow wrong answers would come last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from evaluation_app.statistics.errors import InvalidArgument, count, number, share
from evaluation_app.statistics.figures import Estimand, Estimate, Interval, Missing

STEPS: Final = 200
"""Means at which the capital is held, from the lowest to the highest; ends are rounded outwards to the next."""
LARGEST_BET: Final = 0.5
"""The share of the capital that one block can cost at most (the paper's c)."""


USED_AT: Final = {10: 97, 20: 45, 30: 30}
"""By the true difference in points: cases (clusters where cases carry one) after which it is shown, on average.

Simulated with one run a case and 200 cases. What is bet does not hang on how many there are; several differences take
longer.
"""


def blocks_used(blocks: int) -> dict[int, int]:
    """By the true difference in points, how many of the blocks an early stop would use; all where it comes too late."""
    return {points: min(count("blocks", blocks, 1), used) for points, used in USED_AT.items()}


@dataclass(frozen=True, slots=True)
class Betting:
    """The capital after so many blocks, an immutable value: `after` gives the next.

    Observations lie in `low`…`high`: the pass rate of a block in 0…1, or the difference B - A of one in -1…1. `more`
    and `less` are the logarithms of the two halves' capital at each mean thought of, `highest` the most that both
    together ever held: a mean once given up stays so, and a test that was stopped stays shown.
    """

    low: float
    high: float
    confidence: float
    blocks: int = 0
    total: float = 0.0
    squares: float = 0.0
    more: tuple[float, ...] = (0.0,) * (STEPS + 1)
    less: tuple[float, ...] = (0.0,) * (STEPS + 1)
    highest: tuple[float, ...] = (0.0,) * (STEPS + 1)

    def after(self, observation: float) -> Betting:
        """The capital with one more block; the bet is of what the blocks before it told."""
        import numpy

        scaled = (number("observation", observation, self.low, self.high) - self.low) / (self.high - self.low)
        blocks = self.blocks + 1
        variance = (0.25 + self.squares) / blocks
        bet = math.sqrt(2 * math.log(2 / (1 - self.confidence)) / (variance * blocks * math.log(1 + blocks)))
        means = numpy.linspace(0, 1, STEPS + 1)
        with numpy.errstate(divide="ignore"):
            up = numpy.minimum(bet, LARGEST_BET / means)
            down = numpy.minimum(bet, LARGEST_BET / (1 - means))
        centre = (0.5 + self.total + scaled) / (blocks + 1)
        more = numpy.array(self.more) + numpy.log1p(up * (scaled - means))
        less = numpy.array(self.less) + numpy.log1p(down * (means - scaled))
        highest = numpy.maximum(self.highest, numpy.logaddexp(more, less) - math.log(2))
        return replace(
            self,
            blocks=blocks,
            total=self.total + scaled,
            squares=self.squares + (scaled - centre) ** 2,
            more=tuple(more.tolist()),
            less=tuple(less.tolist()),
            highest=tuple(highest.tolist()),
        )

    def after_all(self, observations: Iterable[float]) -> Betting:
        """The capital with more blocks, in this order."""
        state = self
        for observation in observations:
            state = state.after(observation)
        return state

    @property
    def interval(self) -> Interval | None:
        """The means not given up, at any time and however often looked at; None before anything is."""
        threshold = -math.log(1 - self.confidence)
        kept = [step for step in range(STEPS + 1) if self.highest[step] < threshold]
        if not kept:
            return None
        first, last = max(0, kept[0] - 1), min(STEPS, kept[-1] + 1)
        if (first, last) == (0, STEPS):
            return None
        width = self.high - self.low
        return Interval(
            self.low + width * first / STEPS, self.low + width * last / STEPS, self.confidence, "betting_hedged"
        )

    @property
    def estimate(self) -> Estimate:
        """The mean of the blocks so far with its interval."""
        value = self.low + (self.high - self.low) * self.total / self.blocks if self.blocks else None
        interval = self.interval
        reason = None if interval else Missing.TOO_FEW_CASES if self.blocks else Missing.NO_SCORED_SAMPLES
        return Estimate(
            value,
            Estimand.CASES_LIKE_THESE,
            "betting_hedged",
            self.blocks,
            self.blocks,
            self.confidence,
            interval,
            reason=reason,
        )

    def e_value(self, mean: float = 0.0) -> float:
        """The most capital there was against a mean: 1/alpha or more shows, at any time, that it is another."""
        return math.exp(min(700.0, self.highest[self._step(mean)]))

    def p_value(self, mean: float = 0.0) -> float:
        """The two-sided p against a mean, one over the most capital there was: holds at whatever time one stops."""
        return min(1.0, math.exp(-self.highest[self._step(mean)]))

    def excludes(self, mean: float = 0.0) -> bool:
        """Whether the run can stop: the mean is another, at this confidence."""
        return self.highest[self._step(mean)] >= -math.log(1 - self.confidence)

    @property
    def as_json(self) -> dict[str, Any]:
        """The state, for a row; `from_json` reads it back to the bit."""
        return {
            "low": self.low,
            "high": self.high,
            "confidence": self.confidence,
            "blocks": self.blocks,
            "total": self.total,
            "squares": self.squares,
            "more": list(self.more),
            "less": list(self.less),
            "highest": list(self.highest),
        }

    def _step(self, mean: float) -> int:
        place = (number("mean", mean, self.low, self.high) - self.low) / (self.high - self.low) * STEPS
        if abs(place - round(place)) > 1e-6:
            raise InvalidArgument("mean", f"must be one of {STEPS} equal steps of the range, not {mean!r}.")
        return round(place)


def rate_of_blocks(confidence: float = 0.95) -> Betting:
    """The start for pass rates or scores of blocks, in 0…1: the live figure."""
    return Betting(0.0, 1.0, share("confidence", confidence))


def difference_of_blocks(confidence: float = 0.95, comparisons: int = 1) -> Betting:
    """The start for differences B - A of blocks; each of several planned comparisons has its share of alpha."""
    return Betting(-1.0, 1.0, 1 - (1 - share("confidence", confidence)) / comparisons)


def from_json(state: dict[str, Any]) -> Betting:
    """The state that `as_json` gave."""
    capital = {name: tuple(state[name]) for name in ("more", "less", "highest")}
    return Betting(**{**state, **capital})
