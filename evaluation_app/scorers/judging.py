"""Several scorers on one output: each one's score, and what they say together."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from evaluation_app.scorers import running
from evaluation_app.scorers.errors import InvalidScorer, ScorerError
from evaluation_app.scorers.outside.desk import Desk
from evaluation_app.scorers.registry import made
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import AnyScorer
from foundation.words import number

MOST_SCORERS: Final = 20
HEAVIEST: Final = 1_000_000
_FIELDS: Final = frozenset({"scorer", "params", "weight", "required"})


class State(StrEnum):
    """Of a sample that was answered; `unscored`: no required scorer had the facts that it needs."""

    PASSED = "passed"
    FAILED = "failed"
    SCORER_ERROR = "scorer_error"
    UNSCORED = "unscored"


@dataclass(frozen=True, slots=True)
class Check:
    """A scorer as it counts: in the mean by its weight, and for passing when it is required."""

    scorer: AnyScorer[Any]
    weight: float = 1.0
    required: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: a score or an error."""

    check: Check
    score: Score | None = None
    error: ScorerError | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of all checks; `score` is the weighted mean of the values that there are, None without any."""

    state: State
    score: float | None
    passed: bool | None
    checked: tuple[Checked, ...]


def checks_of(asked: Any) -> tuple[Check, ...]:
    """The checks of a list of `{scorer, params, weight = 1, required = true}`; raises InvalidScorer."""
    if not isinstance(asked, list) or not asked:
        raise InvalidScorer("At least one scorer is needed.")
    if len(asked) > MOST_SCORERS:
        raise InvalidScorer(f"Up to {MOST_SCORERS} scorers are taken.")
    return tuple(_check_of(each, place) for place, each in enumerate(asked))


def judge(checks: Sequence[Check], sample: Sample) -> Verdict:
    """The verdict of scorers that ask nobody outside; may wait: call it from a thread."""
    return _together([_checked(check, sample) for check in checks])


async def judge_anyhow(checks: Sequence[Check], sample: Sample, desks: Sequence[Desk]) -> Verdict:
    """The verdict, also of scorers that ask somebody outside, each at its desk; they work side by side.

    Raises PutOff or Away where one cannot ask now, once the others are done: what they were told is found again.
    """
    working = (_checked_anyhow(check, sample, desk) for check, desk in zip(checks, desks, strict=True))
    done = await asyncio.gather(*working, return_exceptions=True)
    if failed := next((each for each in done if isinstance(each, BaseException)), None):
        raise failed
    return _together(each for each in done if isinstance(each, Checked))


def _check_of(asked: Any, place: int) -> Check:
    try:
        if not isinstance(asked, Mapping):
            raise InvalidScorer("A scorer is an object with its name and parameters.")
        for name in asked:
            if name not in _FIELDS:
                raise InvalidScorer("There is no such field.", (str(name),))
        weight, required = asked.get("weight", 1), asked.get("required", True)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= HEAVIEST:
            raise InvalidScorer(f"A weight is a number from 0 to {number(HEAVIEST)}.", ("weight",))
        if not isinstance(required, bool):
            raise InvalidScorer("Whether a scorer is required is true or false.", ("required",))
        return Check(made(asked.get("scorer"), asked.get("params")), float(weight), required)
    except InvalidScorer as error:
        raise error.below(place) from None


def _checked(check: Check, sample: Sample) -> Checked:
    try:
        return Checked(check, running.score(check.scorer, sample))
    except ScorerError as error:
        return Checked(check, error=error)


async def _checked_anyhow(check: Check, sample: Sample, desk: Desk) -> Checked:
    try:
        return Checked(check, await running.score_anyhow(check.scorer, sample, desk))
    except ScorerError as error:
        return Checked(check, error=error)


def _together(checked: Iterable[Checked]) -> Verdict:
    """An error of one leaves the sample without a verdict; what is not known counts neither way."""
    every = tuple(checked)
    if any(each.error for each in every):
        return Verdict(State.SCORER_ERROR, None, None, every)
    known = [(each.check, each.score) for each in every if each.score is not None and each.score.value is not None]
    if not known:
        return Verdict(State.UNSCORED, None, None, every)
    weights = math.fsum(check.weight for check, _ in known)
    mean = math.fsum(check.weight * (score.value or 0.0) for check, score in known) / weights if weights else None
    decide = [score.passed for check, score in known if check.required]
    if not decide:
        return Verdict(State.UNSCORED, mean, None, every)
    return Verdict(State.PASSED if all(decide) else State.FAILED, mean, all(decide), every)
