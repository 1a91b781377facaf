"""A scorer tried on a text before anything is run; a judge's reply is paid for, and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID, uuid4

from accounts.models import User
from evaluation_app.creation.session import hidden_session
from evaluation_app.running.judges import FAILED, UNREADABLE, cannot_be_asked
from evaluation_app.scorers import running
from evaluation_app.scorers.errors import InvalidScorer, ScorerError
from evaluation_app.scorers.judges.judge import ASKED_AT_MOST
from evaluation_app.scorers.judges.wording import AGAIN
from evaluation_app.scorers.outside.desk import NoRival, Question, Said, Unreadable
from evaluation_app.scorers.outside.signing import secret_of
from evaluation_app.scorers.registry import made
from evaluation_app.scorers.trying import sample_of
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground import executing
from playground.engine.ask import Ask
from playground.engine.confirmation import check_confirmed
from playground.models import Origin, Status

COST_UNCONFIRMED: Final = 402
NAME: Final = "Scorers, tried"
"""Of the hidden session that holds what judges said of texts that were typed in."""


class Unconfirmed(ScorerError):
    """A judge may cost more than is spent without asking."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code, problem.detail)
        self.problem = problem


class TryingDesk:
    """Where one scorer asks about a text that somebody typed in (scorers.outside.desk.Desk)."""

    is_repeated = False

    def __init__(self, user: User, *, project_id: str = "", is_cost_confirmed: bool = False) -> None:
        self._user = user
        self._project_id = project_id
        self._is_cost_confirmed = is_cost_confirmed
        self.name: UUID = uuid4()

    @property
    def secret(self) -> bytes:
        """The user's own."""
        return secret_of(self._user.id)

    async def opinion(self, question: Question, read: Callable[[str], Said]) -> Said:
        """What the model says, in an execution of the user's; raises Unconfirmed where that may be too dear."""
        session = await in_database_thread(hidden_session, self._user, NAME, project_id=self._project_id)
        error = ScorerError(FAILED, "The judge was not asked.")
        for number in range(ASKED_AT_MOST):
            prompt = question.prompt + (AGAIN if number else "")
            ask = Ask(
                self._user,
                Origin.JUDGE,
                question.model_id,
                {"system_prompt": question.system_prompt, "prompt": prompt},
                parameters=dict(question.parameters),
                session_id=session,
            )
            try:
                prepared = await executing.prepare(ask)
                check_confirmed([prepared], is_confirmed=self._is_cost_confirmed)
                record, _ = await executing.ended(await executing.begin_prepared(prepared))
            except Problem as problem:
                if problem.status == COST_UNCONFIRMED:
                    raise Unconfirmed(problem) from None
                raise cannot_be_asked(problem) from None
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
        raise NoRival("There is no first variant here: try it with the expected text.")


async def tried(
    user: User,
    *,
    scorer: Any,
    params: Any,
    output: Any,
    case: Any = None,
    project_id: str = "",
    confirm_cost: bool = False,
) -> dict[str, Any]:
    """`{value, passed, reason}`, a judge's as a call of this project; raises InvalidScorer, ScorerError, Problem."""
    asked, sample = made(scorer, params), sample_of(output, case)
    try:
        asked.check_case(sample.expected)
    except InvalidScorer as error:
        raise error.below("params") from None
    desk = TryingDesk(user, project_id=project_id, is_cost_confirmed=confirm_cost)
    try:
        score = await running.score_anyhow(asked, sample, desk)
    except Unconfirmed as unconfirmed:
        raise unconfirmed.problem from None
    return {"value": score.value, "passed": score.passed, "reason": score.reason}
