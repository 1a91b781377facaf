"""Two variants on the same cases: their differences, and whether these are more than chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from evaluation_app.statistics.cases import CaseTotal, in_order
from evaluation_app.statistics.differences import Units
from evaluation_app.statistics.early_stopping import Betting, difference_of_blocks
from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.permutation import sign_flip_test
from evaluation_app.statistics.tables import fisher_exact, mcnemar_exact


class Measure(StrEnum):
    """What of a case is compared."""

    PASSES = "success_rate"
    SCORE = "average_score"


@dataclass(frozen=True, slots=True)
class Paired:
    """Two variants on the cases that both have scored samples of, in the order of their names."""

    a: tuple[CaseTotal, ...]
    b: tuple[CaseTotal, ...]
    left_out: int
    measure: Measure

    @property
    def units(self) -> Units:
        """The differences of clusters, in the order of their names."""
        groups = self._differences
        ordered = [groups[group] for group in sorted(groups)]
        return Units(tuple(math.fsum(group) for group in ordered), tuple(len(group) for group in ordered))

    def betting(self, blocks: Sequence[str], confidence: float) -> Betting:
        """The bets on the clusters' mean differences, in the order in which `blocks` begins them."""
        group_of = {case.case: case.group for case in self.a}
        if len(set(blocks)) < len(blocks) or not group_of.keys() <= set(blocks):
            raise InvalidArgument("blocks", "must name every case once, in the order drawn.")
        groups = self._differences
        begun = dict.fromkeys(group_of[name] for name in blocks if name in group_of)
        means = (math.fsum(groups[group]) / len(groups[group]) for group in begun)
        return difference_of_blocks(confidence).after_all(means)

    @property
    def _differences(self) -> dict[tuple[bool, str], list[float]]:
        groups: dict[tuple[bool, str], list[float]] = {}
        for ours, theirs in zip(self.a, self.b, strict=True):
            groups.setdefault(ours.group, []).append(self._mean(theirs) - self._mean(ours))
        return groups

    @property
    def n(self) -> int:
        """The scored samples of both."""
        return sum(case.scored for case in (*self.a, *self.b))

    def _mean(self, case: CaseTotal) -> float:
        mean = case.pass_rate if self.measure is Measure.PASSES else case.mean_score
        return mean if mean is not None else math.nan

    def p_value(self, units: Units, seed: int) -> tuple[float, str, int | None]:
        """The p, its method, and the seed where it was drawn."""
        once = all(case.scored == 1 for case in (*self.a, *self.b))
        if self.measure is Measure.PASSES and len(units.totals) == 1:
            table = [[sum(c.passed for c in side), sum(c.scored - c.passed for c in side)] for side in (self.a, self.b)]
            found = fisher_exact(table)
            return found.p_value, found.method, None
        if self.measure is Measure.PASSES and once and max(units.cases) == 1:
            lost = sum(ours.passed > theirs.passed for ours, theirs in zip(self.a, self.b, strict=True))
            won = sum(ours.passed < theirs.passed for ours, theirs in zip(self.a, self.b, strict=True))
            found = mcnemar_exact(lost, won)
            return found.p_value, found.method, None
        flips = sign_flip_test(units.totals, seed=seed)
        return flips.p_value, flips.method, flips.seed


def pair(a: Sequence[CaseTotal], b: Sequence[CaseTotal], measure: Measure) -> Paired:
    """The cases that both sides have scored; InvalidArgument where one case is in two clusters."""
    ours, theirs = ({case.case: case for case in in_order(side)} for side in (a, b))
    both = [name for name in ours if name in theirs and ours[name].scored and theirs[name].scored]
    for name in both:
        if ours[name].group != theirs[name].group:
            raise InvalidArgument("variants", f"tell two clusters of case {name!r}.")
    return Paired(
        tuple(ours[name] for name in both),
        tuple(theirs[name] for name in both),
        len(ours.keys() | theirs.keys()) - len(both),
        measure,
    )
