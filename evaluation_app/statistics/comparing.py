"""Which variant is better: planned comparisons on the same cases, corrected for their number, with a verdict each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any, Final

from evaluation_app.statistics import verdicts
from evaluation_app.statistics.cases import CaseTotal, in_order
from evaluation_app.statistics.differences import Units, bonett_price, effect_size, smallest_difference
from evaluation_app.statistics.errors import InvalidArgument, numbers, share
from evaluation_app.statistics.figures import Estimand, Interval, as_json
from evaluation_app.statistics.multiplicity import holm
from evaluation_app.statistics.permutation import sign_flip_test
from evaluation_app.statistics.tables import fisher_exact, mcnemar_exact
from evaluation_app.statistics.verdicts import Outcome

CASES_FOR_A_VERDICT: Final = 5
BASELINE: Final = "baseline"
ALL_PAIRS: Final = "all"


class Measure(StrEnum):
    """What of a case is compared."""

    PASSES = "success_rate"
    SCORE = "average_score"


@dataclass(frozen=True, slots=True)
class Comparison:
    """B - A of case means, each case weighing the same. `cases` counts clusters where cases carry one.

    `interval` is at `confidence`; `interval_adjusted` at the Bonferroni level of all `n_comparisons`, and
    `p_value_adjusted` Holm's: a verdict needs both. `smallest_difference` would have shown; None: none would.
    """

    a: str
    b: str
    measure: Measure
    difference: float | None
    interval: Interval | None
    interval_adjusted: Interval | None
    p_value: float | None
    p_value_adjusted: float | None
    method: str
    effect_size: float | None
    outcome: Outcome
    verdict: str
    smallest_difference: float | None
    n_comparisons: int
    cases: int
    n: int
    left_out: int
    estimand: Estimand
    confidence: float
    seed: int | None

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload."""
        return as_json(self)


@dataclass(frozen=True, slots=True)
class _Paired:
    """Two variants on the cases that both have scored samples of, in the order of their names."""

    a: tuple[CaseTotal, ...]
    b: tuple[CaseTotal, ...]
    left_out: int
    measure: Measure

    @property
    def units(self) -> Units:
        groups: dict[tuple[bool, str], list[float]] = {}
        for ours, theirs in zip(self.a, self.b, strict=True):
            groups.setdefault(ours.group, []).append(self._mean(theirs) - self._mean(ours))
        ordered = [groups[group] for group in sorted(groups)]
        return Units(tuple(math.fsum(group) for group in ordered), tuple(len(group) for group in ordered))

    @property
    def n(self) -> int:
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


def compare_variants(
    variants: Mapping[str, Sequence[CaseTotal]],
    *,
    seed: int,
    planned: str | Sequence[tuple[str, str]] = BASELINE,
    measure: Measure = Measure.PASSES,
    confidence: float = 0.95,
    also_tested: Sequence[float] = (),
) -> list[Comparison]:
    """The planned comparisons of variants told by name, the first the baseline.

    `planned`: "baseline" (each against the first), "all" pairs, or pairs (a, b). `also_tested`: p-values of earlier
    tries of the same question, which Holm and Bonferroni count too. InvalidArgument for fewer than two variants.
    """
    share("confidence", confidence)
    chosen = _planned(list(variants), planned)
    earlier = numbers("also_tested", list(also_tested), 0, 1, least=0)
    paired = [_pair(variants[a], variants[b], measure) for a, b in chosen]
    units = [pair.units for pair in paired]
    tested = [pair.p_value(unit, seed) if unit.totals else None for pair, unit in zip(paired, units, strict=True)]
    family = [found[0] if found else 1.0 for found in tested]
    adjusted = holm([*family, *earlier], 1 - confidence).p_values
    return [
        _compared(names, pair, unit, found, corrected, len(family) + len(earlier), confidence)
        for names, pair, unit, found, corrected in zip(chosen, paired, units, tested, adjusted, strict=False)
    ]


def _planned(names: list[str], planned: str | Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    if len(names) < 2:
        raise InvalidArgument("variants", f"must be two or more, not {len(names)}.")
    if planned == BASELINE:
        return [(names[0], name) for name in names[1:]]
    if planned == ALL_PAIRS:
        return list(combinations(names, 2))
    pairs = [] if isinstance(planned, str) else list(planned)
    if not pairs or any(a == b or a not in names or b not in names for a, b in pairs):
        raise InvalidArgument("planned", f"must be {BASELINE!r}, {ALL_PAIRS!r} or pairs of variants.")
    return pairs


def _pair(a: Sequence[CaseTotal], b: Sequence[CaseTotal], measure: Measure) -> _Paired:
    ours, theirs = ({case.case: case for case in in_order(side)} for side in (a, b))
    both = [name for name in ours if name in theirs and ours[name].scored and theirs[name].scored]
    for name in both:
        if ours[name].group != theirs[name].group:
            raise InvalidArgument("variants", f"tell two clusters of case {name!r}.")
    return _Paired(
        tuple(ours[name] for name in both),
        tuple(theirs[name] for name in both),
        len(ours.keys() | theirs.keys()) - len(both),
        measure,
    )


def _compared(
    names: tuple[str, str],
    pair: _Paired,
    units: Units,
    tested: tuple[float, str, int | None] | None,
    p_adjusted: float,
    comparisons: int,
    confidence: float,
) -> Comparison:
    cases, level = len(units.totals), 1 - (1 - confidence) / comparisons
    difference = units.mean if cases else None
    interval = bonett_price(units, confidence) if cases > 1 else None
    adjusted = bonett_price(units, level) if cases > 1 else None
    smallest = smallest_difference(units, level) if cases >= CASES_FOR_A_VERDICT else None
    outcome = _outcome(cases, difference, adjusted, p_adjusted, 1 - confidence)
    p_value, p_method, seed = tested or (None, "", None)
    return Comparison(
        a=names[0],
        b=names[1],
        measure=pair.measure,
        difference=difference,
        interval=interval,
        interval_adjusted=adjusted,
        p_value=p_value,
        p_value_adjusted=p_adjusted if tested else None,
        method=_methods(interval, p_method, comparisons),
        effect_size=effect_size(units.weighted) if cases else None,
        outcome=outcome,
        verdict=_sentence(outcome, names, difference, adjusted, smallest, comparisons),
        smallest_difference=smallest,
        n_comparisons=comparisons,
        cases=cases,
        n=pair.n,
        left_out=pair.left_out,
        estimand=Estimand.THIS_CASE if cases == 1 else Estimand.CASES_LIKE_THESE,
        confidence=confidence,
        seed=seed,
    )


def _methods(interval: Interval | None, of_p: str, comparisons: int) -> str:
    named = (interval.method if interval else "", of_p, "holm" if comparisons > 1 else "")
    return ", ".join(name for name in named if name)


def _outcome(
    cases: int, difference: float | None, adjusted: Interval | None, p_adjusted: float, alpha: float
) -> Outcome:
    if difference is None:
        return Outcome.NO_SCORED_SAMPLES
    if adjusted is None:
        return Outcome.ONE_CASE
    if cases < CASES_FOR_A_VERDICT:
        return Outcome.TOO_FEW_CASES
    if p_adjusted < alpha and adjusted.low > 0:
        return Outcome.B_BETTER
    if p_adjusted < alpha and adjusted.high < 0:
        return Outcome.A_BETTER
    return Outcome.NOT_SHOWN


def _sentence(
    outcome: Outcome,
    names: tuple[str, str],
    difference: float | None,
    adjusted: Interval | None,
    smallest: float | None,
    comparisons: int,
) -> str:
    match outcome:
        case Outcome.A_BETTER | Outcome.B_BETTER if difference is not None and adjusted is not None:
            name = names[outcome is Outcome.B_BETTER]
            return verdicts.better(name, difference, adjusted, comparisons)
        case Outcome.TOO_FEW_CASES:
            return verdicts.TOO_FEW_CASES
        case Outcome.ONE_CASE:
            return verdicts.ONE_CASE
        case Outcome.NO_SCORED_SAMPLES:
            return verdicts.NO_SCORED_SAMPLES
    return verdicts.not_shown(smallest)
