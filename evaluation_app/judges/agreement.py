"""Whether a judge agrees with people, over all tests of its owner in which the same judge was at work.

The same judge is the same hash: another rubric, model or scale is another judge, of whom nothing is known yet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.conf import settings

from evaluation_app.judges.verdicts import Judge, Pair, compared
from evaluation_app.models import EvaluationTest, ReviewQueue
from evaluation_app.statistics.agreement import Kappa, kappa_of_cases


class State(StrEnum):
    """What a judge is worth."""

    UNCALIBRATED = "uncalibrated"
    """No person has judged what it judged."""
    WEAK = "weak"
    """It was measured, and is not surely good enough."""
    CALIBRATED = "calibrated"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A judge beside people; `table` counts samples, rows the judge's words and columns people's (`Judge.classes`)."""

    state: State
    kappa: Kappa | None
    table: list[list[int]]
    labels: int
    tests: int
    """In which people judged what it judged."""


def agreement_of(test: EvaluationTest, judge: Judge, *, here: Sequence[Pair] | None = None) -> Agreement:
    """Over all tests; `here` spares reading this test's pairs again."""
    by_case: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    tests = 0
    for test_id in _reviewed(test, judge):
        pairs = here if here is not None and test_id == test.id else compared(test_id, judge)
        tests += bool(pairs)
        for verdict, person in pairs:
            by_case[verdict.case][verdict.choice, person] += 1
    tables = [table_of(judge.classes, counted) for _, counted in sorted(by_case.items())]
    table = table_of(judge.classes, sum(by_case.values(), Counter()))
    labels = sum(map(sum, table))
    kappa = kappa_of_cases(tables, confidence=test.confidence) if labels else None
    return Agreement(_state(kappa), kappa, table, labels, tests)


def table_of(classes: Iterable[str], counted: Counter[tuple[str, str]]) -> list[list[int]]:
    """The confusion table."""
    words = tuple(classes)
    return [[counted[judge, person] for person in words] for judge in words]


def _state(kappa: Kappa | None) -> State:
    if kappa is None:
        return State.UNCALIBRATED
    return State.CALIBRATED if kappa.may_gate(settings.ENV.evaluation_judge_kappa) else State.WEAK


def _reviewed(test: EvaluationTest, judge: Judge) -> list[UUID]:
    reviewed = ReviewQueue.objects.filter(owner_id=test.user_id, is_random=True).values("test_id")
    judged = EvaluationTest.objects.filter(user_id=test.user_id, id__in=reviewed)
    rows = judged.order_by("created_at", "id").values_list("id", "policy")
    wanted = judge.scorer_hash
    return [id_ for id_, policy in rows if any(each["scorer_hash"] == wanted for each in policy.get("judges", ()))]
