"""What became of each case with each variant, with one reason for what did not pass: what reports list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, Q, QuerySet, Value, When

from evaluation_app.export.rows import case_slices
from evaluation_app.figures.totals import variant_names
from evaluation_app.models import CaseTotal, EvaluationCase, EvaluationSample, EvaluationTest, SampleState
from foundation.context import looking

FAILING: Final = Q(passes__contains=[False])
"""Some judged answer did not pass."""
ERRING: Final = ~FAILING & (Q(errors__gt=0) | Q(scorer_errors__gt=0))
"""None failed, but not every run has a judged answer."""
UNJUDGED: Final = ~FAILING & ~ERRING & (Q(skipped__gt=0) | Q(passes__len=0))
"""None failed and none broke, but runs were never asked, or nothing could judge them."""
UNFORTUNATE: Final = (SampleState.FAILED, SampleState.ERRORED, SampleState.SCORER_ERROR)


class Kind(StrEnum):
    """Of a case with a variant; `flaky`: some runs passed and some did not."""

    PASSED = "passed"
    FAILED = "failed"
    FLAKY = "flaky"
    ERRORED = "errored"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """One case with one variant. `reason`: of its first run that failed, else of the first that broke; else empty."""

    case: EvaluationCase
    variant: str
    passed: int
    scored: int
    errors: int
    skipped: int
    seconds: float
    reason: str

    @property
    def kind(self) -> Kind:
        """As `FAILING`, `ERRING` and `UNJUDGED` tell them apart in SQL."""
        if self.passed < self.scored:
            return Kind.FLAKY if self.passed else Kind.FAILED
        if self.errors:
            return Kind.ERRORED
        return Kind.UNJUDGED if self.skipped or not self.scored else Kind.PASSED

    @property
    def fraction(self) -> str:
        """Such as `11 of 12 runs passed`, with what is in no fraction beside."""
        told = [f"{self.passed} of {self.scored} {'run' if self.scored == 1 else 'runs'} passed"] if self.scored else []
        if self.errors:
            told.append(f"{self.errors} without a judged answer")
        if self.skipped:
            told.append(f"{self.skipped} never asked")
        return ", ".join(told) or "nothing could judge it"


def outcomes(
    test: EvaluationTest, *, variant_id: UUID | None = None, chosen: Q | None = None
) -> Iterator[CaseOutcome | None]:
    """The outcomes that are `chosen`, in the order of cases and variants; None at the end of each slice."""
    names = variant_names(test)
    totals = test.totals.filter(chosen or Q())
    if variant_id:
        totals = totals.filter(variant=variant_id)
    for first, before in case_slices(test):
        of_slice = totals.filter(case__position__gte=first, case__position__lt=before)
        found = list(of_slice.order_by("case__position", "variant__position").prefetch_related("case"))
        reasons = _reasons(found)
        for total in found:
            yield _outcome(total, names[total.variant_id], reasons.get((total.variant_id, total.case_id), ""))
        yield None


def _outcome(total: CaseTotal, variant: str, reason: str) -> CaseOutcome:
    return CaseOutcome(
        case=total.case,
        variant=variant,
        passed=sum(total.passes),
        scored=len(total.passes),
        errors=total.errors + total.scorer_errors,
        skipped=total.skipped,
        seconds=sum(total.latencies),
        reason=reason,
    )


def _reasons(totals: list[CaseTotal]) -> dict[tuple[UUID, UUID], str]:
    """By variant and case; one sample each is opened, however many failed."""
    unfortunate = [total for total in totals if not all(total.passes) or total.errors or total.scorer_errors]
    if not unfortunate:
        return {}
    samples = EvaluationSample.objects.filter(
        case__in={total.case_id for total in unfortunate},
        variant__in={total.variant_id for total in unfortunate},
        state__in=UNFORTUNATE,
    )
    with looking():
        return {(sample.variant_id, sample.case_id): _reason(sample) for sample in _first_of_each(samples)}


def _first_of_each(samples: QuerySet[EvaluationSample]) -> QuerySet[EvaluationSample]:
    is_error: Any = Case(When(state=SampleState.FAILED, then=Value(0)), default=Value(1))
    in_order = samples.order_by("case_id", "variant_id", is_error, "run")
    return in_order.distinct("case_id", "variant_id").prefetch_related("scores")


def _reason(sample: EvaluationSample) -> str:
    if sample.state != SampleState.FAILED:
        return str(sample.error_message or sample.error_code)
    scores = sorted(sample.scores.all(), key=lambda score: score.position)
    told = next((score for score in scores if score.passed is False), None)
    return f"{told.scorer}: {told.reason}" if told else ""
