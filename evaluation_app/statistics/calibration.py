"""The rate people would give, from a judge's verdicts and the labels of people."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.distributions import t_quantile, upper_tail
from evaluation_app.statistics.errors import number, share
from evaluation_app.statistics.figures import Estimand, Estimate, Interval, Missing
from evaluation_app.statistics.proportions import success_rate

LEAST_INFORMATION: Final = 0.05
"""A judge whose sensitivity + specificity - 1 is under this tells nothing of the rate."""
LEAST_LABELS: Final = 50
LEAST_OF_A_CLASS: Final = 10
METHOD: Final = "prediction_powered_bonett_price_t"


def rogan_gladen(apparent_rate: float, sensitivity: float, specificity: float) -> float | None:
    """The true rate behind a judge's, (rate + spec - 1)/(sens + spec - 1) held to 0…1 (Rogan & Gladen 1978).

    None where the judge tells passes and fails hardly apart. For labels from another run than the rate.
    """
    rate = number("apparent_rate", apparent_rate, 0, 1)
    sensitivity = number("sensitivity", sensitivity, 0, 1)
    specificity = number("specificity", specificity, 0, 1)
    information = sensitivity + specificity - 1
    if information <= LEAST_INFORMATION:
        return None
    return min(1.0, max(0.0, (rate + specificity - 1) / information))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judge's verdict on one sample of a case (or cluster), and a person's label where it was drawn for one."""

    case: Hashable
    judge: bool
    person: bool | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """`raw` is a judge's opinion, not calibrated; `people` what people alone say; `corrected` both together.

    `corrected` has no value, reason `too_few_labels`, under LEAST_LABELS or LEAST_OF_A_CLASS labels.
    """

    raw: Estimate
    people: Estimate
    corrected: Estimate
    labels: int
    disagreements: int


def calibrate(verdicts: Sequence[Verdict], *, confidence: float = 0.95) -> Calibration:
    """The rates of one run; its labels must have been drawn at random from the same run."""
    share("confidence", confidence)
    labelled = [verdict for verdict in verdicts if verdict.person is not None]
    return Calibration(
        raw=success_rate(_by_case([(v.case, v.judge) for v in verdicts]), confidence=confidence),
        people=success_rate(_by_case([(v.case, bool(v.person)) for v in labelled]), confidence=confidence),
        corrected=corrected_rate(verdicts, confidence=confidence),
        labels=len(labelled),
        disagreements=sum(v.judge != v.person for v in labelled),
    )


def corrected_rate(verdicts: Sequence[Verdict], *, confidence: float = 0.95) -> Estimate:
    """The judge's rate on what nobody labelled, put right by its errors on what people did (Angelopoulos et al. 2023).

    λ = 1, t of the labels' cases - 1. Errors among the labels are paired differences, and take Bonett and Price's two
    contradicting ones: a judge that erred on none of 50 labels would else be thought to err never, and the interval
    covers 0.42 at worst (20,000 samples, 2 % errors one way); so 0.93. The runs of a case count together.
    """
    labelled = [verdict for verdict in verdicts if verdict.person is not None]
    others = [verdict for verdict in verdicts if verdict.person is None]
    classes = Counter(verdict.person for verdict in labelled)
    cases = len({verdict.case for verdict in labelled})
    n, estimand = len(verdicts), Estimand.CASES_LIKE_THESE
    if len(labelled) < LEAST_LABELS or min(classes[True], classes[False]) < LEAST_OF_A_CLASS or not others:
        return Estimate(None, estimand, METHOD, n, cases, confidence, reason=Missing.TOO_FEW_LABELS)
    if cases < 2:
        return Estimate(None, estimand, METHOD, n, cases, confidence, reason=Missing.ONE_CASE)
    judged = sum(verdict.judge for verdict in others) / len(others)
    errors = [int(bool(verdict.person)) - int(verdict.judge) for verdict in labelled]
    padded = len(labelled) + 2
    error = sum(errors) / padded
    parts: dict[Hashable, list[float]] = {}
    for verdict in others:
        parts.setdefault(verdict.case, []).append((verdict.judge - judged) / len(others))
    for verdict, one in zip(labelled, errors, strict=True):
        parts.setdefault(verdict.case, []).append((one - error) / padded)
    squares = [math.fsum(part) ** 2 for part in parts.values()]
    contradicting = [((side - error) / padded) ** 2 for side in (1, -1)]
    deviation = math.sqrt(math.fsum([*squares, *contradicting]))
    half = t_quantile(upper_tail(confidence), cases - 1) * deviation
    low, high = max(0.0, judged + error - half), min(1.0, judged + error + half)
    value = min(1.0, max(0.0, judged + sum(errors) / len(labelled)))
    interval = Interval(low, high, confidence, METHOD)
    return Estimate(value, estimand, METHOD, n, cases, confidence, interval, standard_error=deviation)


def _by_case(outcomes: Sequence[tuple[Hashable, bool]]) -> list[Passes]:
    n = Counter(case for case, _ in outcomes)
    passed = Counter(case for case, outcome in outcomes if outcome)
    return [Passes(n[case], passed[case]) for case in n]
