"""What a judge said of a test's samples, beside what people said of the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from evaluation_app.models import EvaluationSample, SampleScore
from evaluation_app.review.labels import PairwiseLabel, human_labels, pairwise_labels
from evaluation_app.scorers.judges.llm_judge import FAIL, PASS
from evaluation_app.scorers.judges.pairwise import FIRST, SECOND, SHARE, TIE, PairwiseJudge

_WORD_OF_SHARE: Final = {share: word for word, share in SHARE.items()}
_TURNED: Final = {FIRST: SECOND, SECOND: FIRST, TIE: TIE}
_PERSONS_WORD: Final = {"a": FIRST, "b": SECOND, "tie": TIE}


@dataclass(frozen=True, slots=True)
class Judge:
    """A judge as its test's policy has it."""

    scorer: str
    scorer_hash: str
    model_id: str
    is_required: bool

    @property
    def is_pairwise(self) -> bool:
        """Whether it says which of two answers is better."""
        return self.scorer == PairwiseJudge.name

    @property
    def classes(self) -> tuple[str, ...]:
        """What it can say."""
        return (FIRST, TIE, SECOND) if self.is_pairwise else (PASS, FAIL)


def judges_of(policy: dict[str, Any]) -> list[Judge]:
    """The judges of a test (`EvaluationTest.policy`)."""
    return [Judge(**each) for each in policy.get("judges", ())]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judge's word on one sample."""

    sample_id: UUID
    case: str
    """Its cluster, where it has one; else its key."""
    variant_id: UUID
    choice: str
    passed: bool
    index: int
    """The case's place in its test."""
    run: int


class Pair(NamedTuple):
    """A judge's word and people's on the same sample."""

    verdict: Verdict
    person: str


def verdicts_of(test_id: UUID, judge: Judge, *, of: Collection[UUID] | None = None) -> list[Verdict]:
    """Its verdicts that count; `of` these samples alone, where it is given."""
    rows = SampleScore.objects.filter(sample__test_id=test_id, scorer_hash=judge.scorer_hash, passed__isnull=False)
    if of is not None:
        rows = rows.filter(sample_id__in=of)
    sample = ("id", "case__cluster", "case__key", "variant_id", "case__position", "run")
    names = (*(f"sample__{name}" for name in sample), "value", "passed")
    return [
        Verdict(sample_id, cluster or key, variant_id, _choice(judge, value, passed), passed, index, run)
        for sample_id, cluster, key, variant_id, index, run, value, passed in rows.order_by("sample_id").values_list(
            *names
        )
    ]


def compared(test_id: UUID, judge: Judge) -> list[Pair]:
    """Samples of this test that both have judged, people on a random part of it."""
    people = dict(_pairs_of_people(test_id)) if judge.is_pairwise else _people(test_id)
    verdicts = verdicts_of(test_id, judge, of=people)
    return [Pair(verdict, people[verdict.sample_id]) for verdict in verdicts]


def _choice(judge: Judge, value: float | None, passed: bool) -> str:
    if judge.is_pairwise:
        return _WORD_OF_SHARE.get(value if value is not None else -1.0, TIE)
    return PASS if passed else FAIL


def _people(test_id: UUID) -> dict[UUID, str]:
    return {label.sample_id: PASS if label.passed else FAIL for label in human_labels(test_id)}


def _pairs_of_people(test_id: UUID) -> Iterator[tuple[UUID, str]]:
    """People's word on the sample that a judge compared with the first variant's of the same run."""
    labels = pairwise_labels(test_id)
    ids = {sample_id for label in labels for sample_id in (label.sample_id, label.other_sample_id)}
    rows = EvaluationSample.objects.filter(id__in=ids).values_list("id", "case_id", "run", "variant__position")
    places = {sample_id: (case_id, run, position) for sample_id, case_id, run, position in rows}
    for label in labels:
        yield from _as_judged(label, places)


def _as_judged(label: PairwiseLabel, places: dict[UUID, tuple[UUID, int, int]]) -> Iterator[tuple[UUID, str]]:
    one, other = places.get(label.sample_id), places.get(label.other_sample_id)
    if one is None or other is None or one[:2] != other[:2]:
        return
    word = _PERSONS_WORD[label.winner]
    if other[2] == 0:
        yield label.sample_id, word
    elif one[2] == 0:
        yield label.other_sample_id, _TURNED[word]
