"""How a test's judges are asked: each reply is an execution of its own, begun once and found again.

Its id is made of the answer that is judged, the scorer and the question, so that an answer that is scored anew by the
same judge costs nothing, and one whose worker died is not judged twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

import psycopg
from django.db import OperationalError

from evaluation_app.models import EvaluationSample, SampleState
from evaluation_app.running.asking import PATIENCE
from evaluation_app.running.calls import Calls, Unheard, have_begun
from evaluation_app.running.material import Material
from evaluation_app.running.purse import Purse
from evaluation_app.running.store import Claimed, JudgeCall, Reserved, SampleStore
from evaluation_app.scorers.errors import ScorerError
from evaluation_app.scorers.judges.judge import ASKED_AT_MOST, Judge
from evaluation_app.scorers.judges.wording import AGAIN
from evaluation_app.scorers.judging import Check
from evaluation_app.scorers.outside.desk import Away, NoRival, PutOff, Question, Said, Unreadable
from evaluation_app.scorers.outside.signing import secret_of
from evaluation_app.scorers.scorer import OutsideScorer
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground import executing
from playground.engine.ask import Ask
from playground.engine.reservation import dearest
from playground.models import Origin, PromptExecution, Status
from providers.catalogue.info import ModelInfo

UNREADABLE: Final = "judge_unreadable"
FAILED: Final = "judge_failed"
TOO_DEAR: Final = "max_cost"
STOPPED: Final = "stopped"
LATER: Final = frozenset({429, 503})
"""Refusals that say: later."""
MOST_REPLIES: Final = 20
"""To one question, however often it was scored in vain."""
BYTES_A_TOKEN: Final = 8
"""Of an answer that a judge will be shown, when money is set aside for it; a longer one is set aside for anew."""
RIVAL_AFTER: Final = 0.2
"""Seconds until the other answer is looked for again."""
ONE_IN: Final = 10
"""Samples, of which one is judged several times."""


def is_repeated(sample_id: UUID) -> bool:
    """Whether this sample shows if judges repeat themselves: drawn by its id, so always the same ones."""
    return sample_id.int % ONE_IN == 0


def judges_of(checks: Sequence[Check]) -> list[Judge[Any]]:
    """The judges among them."""
    return [check.scorer for check in checks if isinstance(check.scorer, Judge)]


def most_of_judging(
    checks: Sequence[Check],
    info_of: Callable[[str], ModelInfo],
    *,
    given: int,
    answer_tokens: int,
    is_repeated: bool,
) -> Decimal:
    """USD that judging one answer may cost; `given` is the bytes of what was asked, `answer_tokens` its longest."""
    cost = Decimal(0)
    for judge in judges_of(checks):
        shown = judge.size + given + judge.shows_several * answer_tokens * BYTES_A_TOKEN
        a_call = dearest(info_of(judge.model_id), given=shown, parameters=judge.asked_of_model).cost
        cost += a_call * judge.calls(is_repeated=is_repeated)
    return cost


class Judges:
    """Of one runner."""

    def __init__(self, material: Material, store: SampleStore, calls: Calls, *, is_paused: Callable[[], bool]) -> None:
        self.material = material
        self._store = store
        self.calls = calls
        self.is_paused = is_paused
        self.have_replied = False
        """Whether any did: who never replied is not waited for."""

    def desks(self, sample: Claimed, answer: PromptExecution, checks: Sequence[Check]) -> list[JudgesDesk]:
        """A desk for each scorer."""
        purse = Purse(
            self._store,
            sample.id,
            answer.id,
            spent=Decimal(0) if sample.is_answered else answer.estimated_cost,
            is_kept=self.material.test.max_cost is not None,
        )
        return [JudgesDesk(self, sample, answer, check, purse) for check in checks]


class JudgesDesk:
    """Where one scorer asks about one answer (scorers.outside.desk.Desk)."""

    def __init__(self, judges: Judges, sample: Claimed, answer: PromptExecution, check: Check, purse: Purse) -> None:
        self._judges = judges
        self._sample = sample
        self._answer = answer
        self._scorer = check.scorer
        self._purse = purse
        self.cost = Decimal(0)
        """USD of every reply about this answer, earlier ones included."""
        self.replies: list[JudgeCall] = []

    @property
    def is_repeated(self) -> bool:
        """Whether the sample is one of those that are judged several times."""
        return is_repeated(self._sample.id)

    @property
    def name(self) -> UUID:
        """The same for the same answer and scorer."""
        return uuid5(self._answer.id, self._scorer.scorer_hash)

    @property
    def secret(self) -> bytes:
        """The test's owner's."""
        return secret_of(self._judges.material.test.user_id)

    @property
    def verdict_id(self) -> UUID | None:
        """The execution whose verdict counts, where a judge was asked."""
        return next((reply.execution_id for reply in self.replies if reply.choice), None)

    async def opinion(self, question: Question, read: Callable[[str], Said]) -> Said:
        """What the model says; replies that were paid before are read again."""
        asked, set_aside = 0, Decimal(0)
        error = ScorerError(FAILED, "The judge was asked too often in vain.")
        for number in range(1, MOST_REPLIES + 1):
            execution_id = uuid5(self.name, f"{question.order}.{question.repeat}.{number}")
            with _database():
                is_known = self._may_be_known and await have_begun(execution_id)
                if not is_known:
                    if asked == ASKED_AT_MOST:
                        break
                    asked += 1
                    set_aside = await self._begin(execution_id, question, is_again=number > 1)
                record = await self._judges.calls.ended(execution_id)
            self._judges.have_replied |= record.status == Status.COMPLETED
            self.cost += record.estimated_cost
            if not is_known:
                self._purse.settle(set_aside, record.estimated_cost)
            try:
                said = _read(record, read)
            except ScorerError as failure:
                self._note(record, question, number, "")
                error = failure
                if record.status == Status.CANCELLED:
                    break
            else:
                self._note(record, question, number, said.choice)
                return said
        raise error

    async def rival(self) -> str:
        """The answer of the first variant to the same case in the same run."""
        first = next(iter(self._judges.material.variants))
        if first == self._sample.variant_id:
            raise NoRival("This is the answer that the others are compared with.")
        found = EvaluationSample.objects.filter(variant_id=first, case_id=self._sample.case_id, run=self._sample.run)
        with _database():
            rival = await in_database_thread(found.select_related("execution").first)
        if rival is None:
            raise NoRival("There is no other answer to compare with.")
        if rival.execution is not None and rival.execution.status == Status.COMPLETED:
            told: dict[str, Any] = rival.execution.answer or {}
            return str(told.get("response", ""))
        if rival.state in (SampleState.ERRORED, SampleState.SKIPPED):
            raise NoRival("The other variant gave no answer to compare with.")
        raise PutOff(RIVAL_AFTER)

    @property
    def _may_be_known(self) -> bool:
        return self._sample.is_answered or self._sample.execution_id is not None

    async def _begin(self, execution_id: UUID, question: Question, *, is_again: bool) -> Decimal:
        """Begins a reply; gives the USD set aside for it."""
        if self._judges.calls.are_stopped:
            raise ScorerError(STOPPED, "The test was cancelled before this answer was judged.")
        if self._judges.is_paused():
            raise PutOff
        test = self._judges.material.test
        ask = Ask(
            self._judges.material.user,
            Origin.JUDGE,
            question.model_id,
            {"system_prompt": question.system_prompt, "prompt": question.prompt + (AGAIN if is_again else "")},
            parameters={"timeout": float(test.policy["timeout"]), **question.parameters},
            facts={"judges": str(self._answer.id)},
            session_id=test.session_id,
            execution_id=execution_id,
            token_id=test.token_id,
            patience=PATIENCE if self._judges.have_replied else 0.0,
        )
        try:
            prepared = await executing.prepare(ask)
            cost = prepared.dearest_cost
            if self._purse.is_kept:
                prepared.within(cost)
            _check(await self._purse.set_aside(cost))
            await executing.begin_prepared(prepared)
            return cost
        except Problem as problem:
            if problem.status in LATER and not problem.errors:
                raise PutOff from None
            raise cannot_be_asked(problem) from None

    def _note(self, record: PromptExecution, question: Question, number: int, choice: str) -> None:
        told: dict[str, Any] = self._answer.answer or {}
        self.replies.append(
            JudgeCall(
                record.id,
                self._scorer.name,
                self._scorer.scorer_hash,
                question.order,
                question.repeat,
                choice,
                number,
                len(told.get("response", "")),
            )
        )


@contextmanager
def _database() -> Iterator[None]:
    """What is late or away is no word on the answer: whoever runs the sample looks again, and finds what was asked."""
    try:
        yield
    except Unheard:
        raise PutOff from None
    except (OperationalError, psycopg.OperationalError) as error:
        raise Away from error


def _check(became: Reserved) -> None:
    """Raises PutOff where the judge is to be asked later, ScorerError where never."""
    if became == Reserved.NOT_NOW:
        raise PutOff
    if became == Reserved.TOO_DEAR:
        raise ScorerError(TOO_DEAR, "Judging this answer could have cost more than the test may.")


def cannot_be_asked(problem: Problem) -> ScorerError:
    """A judge's execution was refused."""
    sentence = "; ".join(each["message"] for each in problem.errors) or problem.detail or problem.title
    return ScorerError(FAILED, f"The judge cannot be asked: {sentence}")


def _read(record: PromptExecution, read: Callable[[str], Said]) -> Said:
    if record.status == Status.CANCELLED:
        raise ScorerError(STOPPED, "The test was cancelled before this answer was judged.")
    if record.status != Status.COMPLETED:
        raise ScorerError(FAILED, f"The judge gave no reply: {record.error_message or record.error_code}")
    told: dict[str, Any] = record.answer or {}
    try:
        return read(told.get("response", ""))
    except Unreadable as why:
        raise ScorerError(UNREADABLE, str(why)) from None


def ask_outside(checks: Sequence[Check]) -> bool:
    """Whether one of these scorers asks somebody."""
    return any(isinstance(check.scorer, OutsideScorer) for check in checks)
