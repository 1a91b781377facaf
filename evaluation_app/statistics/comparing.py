"""Which variant is better: planned comparisons on the same cases, corrected for their number, with a verdict each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, TypeVar

from evaluation_app.statistics import verdicts
from evaluation_app.statistics.cases import CaseTotal
from evaluation_app.statistics.differences import Units, bonett_price, effect_size, smallest_difference
from evaluation_app.statistics.errors import InvalidArgument, numbers, share
from evaluation_app.statistics.figures import Estimand, Interval, Weighting, as_json
from evaluation_app.statistics.multiplicity import holm
from evaluation_app.statistics.pairing import Measure, Paired, pair
from evaluation_app.statistics.permutation import CASES_FOR_A_VERDICT
from evaluation_app.statistics.verdicts import Outcome

TOO_FEW_UNDER: Final = 5
Name = TypeVar("Name")

BASELINE: Final = "baseline"
ALL_PAIRS: Final = "all"


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
    weighting: Weighting
    confidence: float
    seed: int | None

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload."""
        return as_json(self)


def compare_variants(
    variants: Mapping[str, Sequence[CaseTotal]],
    *,
    seed: int,
    planned: str | Sequence[tuple[str, str]] = BASELINE,
    measure: Measure = Measure.PASSES,
    confidence: float = 0.95,
    also_tested: Sequence[float] = (),
    blocks: Sequence[str] | None = None,
) -> list[Comparison]:
    """The planned comparisons of variants told by name, the first the baseline.

    `planned`: "baseline" (each against the first), "all" pairs, or pairs (a, b). `also_tested`: p-values of earlier
    tries of the same question, which Holm and Bonferroni count too. `blocks`: names of the cases in the order drawn,
    given where the test was looked at to stop early; p and intervals are then those of the bets, for a sign-flip p
    after looking is worth nothing. InvalidArgument for fewer than two variants.
    """
    share("confidence", confidence)
    chosen = planned_pairs(list(variants), planned)
    earlier = numbers("also_tested", list(also_tested), 0, 1, least=0)
    comparisons = len(chosen) + len(earlier)
    paired = [pair(variants[a], variants[b], measure) for a, b in chosen]
    tested = [_tested(both, confidence, comparisons, seed, blocks) for both in paired]
    family = [1.0 if found.p_value is None else found.p_value for found in tested]
    adjusted = holm([*family, *earlier], 1 - confidence).p_values
    return [
        _compared(names, both, found, corrected, comparisons, confidence)
        for names, both, found, corrected in zip(chosen, paired, tested, adjusted, strict=False)
    ]


@dataclass(frozen=True, slots=True)
class _Tested:
    """What one pair came to alone: its p and intervals, before the others are thought of."""

    units: Units
    p_value: float | None
    method: str
    seed: int | None
    interval: Interval | None
    interval_adjusted: Interval | None
    smallest: float | None


def _tested(both: Paired, confidence: float, comparisons: int, seed: int, blocks: Sequence[str] | None) -> _Tested:
    units, level = both.units, 1 - (1 - confidence) / comparisons
    cases = len(units.totals)
    if not cases:
        return _Tested(units, None, "", None, None, None, None)
    if blocks is not None and cases > 1:
        alone, together = both.betting(blocks, confidence), both.betting(blocks, level)
        interval = together.interval
        least = max(units.mean - interval.low, interval.high - units.mean) if interval else None
        return _Tested(units, together.p_value(), "betting_hedged", None, alone.interval, interval, least)
    p_value, method, drawn = both.p_value(units, seed)
    if cases == 1:
        return _Tested(units, p_value, method, drawn, None, None, None)
    smallest = smallest_difference(units, level) if cases >= CASES_FOR_A_VERDICT else None
    return _Tested(units, p_value, method, drawn, bonett_price(units, confidence), bonett_price(units, level), smallest)


def planned_pairs(names: list[Name], planned: str | Sequence[tuple[Name, Name]]) -> list[tuple[Name, Name]]:
    """The pairs (a, b) that are compared of variants in their order; InvalidArgument for fewer than two of them."""
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


def _compared(
    names: tuple[str, str], both: Paired, tested: _Tested, p_adjusted: float, comparisons: int, confidence: float
) -> Comparison:
    units, cases = tested.units, len(tested.units.totals)
    difference = units.mean if cases else None
    outcome = _outcome(cases, tested.interval_adjusted, p_adjusted, 1 - confidence)
    smallest = _smallest(outcome, tested.smallest, difference)
    return Comparison(
        a=names[0],
        b=names[1],
        measure=both.measure,
        difference=difference,
        interval=tested.interval,
        interval_adjusted=tested.interval_adjusted,
        p_value=tested.p_value,
        p_value_adjusted=None if tested.p_value is None else p_adjusted,
        method=_methods(tested, comparisons),
        effect_size=effect_size(units.weighted) if cases else None,
        outcome=outcome,
        verdict=_sentence(outcome, names, difference, tested.interval_adjusted, smallest, comparisons),
        smallest_difference=smallest,
        n_comparisons=comparisons,
        cases=cases,
        n=both.n,
        left_out=both.left_out,
        estimand=Estimand.THIS_CASE if cases == 1 else Estimand.CASES_LIKE_THESE,
        weighting=Weighting.CASES,
        confidence=confidence,
        seed=tested.seed,
    )


def _methods(tested: _Tested, comparisons: int) -> str:
    of_interval = tested.interval_adjusted.method if tested.interval_adjusted else ""
    named = dict.fromkeys((of_interval, tested.method, "holm" if comparisons > 1 else ""))
    return ", ".join(name for name in named if name)


def _outcome(cases: int, adjusted: Interval | None, p_adjusted: float, alpha: float) -> Outcome:
    if cases < 2:
        return Outcome.ONE_CASE if cases else Outcome.NO_SCORED_SAMPLES
    if cases < TOO_FEW_UNDER:
        return Outcome.TOO_FEW_CASES
    if cases < CASES_FOR_A_VERDICT or adjusted is None or p_adjusted >= alpha:
        return Outcome.NOT_SHOWN
    if adjusted.low > 0:
        return Outcome.B_BETTER
    return Outcome.A_BETTER if adjusted.high < 0 else Outcome.NOT_SHOWN


def _smallest(outcome: Outcome, reckoned: float | None, difference: float | None) -> float | None:
    """No less than what was not shown, no more than what was: p goes in steps, the t it is reckoned by does not."""
    if difference is None:
        return None
    if outcome in (Outcome.A_BETTER, Outcome.B_BETTER):
        return abs(difference) if reckoned is None else min(reckoned, abs(difference))
    return None if reckoned is None else max(reckoned, abs(difference))


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
            return verdicts.better(names[outcome is Outcome.B_BETTER], difference, adjusted, comparisons)
        case Outcome.TOO_FEW_CASES:
            return verdicts.TOO_FEW_CASES
        case Outcome.ONE_CASE:
            return verdicts.ONE_CASE
        case Outcome.NO_SCORED_SAMPLES:
            return verdicts.NO_SCORED_SAMPLES
    return verdicts.not_shown(smallest)
