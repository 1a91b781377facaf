"""Before anybody pays: how many cases and runs a question needs, and what so many can show."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from evaluation_app.statistics.distributions import normal_quantile, power_of_t, upper_tail
from evaluation_app.statistics.errors import InvalidArgument, count, number, share
from evaluation_app.statistics.expected_width import expected_half_width
from evaluation_app.statistics.figures import as_json
from evaluation_app.statistics.passes import design_effect
from evaluation_app.statistics.permutation import least_p
from evaluation_app.statistics.power import cases_for_difference, least_cases, smallest_difference
from evaluation_app.statistics.searching import MOST_COUNTED, least_count
from foundation import words

ASSUMED_ICC: Final = 0.3
ASSUMED_RATE: Final = 0.5


@dataclass(frozen=True, slots=True)
class PlanWarning:
    """What to know before the start: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`cases` needed or given; `smallest_difference` that these show with this power, None where none does.

    `least_p` is what a sign-flip test of so many cases reaches at best, `least_p_adjusted` the same after Holm over
    `comparisons`. `half_width` is half the interval that the rate will be shown with, from end to end. `assumed` names
    what was not told and taken for granted. A difference is planned in the direction that takes more cases, and as if
    the variants' cases had nothing in common: cases that are hard for both make fewer enough (`power`).
    """

    cases: int
    runs_per_case: int
    samples: int
    least_p: float
    least_p_adjusted: float
    smallest_difference: float | None
    half_width: float
    rate: float
    icc: float
    power: float
    confidence: float
    comparisons: int
    best_runs: int | None
    method: str
    assumed: tuple[str, ...]
    warnings: tuple[PlanWarning, ...]

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload."""
        return as_json(self)


def plan(
    *,
    rate: float | None = None,
    half_width: float | None = None,
    difference: float | None = None,
    cases: int | None = None,
    runs: int | None = None,
    icc: float | None = None,
    power: float = 0.8,
    confidence: float = 0.95,
    comparisons: int = 1,
    variants: int = 1,
    cost_of_a_case: float | None = None,
    cost_of_a_run: float | None = None,
) -> Plan:
    """The plan for a wanted half-width, a wanted difference, or a number of cases; one of the three must be told.

    With both costs, `best_runs` is the number of runs a case that gives the narrowest interval for the money.
    """
    if (half_width is not None) + (difference is not None) + (cases is not None) != 1:
        raise InvalidArgument("half_width", "or difference or cases must be given, one of the three.")
    told = {"rate": rate, "icc": icc, "runs": runs}
    rate = _assumed_rate(difference) if rate is None else number("rate", rate, 0, 1)
    icc = ASSUMED_ICC if icc is None else number("icc", icc, 0, 1)
    runs, comparisons = count("runs", 1 if runs is None else runs, 1), count("comparisons", comparisons, 1)
    variants = count("variants", max(variants, 2 if difference is not None else 1), 1)
    share("confidence", confidence)
    share("power", power)
    if half_width is not None:
        needed, method = cases_that_show_half_width(rate, half_width, confidence, runs, icc), "half_width"
    elif difference is not None:
        needed, method = cases_for_difference(rate, difference, confidence, runs, icc, power, comparisons), "difference"
    else:
        needed, method = count("cases", cases, 1), "cases"
    smallest = smallest_difference(needed, rate, runs, icc, power, (1 - confidence) / comparisons)
    if smallest is not None and difference is not None:
        smallest = min(smallest, abs(difference))
    assumed = tuple(sorted(name for name, value in told.items() if value is None))
    return Plan(
        cases=needed,
        runs_per_case=runs,
        samples=needed * runs * variants,
        least_p=least_p(needed),
        least_p_adjusted=min(1.0, comparisons * least_p(needed)),
        smallest_difference=smallest,
        half_width=expected_half_width(needed, rate, runs, icc, confidence),
        rate=rate,
        icc=icc,
        power=power,
        confidence=confidence,
        comparisons=comparisons,
        best_runs=_best_runs(cost_of_a_case, cost_of_a_run, icc),
        method=method,
        assumed=assumed,
        warnings=tuple(_warnings(needed, runs, (1 - confidence) / comparisons, rate, assumed)),
    )


def cases_for_half_width(
    rate: float, half_width: float, confidence: float = 0.95, runs: int = 1, icc: float = ASSUMED_ICC
) -> int:
    """Cases for a rate known to ± half_width: z²p(1 - p)/h² samples, times 1 + (m - 1)·icc, over m runs a case.

    Wald's textbook figure, too few near 0 and 1: a plan goes on from it (`cases_that_show_half_width`).
    """
    half = number("half_width", half_width, 0, 1)
    if not half:
        raise InvalidArgument("half_width", "must be above 0.")
    runs = count("runs", runs, 1)
    variance = number("rate", rate, 0, 1) * (1 - rate)
    samples = (normal_quantile(upper_tail(share("confidence", confidence))) / half) ** 2 * variance
    return _whole(samples * design_effect(runs, number("icc", icc, 0, 1)) / runs, "half_width")


def cases_that_show_half_width(rate: float, half_width: float, confidence: float, runs: int, icc: float) -> int:
    """Cases for the interval that the rate will be shown with to be no wider than ± half_width; Wald's at the least."""
    start = cases_for_half_width(rate, half_width, confidence, runs, icc)
    return least_count(
        lambda cases: expected_half_width(cases, rate, runs, icc, confidence) <= half_width, start, "half_width"
    )


def sample_size_paired(effect_size: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Pairs for a two-sided paired t test, rounded up (Cohen 1988)."""
    return _least(lambda n: power_of_t(effect_size, n, n - 1, alpha), effect_size, power, alpha)


def sample_size_two_groups(effect_size: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Members of each of two equal groups for a two-sided t test, rounded up (Cohen 1988)."""
    return _least(lambda n: power_of_t(effect_size, n / 2, 2 * n - 2, alpha), effect_size, power, alpha)


@dataclass(frozen=True, slots=True)
class BestRuns:
    """`exact` as the formula gives it, None where cases do not differ (then one case with all runs); `runs` whole."""

    exact: float | None
    runs: int | None


def optimal_runs_per_case(
    cost_of_a_case: float, cost_of_a_run: float, variance_between: float, variance_within: float
) -> BestRuns:
    """The runs a case that give the narrowest interval for the money: √(c_case·σ²_within/(c_run·σ²_between))."""
    case = number("cost_of_a_case", cost_of_a_case, 0)
    run = number("cost_of_a_run", cost_of_a_run, 0)
    between = number("variance_between", variance_between, 0)
    within = number("variance_within", variance_within, 0)
    if not run:
        raise InvalidArgument("cost_of_a_run", "must be above 0.")
    if not between:
        return BestRuns(None, None)
    exact = math.sqrt(case * within / (run * between))
    return BestRuns(exact, max(1, round(exact)))


def _best_runs(cost_of_a_case: float | None, cost_of_a_run: float | None, icc: float) -> int | None:
    if cost_of_a_case is None or cost_of_a_run is None:
        return None
    return optimal_runs_per_case(cost_of_a_case, cost_of_a_run, icc, 1 - icc).runs


def _least(power_with: Callable[[int], float], effect_size: float, power: float, alpha: float) -> int:
    if not number("effect_size", effect_size):
        raise InvalidArgument("effect_size", "must not be 0.")
    share("power", power)
    share("alpha", alpha)
    return least_count(lambda n: power_with(n) >= power, 2, "effect_size", "pairs")


def _whole(needed: float, argument: str) -> int:
    if needed > MOST_COUNTED:
        raise InvalidArgument(argument, f"needs more than {words.number(MOST_COUNTED)} cases.")
    return max(1, math.ceil(needed - 1e-9))


def _assumed_rate(difference: float | None) -> float:
    """One half, or what is nearest to it and has a rate so far away."""
    return ASSUMED_RATE if difference is None else max(ASSUMED_RATE, abs(number("difference", difference, -1, 1)))


def _warnings(cases: int, runs: int, alpha: float, rate: float, assumed: tuple[str, ...]) -> list[PlanWarning]:
    least = least_cases(alpha)
    found = []
    if cases < least:
        told = "1 case" if cases == 1 else f"{words.number(cases)} cases"
        shown = f"With {told} no difference can be shown, however large: it takes {least} that differ."
        found.append(PlanWarning("cannot_show", shown))
    if cases == 1:
        found.append(PlanWarning("one_case", "One case speaks for itself only, however often it runs."))
    if runs == 1:
        found.append(PlanWarning("one_run", "With one run a case nothing can be told of consistency."))
    if "icc" in assumed and runs > 1:
        found.append(
            PlanWarning("icc_assumed", f"How alike runs of a case are is not known yet; {ASSUMED_ICC} is assumed.")
        )
    if "rate" in assumed:
        why = ", where rates vary most," if rate == ASSUMED_RATE else ""
        found.append(PlanWarning("rate_assumed", f"The rate is not known yet; {rate:g}{why} is assumed."))
    return found
