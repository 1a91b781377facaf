"""Where a scorer asks a model about a call: each reply is an execution of the rule's owner, within the day's budget."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from evaluation_app.creation.session import hidden_session
from evaluation_app.models import ScoringRule
from evaluation_app.running.judges import FAILED, LATER, UNREADABLE, cannot_be_asked
from evaluation_app.scorers.errors import ScorerError
from evaluation_app.scorers.judges.judge import ASKED_AT_MOST
from evaluation_app.scorers.judges.wording import AGAIN
from evaluation_app.scorers.judging import Check
from evaluation_app.scorers.outside.desk import NoRival, PutOff, Question, Said, Unreadable
from evaluation_app.scorers.outside.signing import secret_of
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground import executing
from playground.engine.ask import Ask
from playground.models import Origin, PromptExecution, Status

OVER: Final = "over_budget"
NAME: Final = "Calls made elsewhere, judged"
"""Of the hidden session that holds what judges said."""


class Purse:
    """What the rule may still spend today, in USD; its scorers pay from it one after another."""

    def __init__(self, left: Decimal) -> None:
        self.left = left
        self.spent = Decimal(0)
        self.is_short = False

    def check(self, cost: Decimal, *, is_priced: bool) -> None:
        """Raises ScorerError where a reply could cost more than there is, or nobody knows what it costs."""
        if not is_priced or cost > self.left:
            self.is_short = True
            raise ScorerError(OVER, "Judging this call could have cost more than the rule may today.")

    def pay(self, cost: Decimal) -> None:
        """What a reply has cost."""
        self.left -= cost
        self.spent += cost


class RuleDesk:
    """Of one scorer for one call (scorers.outside.desk.Desk)."""

    is_repeated = False

    def __init__(
        self, rule: ScoringRule, call: PromptExecution, check: Check, purse: Purse, *, project_id: str
    ) -> None:
        self._rule = rule
        self._call = call
        self._purse = purse
        self._project_id = project_id
        self.name: UUID = uuid5(rule.id, f"{call.id}/{check.scorer.scorer_hash}")

    @property
    def secret(self) -> bytes:
        """The owner's."""
        return secret_of(self._rule.user_id)

    async def opinion(self, question: Question, read: Callable[[str], Said]) -> Said:
        """What the model says; a reply that was paid before is read again."""
        session = await in_database_thread(hidden_session, self._rule.user, NAME, project_id=self._project_id)
        error = ScorerError(FAILED, "The judge was not asked.")
        for number in range(ASKED_AT_MOST):
            record = await self._reply(question, session, number)
            self._purse.pay(record.estimated_cost)
            if record.status != Status.COMPLETED:
                raise ScorerError(FAILED, f"The judge gave no reply: {record.error_message or record.error_code}")
            told: dict[str, Any] = record.answer or {}
            try:
                return read(told.get("response", ""))
            except Unreadable as why:
                error = ScorerError(UNREADABLE, str(why))
        raise error

    async def rival(self) -> str:
        """Nobody's."""
        raise NoRival("A call that was made elsewhere has no other answer to compare with.")

    async def _reply(self, question: Question, session: UUID, number: int) -> PromptExecution:
        """The reply of this number: asked twice, it is begun and paid once."""
        execution_id = uuid5(self.name, f"{question.order}.{question.repeat}.{number}")
        known = await in_database_thread(PromptExecution.objects.filter(id=execution_id).exists)
        try:
            if not known:
                await self._begin(question, session, execution_id, is_again=number > 0)
            return await executing.record_of(execution_id)
        except Problem as problem:
            if problem.status in LATER and not problem.errors:
                raise PutOff from None
            raise cannot_be_asked(problem) from None

    async def _begin(self, question: Question, session: UUID, execution_id: UUID, *, is_again: bool) -> None:
        ask = Ask(
            self._rule.user,
            Origin.JUDGE,
            question.model_id,
            {"system_prompt": question.system_prompt, "prompt": question.prompt + (AGAIN if is_again else "")},
            parameters=dict(question.parameters),
            facts={"judges": str(self._call.id)},
            session_id=session,
            execution_id=execution_id,
            token_id=None,
        )
        prepared = await executing.prepare(ask)
        self._purse.check(prepared.dearest_cost, is_priced=prepared.is_priced)
        prepared.within(prepared.dearest_cost)
        await executing.begin_prepared(prepared)
