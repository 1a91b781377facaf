"""What sways a judge beside the answers: their order, their length, its mood."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from evaluation_app.judges.verdicts import Judge, Verdict
from evaluation_app.models import JudgeCall
from evaluation_app.scorers.judges.pairwise import FIRST, SECOND, TIE
from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.figures import Estimate
from evaluation_app.statistics.judge_bias import LengthBias, length_bias, order_flips
from evaluation_app.statistics.proportions import success_rate

_TURNED: Final = {FIRST: SECOND, SECOND: FIRST, TIE: TIE}


@dataclass(frozen=True, slots=True)
class Bias:
    """Each share with its interval; what nobody asked about is None."""

    order_flips: Estimate | None
    """Of pairs, how many verdicts turn when the answers change places."""
    repeats: Estimate | None
    """Of samples that were judged several times, how many got the same verdict each time."""
    length: LengthBias
    unreadable: int
    """Replies that told no verdict."""
    replies: int


class _Call(NamedTuple):
    sample_id: UUID
    order: int
    repeat: int
    choice: str
    characters: int


def bias_of(test_id: UUID, judge: Judge, verdicts: Iterable[Verdict], *, confidence: float) -> Bias:
    """From every reply of the judge in this test."""
    rows = JudgeCall.objects.filter(sample__test_id=test_id, scorer_hash=judge.scorer_hash)
    calls = [_Call(*row) for row in rows.order_by("sample_id").values_list(*_Call._fields)]
    by_sample: defaultdict[UUID, dict[tuple[int, int], str]] = defaultdict(dict)
    for call in calls:
        if call.choice:
            by_sample[call.sample_id][call.order, call.repeat] = call.choice
    known = {verdict.sample_id: verdict for verdict in verdicts}
    sizes = {call.sample_id: call.characters for call in calls}
    measured = [verdict for key, verdict in known.items() if key in sizes]
    return Bias(
        order_flips=_flips(by_sample, known, confidence) if judge.is_pairwise else None,
        repeats=_repeats(by_sample, known, confidence),
        length=length_bias(
            [float(sizes[verdict.sample_id]) for verdict in measured],
            [verdict.passed for verdict in measured],
            [verdict.case for verdict in measured],
            confidence=confidence,
        ),
        unreadable=sum(not call.choice for call in calls),
        replies=len(calls),
    )


Choices = Mapping[UUID, Mapping[tuple[int, int], str]]


def _flips(choices: Choices, verdicts: Mapping[UUID, Verdict], confidence: float) -> Estimate | None:
    flipped = {
        key: said[0, 0] != _TURNED[said[1, 0]]
        for key, said in choices.items()
        if key in verdicts and (0, 0) in said and (1, 0) in said
    }
    return order_flips(_by_case(flipped, verdicts), confidence=confidence) if flipped else None


def _repeats(choices: Choices, verdicts: Mapping[UUID, Verdict], confidence: float) -> Estimate | None:
    same: dict[UUID, bool] = {}
    for key, said in choices.items():
        words = [word for (order, _), word in said.items() if order == 0]
        if key in verdicts and len(words) > 1:
            same[key] = len(set(words)) == 1
    return success_rate(_by_case(same, verdicts), confidence=confidence) if same else None


def _by_case(outcomes: Mapping[UUID, bool], verdicts: Mapping[UUID, Verdict]) -> list[Passes]:
    by_case: defaultdict[str, list[bool]] = defaultdict(list)
    for key, outcome in outcomes.items():
        by_case[verdicts[key].case].append(outcome)
    return [Passes(len(each), sum(each)) for _, each in sorted(by_case.items())]
