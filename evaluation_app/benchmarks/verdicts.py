"""Which prompt on which model a judge found better, from its verdicts on pairs: Bradley and Terry's strengths.

A judge compares each answer with the first variant's to the same case in the same run. What one judge said is never
mixed with what another did: another rubric or model is another judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

from evaluation_app.benchmarks.board import Entry, entries_of
from evaluation_app.creation.judges import judges_in
from evaluation_app.judges.agreement import agreement_of
from evaluation_app.judges.report import WORDS
from evaluation_app.judges.verdicts import Judge, judges_of, verdicts_of
from evaluation_app.models import EvaluationTest
from evaluation_app.scorers.judges.pairwise import SHARE, PairwiseJudge
from evaluation_app.statistics.figures import as_json
from evaluation_app.statistics.votes import Strength, Vote, bradley_terry

LOOKED_AT: Final = 20_000
"""Verdicts of a judge, those of the newest tests first."""


class _Field(NamedTuple):
    """What one judge has said so far; the test is the newest in which it did."""

    judge: Judge
    test: EvaluationTest
    votes: list[Vote]


def opinions_in(tests: Sequence[EvaluationTest]) -> list[dict[str, Any]]:
    """For each judge that compared variants of these tests (the newest first) their strengths; who said most comes
    first."""
    entries = {test.id: entries_of(test) for test in tests}
    # Of the same prompt on the same model the newest test names it.
    named = {entry.key: entry for test in reversed(tests) for entry in entries[test.id]}
    fields: dict[str, _Field] = {}
    for test in tests:
        for judge in _comparing(test):
            field = fields.setdefault(judge.scorer_hash, _Field(judge, test, []))
            room = max(0, LOOKED_AT - len(field.votes))
            field.votes.extend(islice(_votes(test.id, judge, entries[test.id]), room))
    told = [_opinion(field, named) for field in fields.values() if field.votes]
    return sorted(told, key=lambda each: (-each["pairs"], each["model_id"], each["scorer_hash"]))


def _comparing(test: EvaluationTest) -> list[Judge]:
    """The test's judges that compare variants; one that compares with the expected text says nothing of two of them."""
    pairwise = [judge for judge in judges_of(test.policy) if judge.is_pairwise]
    if not pairwise:
        return []
    made = judges_in([case.scorers for case in test.cases.all()])
    found = {key for key, (judge, _) in made.items() if isinstance(judge, PairwiseJudge)
             and judge.params.against == "first_variant"}  # fmt: skip
    return [judge for judge in pairwise if judge.scorer_hash in found]


def _votes(test_id: UUID, judge: Judge, entries: Sequence[Entry]) -> Iterator[Vote]:
    keys = {entry.variant.id: entry.key for entry in entries}
    first = next((entry.key for entry in entries if entry.variant.position == 0), None)
    for verdict in verdicts_of(test_id, judge):
        key = keys.get(verdict.variant_id)
        # The same prompt may stand there twice: it does not compete with itself.
        if key is not None and first is not None and key != first:
            yield Vote(key, first, SHARE[verdict.choice], verdict.case)


def _opinion(field: _Field, named: Mapping[str, Entry]) -> dict[str, Any]:
    votes = field.votes
    state = agreement_of(field.test, field.judge).state
    strengths = bradley_terry(votes, confidence=field.test.confidence)
    return {
        "scorer_hash": field.judge.scorer_hash,
        "model_id": field.judge.model_id,
        "state": state,
        "sentence": WORDS[state],
        "pairs": len(votes),
        "cases": len({vote.case for vote in votes}),
        "contestants": [_contestant(each, named[each.name]) for each in strengths],
    }


def _contestant(strength: Strength, entry: Entry) -> dict[str, Any]:
    return {**as_json(strength), "name": entry.label, "prompt": entry.prompt, "model_id": entry.variant.model_id}
