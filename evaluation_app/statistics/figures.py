"""What every figure is: a value with its interval, or the reason why there is none, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Estimand(StrEnum):
    """What a figure speaks of."""

    CASES_LIKE_THESE = "cases like these"
    THESE_CASES = "these cases, other runs"
    THIS_CASE = "this case only"
    THESE_SAMPLES = "these samples"


class Weighting(StrEnum):
    """What counts the same in a mean: each sample (the pooled figure), or each case, however often it ran; or each case
    by the weight that it was given."""

    SAMPLES = "samples"
    CASES = "cases"
    CASE_WEIGHTS = "case weights"


class Missing(StrEnum):
    """Why there is no figure or no interval; never a zero in its place."""

    NO_SCORED_SAMPLES = "no_scored_samples"
    ONE_CASE = "one_case"
    TOO_FEW_CASES = "too_few_cases"
    TOO_FEW_RUNS = "too_few_runs"
    BIASED_LOW = "biased_low_for_few_runs"
    TOO_FEW_LABELS = "too_few_labels"
    NO_VARIATION = "no_variation"
    NO_SUCCESS = "no_success"
    NO_COST = "no_cost"
    NO_MEASUREMENTS = "no_measurements"
    NOT_IDENTIFIED = "not_identified"
    CHOSEN_WEIGHTS = "chosen_weights"


@dataclass(frozen=True, slots=True)
class Interval:
    """Two ends at a confidence; never of width zero."""

    low: float
    high: float
    confidence: float
    method: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure. `n` samples in `cases` cases (clusters where cases carry one); errors are in neither.

    `value` None: there is none, `reason` says why. `interval` None beside a value: the same for the interval.
    """

    value: float | None
    estimand: Estimand
    method: str
    n: int
    cases: int
    confidence: float
    interval: Interval | None = None
    reason: Missing | None = None
    standard_error: float | None = None
    effective_samples: float | None = None
    icc: float | None = None
    seed: int | None = None
    weighting: Weighting = Weighting.SAMPLES

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload; absent figures are null."""
        return as_json(self)


def as_json(figure: Any) -> dict[str, Any]:
    """A figure's dataclass as an object."""
    return {field.name: _plain(getattr(figure, field.name)) for field in fields(figure)}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return as_json(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    return float(value) if isinstance(value, Decimal) else value
