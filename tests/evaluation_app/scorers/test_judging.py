"""Several scorers on one output."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any, cast

import pytest

from evaluation_app.scorers.errors import InvalidScorer, ScorerError
from evaluation_app.scorers.judging import Check, State, checks_of, judge, judge_anyhow
from evaluation_app.scorers.outside.desk import Away, Desk
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import OutsideScorer
from tests.evaluation_app.scorers import hostile

PASS = {"scorer": "contains", "params": {"keywords": ["risk"]}}
FAIL = {"scorer": "contains", "params": {"keywords": ["cost"]}}
HALF = {"scorer": "rouge_l", "params": {"value": "risk nothing else then", "threshold": 0.3}}
UNKNOWN = {"scorer": "cost", "params": {"max_cost": 1}}
SAMPLE = Sample("The risk is low")
NOBODY = cast(Desk, None)
"""What is at hand for scorers that look at nothing of it."""


@pytest.mark.parametrize(
    ("asked", "state", "score"),
    [
        ([PASS], State.PASSED, 1.0),
        ([FAIL], State.FAILED, 0.0),
        ([PASS, FAIL], State.FAILED, 0.5),
        ([PASS, FAIL | {"required": False}], State.PASSED, 0.5),
        ([PASS | {"weight": 3}, FAIL | {"required": False}], State.PASSED, 0.75),
        ([PASS | {"weight": 0}, FAIL | {"required": False}], State.PASSED, 0.0),
        ([PASS | {"weight": 0}], State.PASSED, None),
        ([PASS, UNKNOWN], State.PASSED, 1.0),
        ([FAIL, UNKNOWN | {"weight": 100}], State.FAILED, 0.0),
        ([UNKNOWN], State.UNSCORED, None),
        ([PASS | {"required": False}, FAIL | {"required": False}], State.UNSCORED, 0.5),
        ([UNKNOWN, FAIL | {"required": False}], State.UNSCORED, 0.0),
        ([PASS | {"weight": 0.1}] * 3, State.PASSED, 1.0),
    ],
)
def test_all_required_must_pass_and_values_are_weighed(asked: list[Any], state: State, score: float | None) -> None:
    verdict = judge(checks_of(asked), SAMPLE)
    assert (verdict.state, verdict.score) == (state, score)
    assert verdict.passed is {State.PASSED: True, State.FAILED: False}.get(state)
    assert len(verdict.checked) == len(asked)


def test_an_error_of_one_is_no_verdict_and_the_others_scores_stay() -> None:
    checks = [*checks_of([PASS]), Check(hostile.Failing.of({}), required=False), *checks_of([FAIL])]
    verdict = judge(checks, SAMPLE)
    assert (verdict.state, verdict.score, verdict.passed) == (State.SCORER_ERROR, None, None)
    passed, broken, failed = verdict.checked
    assert broken.score is None
    assert broken.error is not None
    assert broken.error.code == "scorer_crashed"
    assert passed.score is not None
    assert failed.score is not None
    assert (passed.score.value, failed.score.value) == (1.0, 0.0)


def test_a_cost_that_is_known_counts() -> None:
    verdict = judge(checks_of([PASS, UNKNOWN]), Sample("risk", cost=Decimal("1.01")))
    assert (verdict.state, verdict.score) == (State.FAILED, 0.5)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ([], ""),
        (None, ""),
        ({}, ""),
        ([PASS] * 21, ""),
        ([PASS, "contains"], "1"),
        ([{}], "0.scorer"),
        ([PASS, {"scorer": "regex", "params": {"pattern": "a(?=b)"}}], "1.params.pattern"),
        ([PASS | {"weigth": 2}], "0.weigth"),
        ([PASS | {"weight": -1}], "0.weight"),
        ([PASS | {"weight": "1"}], "0.weight"),
        ([PASS | {"weight": True}], "0.weight"),
        ([PASS | {"weight": float("nan")}], "0.weight"),
        ([PASS | {"weight": float("inf")}], "0.weight"),
        ([PASS | {"required": 1}], "0.required"),
        ([PASS | {"params": []}], "0.params"),
    ],
)
def test_a_list_that_does_not_hold_names_the_place(asked: Any, field: str) -> None:
    with pytest.raises(InvalidScorer) as refused:
        checks_of(asked)
    assert refused.value.field == field
    assert refused.value.below("scorers").field == f"scorers.{field}".rstrip(".")


class Asking(OutsideScorer[hostile.Nothing]):
    """Answers when all of its kind have been asked."""

    name = "asking"
    title = "Asks somebody"
    parameters = hostile.Nothing
    together = asyncio.Barrier(2)

    async def ask(self, sample: Sample, desk: Desk) -> Score:
        await self.together.wait()
        return Score.binary(True, sample.output)


class Refused(Asking):
    name = "refused"

    async def ask(self, sample: Sample, desk: Desk) -> Score:
        raise ScorerError("scorer_refused", "Nobody is there.")


class Broken(Asking):
    name = "broken"

    async def ask(self, sample: Sample, desk: Desk) -> Score:
        raise KeyError(sample.output)


async def test_scorers_that_ask_somebody_work_side_by_side() -> None:
    checks = [*checks_of([PASS]), Check(Asking.of({})), Check(Asking.of({}))]
    verdict = await judge_anyhow(checks, SAMPLE, [NOBODY] * 3)
    assert (verdict.state, verdict.score) == (State.PASSED, 1.0)


@pytest.mark.parametrize(("kind", "code"), [(Refused, "scorer_refused"), (Broken, "scorer_crashed")])
async def test_an_error_of_one_that_asks_stays_its_own(kind: type[Asking], code: str) -> None:
    verdict = await judge_anyhow([*checks_of([PASS]), Check(kind.of({}))], SAMPLE, [NOBODY] * 2)
    assert verdict.state is State.SCORER_ERROR
    fine, broken = verdict.checked
    assert fine.score is not None
    assert broken.error is not None
    assert broken.error.code == code
    assert SAMPLE.output not in broken.error.sentence


class Lost(Asking):
    name = "lost"

    async def ask(self, sample: Sample, desk: Desk) -> Score:
        raise Away


async def test_a_desk_that_is_away_is_no_fault_of_the_scorer() -> None:
    with pytest.raises(Away):
        await judge_anyhow([*checks_of([PASS]), Check(Lost.of({}))], SAMPLE, [NOBODY] * 2)


def test_a_scorer_that_asks_somebody_is_an_error_where_nobody_can_be_asked() -> None:
    verdict = judge([Check(Asking.of({}))], SAMPLE)
    assert verdict.state is State.SCORER_ERROR


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_no_score_lies_outside_of_its_bounds(value: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Score(value, False, "")
    with pytest.raises(ValueError, match="has not passed"):
        Score(None, True, "")
