"""What statistics read of a test: one total a case, never its samples one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.errors import InvalidArgument, count, numbers


@dataclass(frozen=True, slots=True)
class CaseTotal:
    """The runs of one case under one variant; InvalidArgument names what does not fit.

    `scored` samples, `passed` of them; `errors` are samples without a score, and stand in no denominator. `scores` of
    the scored samples in 0…1; left out, a score is the pass. `latencies` in seconds, `cost` in USD of all samples with
    their judges, None where a price is unknown. `answers` and `meanings`: sizes of the groups of runs whose outputs are
    equal, or mean the same. `cluster`: cases cut from one source; None is a cluster of its own.
    `weight`: how much it counts in the weighted figures, and in no other.
    """

    case: str
    scored: int
    passed: int
    scores: tuple[float, ...] = ()
    errors: int = 0
    latencies: tuple[float, ...] = ()
    cost: Decimal | None = None
    answers: tuple[int, ...] = ()
    meanings: tuple[int, ...] = ()
    cluster: str | None = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        count("scored", self.scored)
        count("passed", self.passed, high=self.scored)
        count("errors", self.errors)
        numbers("scores", self.scores, 0, 1, least=0)
        numbers("latencies", self.latencies, 0, least=0)
        if not 0 < self.weight < math.inf:
            raise InvalidArgument("weight", f"must be above 0, not {self.weight!r}.")
        if self.scores and len(self.scores) != self.scored:
            raise InvalidArgument("scores", f"must be one a scored sample ({self.scored}), not {len(self.scores)}.")
        if self.cost is not None and not (self.cost.is_finite() and self.cost >= 0):
            raise InvalidArgument("cost", f"must be an amount of money, not {self.cost}.")

    @property
    def group(self) -> tuple[bool, str]:
        """The cluster that it belongs to."""
        return (True, self.case) if self.cluster is None else (False, self.cluster)

    @property
    def passes(self) -> Passes:
        """Its passed and scored samples."""
        return Passes(self.scored, self.passed)

    @property
    def values(self) -> tuple[float, ...]:
        """The score of each scored sample."""
        return self.scores or (1.0,) * self.passed + (0.0,) * (self.scored - self.passed)

    @property
    def mean_score(self) -> float | None:
        """The mean score of its runs; None without a scored one."""
        return math.fsum(self.values) / self.scored if self.scored else None

    @property
    def pass_rate(self) -> float | None:
        """The share of its runs that passed; None without a scored one."""
        return self.passed / self.scored if self.scored else None

    @property
    def is_flaky(self) -> bool:
        """Whether some of its runs passed and some failed."""
        return 0 < self.passed < self.scored


def in_order(cases: Sequence[CaseTotal]) -> list[CaseTotal]:
    """The cases by name, so that no figure hangs on the order of rows; InvalidArgument where one stands twice."""
    ordered = sorted(cases, key=lambda case: case.case)
    for one, other in pairwise(ordered):
        if one.case == other.case:
            raise InvalidArgument("cases", f"hold {one.case!r} twice.")
    return ordered


def clusters_of(cases: Sequence[CaseTotal]) -> list[list[CaseTotal]]:
    """Cases of one cluster together, in order."""
    found: dict[tuple[bool, str], list[CaseTotal]] = {}
    for case in in_order(cases):
        found.setdefault(case.group, []).append(case)
    return [found[group] for group in sorted(found)]


def pooled(cases: Sequence[CaseTotal]) -> list[Passes]:
    """Passed and scored samples of each cluster that has any."""
    totals = [
        Passes(sum(case.scored for case in cluster), sum(case.passed for case in cluster))
        for cluster in clusters_of(cases)
    ]
    return [total for total in totals if total.n]
