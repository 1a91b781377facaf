"""A comparison as the page shows it: columns with their letters, and what came out of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from foundation.presentation.rating import Choice
from foundation.words import NOT_KNOWN, age, counted, money, number, seconds
from playground.models import Comparison, ComparisonVote, Status
from playground.pages.compare.forms import Column
from playground.pages.presentation.execution import ExecutionView, Fact
from playground.pages.presentation.model import ModelView
from playground.pages.presentation.parameters import ParameterRow, parameter_rows
from playground.pages.presentation.refusal import RefusalView
from templates_app.versions.text_difference import Piece, words_changed

LETTERS = "ABCDEF"
"""Columns; of two, the worst is said by the best."""


@dataclass(frozen=True)
class ColumnParameter(ParameterRow):
    """A parameter's line in one of several columns."""

    column: str = ""

    @property
    def key(self) -> str:
        """The form's and the API's name for it."""
        return f"{self.column}.parameters.{self.name}"

    @property
    def slug(self) -> str:
        """Its id on the page."""
        return f"{self.column.replace('.', '-')}-{self.name}"

    @property
    def range(self) -> str:
        """Between which values it may lie, or its unit, where that is worth a hint."""
        if self.hint:
            return self.hint
        if not self.is_number or self.minimum is None or self.maximum is None or self.name == "max_tokens":
            return ""
        return f"{self.minimum} to {self.maximum}"


@dataclass
class AnswerView:
    """One column's answer; `base` is the answer that it is told apart from."""

    comparison_id: UUID
    position: int
    execution: ExecutionView
    base: ExecutionView | None = None
    base_position: int = 0

    @property
    def letter(self) -> str:
        """The column's letter."""
        return LETTERS[self.position]

    @property
    def is_base(self) -> bool:
        """Whether the others are told apart from this one."""
        return self.base is not None and self.base.id == self.execution.id

    @property
    def base_letter(self) -> str:
        """The letter of the column that it is told apart from."""
        return LETTERS[self.base_position]

    @cached_property
    def difference(self) -> list[Piece] | None:
        """The words that differ from the base's; None where nothing is compared."""
        if self.base is None or self.is_base or self.execution.is_live or not self.execution.response:
            return None
        return words_changed(self.base.response, self.execution.response)

    @property
    def is_same(self) -> bool:
        """Whether the base has the same words."""
        return self.difference is not None and all(piece.op == "equal" for piece in self.difference)


class ColumnView:
    """One column: its part of the form, and its answer."""

    def __init__(
        self,
        position: int,
        column: Column,
        *,
        model: ModelView | None,
        errors: Mapping[str, str],
        answer: AnswerView | None,
        refusals: Sequence[str] = (),
    ) -> None:
        self.position = position
        self.letter = LETTERS[position]
        self.key = f"variants.{position}"
        self.slug = f"variants-{position}"
        self.column = column
        self.compose = column.compose
        self.model = model
        self.answer = answer
        self.refusals = refusals
        """Why its model is not sent the pictures and files that all share."""
        self.errors = {
            name.removeprefix(f"{self.key}."): message
            for name, message in errors.items()
            if name.startswith(f"{self.key}.")
        }
        self.refusal: RefusalView | None = None
        """Why it did not begin, where that is about no field."""
        self.version: int | None = None
        """Of the shared template: the one whose text it sends."""
        self._values = column.compose.parameters

    @cached_property
    def parameters(self) -> list[ColumnParameter]:
        """The parameters' lines for the picked model."""
        errors = {name.removeprefix("parameters."): message for name, message in self.errors.items()}
        rows = parameter_rows(self.model, self._values, errors)
        return [ColumnParameter(**vars(row), column=self.key) for row in rows]

    @property
    def summary(self) -> str:
        """What is set, in the fold's head."""
        return " · ".join(f"{row.label.lower()} {row.value}" for row in self.parameters if row.is_set and row.is_taken)


class Vote(NamedTuple):
    """Somebody's vote."""

    person: str
    choice: str
    at: datetime

    @property
    def age(self) -> str:
        """How long ago it was given."""
        return age(self.at)


class OutcomeView:
    """What came out of all columns: totals, votes, and what may be told apart."""

    def __init__(
        self,
        comparison: Comparison,
        answers: Sequence[AnswerView],
        votes: Mapping[str, Any],
        *,
        voters: Sequence[ComparisonVote] = (),
        may_name: bool = False,
    ) -> None:
        self.id = comparison.id
        self.name = str(comparison.name or "")
        self.may_name = may_name
        self._voters = voters
        self.answers = answers
        self.base = next((answer for answer in answers if answer.is_base), None)
        self._runs = [answer.execution for answer in answers]
        self._votes = votes

    @property
    def is_live(self) -> bool:
        """Whether more is to come."""
        return any(run.is_live for run in self._runs)

    @property
    def summary(self) -> str:
        """How the runs stand, in words: what the live region says in the end."""
        counts = [
            *(
                (sum(run.status == status for run in self._runs), status.label.lower())
                for status in (Status.COMPLETED, Status.FAILED, Status.CANCELLED)
            ),
            (sum(run.is_live for run in self._runs), "running"),
        ]
        told = [f"{count} {word}" for count, word in counts if count]
        if not told:
            return ""
        first, _, word = told[0].partition(" ")
        return ", ".join([f"{first} of {counted(len(self._runs), 'answer')} {word}", *told[1:]])

    @property
    def facts(self) -> list[Fact]:
        """The totals; what is not known yet is left out."""
        ended = [run for run in self._runs if not run.is_live]
        if not ended:
            return []
        times = [run.execution.execution_time for run in ended if run.execution.execution_time is not None]
        tokens_in = sum(run.execution.prompt_tokens for run in ended)
        tokens_out = sum(run.execution.completion_tokens for run in ended)
        shown = (
            ("Slowest", seconds(max(times)) if times else ""),
            ("Tokens in / out", f"{number(tokens_in)} / {number(tokens_out)}" if tokens_in or tokens_out else ""),
            ("Cost of all", _cost_of(ended)),
        )
        return [Fact(name, value) for name, value in shown if value]

    @property
    def votes(self) -> list[Vote]:
        """Who found which best, the newest first."""
        letters = {answer.execution.id: answer.letter for answer in self.answers}
        return [
            Vote(
                str(vote.user) if vote.user else "somebody who left",
                letters.get(vote.execution_id, "an answer that is gone") if vote.execution_id else "Tie",
                vote.voted_at,
            )
            for vote in self._voters
        ]

    @property
    def votes_told(self) -> str:
        """How many have voted."""
        return counted(len(self._voters), "vote")

    @property
    def choices(self) -> list[Choice]:
        """A vote for each, and one for a tie."""
        mine = str(self._votes["my_vote"] or "") if self._votes["has_voted"] else None
        counts: Mapping[str, int] = self._votes["votes"]
        return [
            *(
                Choice(
                    identifier,
                    f"{answer.letter} is best",
                    "",
                    mine == identifier,
                    counts.get(identifier, 0),
                    answer.letter,
                    f"column-{answer.letter.lower()}",
                )
                for answer in self.answers
                for identifier in [str(answer.execution.id)]
            ),
            Choice("", "A tie: none is best", "", mine == "", self._votes["ties"], "Tie"),
        ]


def _known_cost(run: ExecutionView) -> Decimal | None:
    return None if run.cost == NOT_KNOWN else run.execution.estimated_cost


def _cost_of(runs: Iterable[ExecutionView]) -> str:
    costs = [_known_cost(run) for run in runs]
    known = [cost for cost in costs if cost is not None]
    if not known:
        return NOT_KNOWN
    told, unknown = money(sum(known, Decimal(0))), len(costs) - len(known)
    return f"{told}, {unknown} with {NOT_KNOWN}" if unknown else told
