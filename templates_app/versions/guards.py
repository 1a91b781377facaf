"""Who else has a say when a label moves: guards, asked at the one place where one does, within its transaction.

No door goes round them: whatever moves a label calls `labels`, and nothing here knows whose guards they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from accounts.models import User
from foundation.database.transactions import in_a_transaction_of_its_own
from foundation.problems import Problem
from templates_app.models import PromptTemplate, TemplateVersion

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Proposed:
    """A label that is about to point at another version; the template is locked."""

    template: PromptTemplate
    label: str
    version: TemplateVersion
    mover: User


@dataclass(frozen=True, slots=True)
class Approval:
    """Why the move was let through although it would have been refused; kept with it."""

    by: User | None
    note: str


class Held(Exception):
    """Raised by a guard that cannot tell yet: `begin` sets going what will tell, and gives the answer meanwhile.

    The move is undone first, and everything with it: what has to outlast the refusal is begun afterwards.
    """

    def __init__(self, begin: Callable[[], Problem]) -> None:
        super().__init__("held")
        self.begin = begin


Guard = Callable[[Proposed], Approval | None]
"""Lets the move be, or says what approved it; raises a Problem that refuses it, or Held."""

_GUARDS: Final[dict[str, Guard]] = {}


def register(name: str, guard: Guard) -> None:
    """Makes a guard known; to be called when an app is ready."""
    _GUARDS[name] = guard


def approvals_of(proposed: Proposed) -> list[Approval]:
    """What the guards say of a move; raises as they do."""
    return [approval for guard in _GUARDS.values() if (approval := guard(proposed)) is not None]


def answers_when_held(moves: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """For what moves a label in a transaction: a guard that holds it is answered once that is undone."""

    @wraps(moves)
    def wrapped(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return moves(*args, **kwargs)
        except Held as held:
            begin = held.begin
        raise in_a_transaction_of_its_own(begin)

    return wrapped
