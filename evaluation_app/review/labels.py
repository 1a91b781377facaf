"""What people said of a test's answers, for whoever measures a judge by it: one verdict a sample, by majority."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from evaluation_app.models import ReviewItem, ReviewKind, ReviewQueue
from evaluation_app.review.said import Opinion, Rater, opinions_of

Label = TypeVar("Label")
Verdict = TypeVar("Verdict", bool, str)


@dataclass(frozen=True, slots=True)
class HumanLabel:
    """Whether a sample passes, as most of its raters said."""

    sample_id: UUID
    case_key: str
    variant_id: UUID
    passed: bool
    raters: int


@dataclass(frozen=True, slots=True)
class PairwiseLabel:
    """Which of two samples of a case is better, as most of their raters said: a, b or tie."""

    sample_id: UUID
    other_sample_id: UUID
    case_key: str
    variant_id: UUID
    other_variant_id: UUID
    winner: str
    raters: int


class Labels(list[Label], Generic[Label]):
    """Labels in the order of cases, variants and runs; `ties` counts what had no majority and is not among them."""

    ties: int = 0


def human_labels(test_id: UUID, *, random_only: bool = True) -> Labels[HumanLabel]:
    """From both scales, over all queues of the test; `random_only`: of those alone that stand for the whole test."""
    given: dict[UUID, dict[Rater, Opinion]] = defaultdict(dict)
    for opinion in _opinions(test_id, ReviewKind.SINGLE, random_only=random_only):
        # Who was asked twice, in two queues, has said it last.
        given[opinion.sample.id][opinion.rater] = opinion
    found: Labels[HumanLabel] = Labels()
    for by_rater in given.values():
        sample = next(iter(by_rater.values())).sample
        passed = majority([bool(each.passed) for each in by_rater.values()])
        if passed is None:
            found.ties += 1
        else:
            found.append(HumanLabel(sample.id, sample.case.key, sample.variant_id, passed, len(by_rater)))
    return found


def pairwise_labels(test_id: UUID, *, random_only: bool = True) -> Labels[PairwiseLabel]:
    """Of pairs of samples, over all queues of the test; "neither is better" is a verdict, not a tie of raters."""
    given: dict[tuple[UUID, UUID | None], dict[Rater, Opinion]] = defaultdict(dict)
    for opinion in _opinions(test_id, ReviewKind.PAIRWISE, random_only=random_only):
        given[opinion.item.sample_id, opinion.item.other_sample_id][opinion.rater] = opinion
    found: Labels[PairwiseLabel] = Labels()
    for by_rater in given.values():
        winner = majority([each.winner for each in by_rater.values()])
        if winner is None:
            found.ties += 1
        else:
            found.append(_pair(next(iter(by_rater.values())).item, winner, len(by_rater)))
    return found


def majority(verdicts: Iterable[Verdict]) -> Verdict | None:
    """What most said; None where no verdict has more voices than every other."""
    ranked = Counter(verdicts).most_common(2)
    if len(ranked) == 2 and ranked[0][1] == ranked[1][1]:
        return None
    return ranked[0][0]


def _opinions(test_id: UUID, kind: str, *, random_only: bool) -> list[Opinion]:
    queues = ReviewQueue.objects.filter(test_id=test_id, kind=kind)
    found = opinions_of(queues.filter(is_random=True) if random_only else queues)

    def place(opinion: Opinion) -> tuple[int, str, int]:
        return opinion.sample.case.position, str(opinion.sample.variant_id), opinion.sample.run

    return sorted(found, key=place)


def _pair(item: ReviewItem, winner: str, raters: int) -> PairwiseLabel:
    other = item.other_sample
    assert other is not None  # noqa: S101 - an item of a pair
    return PairwiseLabel(
        item.sample_id, other.id, item.sample.case.key, item.sample.variant_id, other.variant_id, winner, raters
    )
