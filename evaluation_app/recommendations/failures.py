"""What went wrong on the cases that may be shown, and what it has in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from evaluation_app.models import EvaluationSample, EvaluationTest, EvaluationVariant, SampleState
from evaluation_app.recommendations.division import division_of
from foundation.words import number

MOST: Final = 200
"""Failures that are looked at, over all cases."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One answer that did not pass."""

    case: UUID
    tags: tuple[str, ...]
    input: dict[str, Any]
    expected: Any
    output: str
    reasons: tuple[tuple[str, str], ...]
    """Scorers that it did not pass, with what they said."""
    finish_reason: str
    is_flaky: bool
    """Whether other runs of the case passed."""


def found_by_rules(test: EvaluationTest) -> list[tuple[str, str]]:
    """Title and reason of what the first variant's failures share, for its results."""
    variant = test.variants.order_by("position").first()
    if variant is None:
        return []
    train = division_of(test).train
    return [*shared(failures_of(test, variant, train), cases=len(train))]


def failures_of(test: EvaluationTest, variant: EvaluationVariant, cases: frozenset[UUID]) -> list[Failure]:
    """Failed answers of a variant on these cases: one a case first, then further ones of the same."""
    rows = EvaluationSample.objects.filter(test=test, variant=variant, case_id__in=cases)
    passed = set(rows.filter(state=SampleState.PASSED).values_list("case_id", flat=True))
    failed = rows.filter(state=SampleState.FAILED).order_by("run", "block", "id")
    found = failed.select_related("case", "execution").prefetch_related("scores")[:MOST]
    return [_failure(sample, is_flaky=sample.case_id in passed) for sample in found]


def _failure(sample: EvaluationSample, *, is_flaky: bool) -> Failure:
    answer: dict[str, Any] = (sample.execution.answer if sample.execution else None) or {}
    case = sample.case
    return Failure(
        case.id,
        tuple(case.tags),
        case.input,
        case.expected,
        answer.get("response", ""),
        tuple((score.scorer, score.reason) for score in sample.scores.all() if score.passed is False),
        str(sample.execution.metadata.get("finish_reason") or "") if sample.execution else "",
        is_flaky,
    )


def shared(failures: list[Failure], *, cases: int) -> Iterator[tuple[str, str]]:
    """Title and reason of what failures share; `cases` were asked."""
    n = len(failures)
    failed = {failure.case for failure in failures}
    told = f"{number(len(failed))} of {number(cases)} cases failed"
    by_scorer = Counter(name for failure in failures for name in {scorer for scorer, _ in failure.reasons})
    for name, count in by_scorer.most_common(3):
        if len(by_scorer) > 1 and count >= 2:
            yield f"{name} decides {count} of {n} failures", f"{told}; {_example(failures, name)}"
    cut = sum(failure.finish_reason == "length" for failure in failures)
    if cut >= max(2, n // 3):
        yield (
            "Answers are cut off",
            f"{cut} of {n} failed answers ended at the length that was allowed: raise max_tokens, or ask for less.",
        )
    empty = sum(not failure.output.strip() for failure in failures)
    if empty >= max(2, n // 3):
        yield "Answers are empty", f"{empty} of {n} failed answers hold no text at all."
    flaky = {failure.case for failure in failures if failure.is_flaky}
    if len(flaky) >= 2 and len(flaky) * 2 >= len(failed):
        yield (
            "It depends on luck",
            f"{len(flaky)} of {len(failed)} failed cases passed in other runs: a lower temperature, or saying more "
            "plainly what is wanted, makes answers alike.",
        )
    tags = Counter(tag for failure in failures for tag in set(failure.tags))
    for tag, count in tags.most_common(2):
        if count >= 3 and count * 2 >= n:
            yield (
                f"Failures are tagged “{tag}”",
                f"{count} of {n} failures have this tag: they may want a rule of theirs.",
            )


def _example(failures: list[Failure], scorer: str) -> str:
    for failure in failures:
        for name, reason in failure.reasons:
            if name == scorer and reason:
                return f"such as: {reason[:300]}"
    return "without a reason given."
