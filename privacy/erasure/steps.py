"""What has to be done to erase a person, told by the apps that keep something of them.

A step does some of its work in a turn, and is asked again until nothing is left: so it takes little memory, and one
that was killed goes on where it was. It never removes what a turn of another step still has to find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final
from uuid import UUID

from django.db.models import Model, Q, QuerySet

Turn = Callable[[UUID], int]
"""Does some of it for the person with this id, in the caller's transaction: how many rows; 0 when nothing is left."""

SOME: Final = 500
"""Rows of a turn."""


class NotYet(Exception):
    """Something is in the way that passes; the message says what. The erasure goes on later."""


class Held(NotYet):
    """A legal hold is: nothing goes until it is lifted."""


class Stage(IntEnum):
    """The order of steps."""

    STOP = 10
    """Nobody comes in, and nothing runs, any more."""
    TESTS = 20
    """What stands on executions, files and templates."""
    CONTENT = 30
    PLACES = 40
    """Sessions and templates, once what lies in them has gone."""
    COPIES = 50
    """What is remembered elsewhere of rows that are gone."""
    PERSON = 60
    """The account itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, by its name."""

    stage: Stage
    name: str
    turn: Turn


_steps: Final[dict[str, Step]] = {}
_uses: Final[dict[str, list[Callable[[UUID], Q]]]] = {}


def register(stage: Stage, name: str, turn: Turn) -> None:
    """To be called when the app is ready."""
    if name in _steps:
        raise ValueError(f"the step {name!r} is there already")
    _steps[name] = Step(stage, name, turn)


def in_order() -> Iterator[Step]:
    """All steps as they are done."""
    return iter(sorted(_steps.values(), key=lambda step: (step.stage, step.name)))


def used_by_others(model: type[Model], found: Callable[[UUID], Q]) -> None:
    """Tells which rows of `model` others still need, of those that belong to the person with this id."""
    _uses.setdefault(model._meta.db_table, []).append(found)


def kept_for_others(model: type[Any], user_id: UUID) -> QuerySet[Any]:
    """Keys of the rows that others use: they stay, and their author becomes nobody."""
    needed = Q(pk__in=())
    for found in _uses.get(model._meta.db_table, ()):
        needed |= found(user_id)
    keys: QuerySet[Any] = model._default_manager.filter(needed).order_by().values_list("pk", flat=True)
    return keys


def removed(rows: QuerySet[Any], *, at_most: int = SOME) -> int:
    """Removes some of these rows with what hangs on them; how many."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:at_most])
    if keys:
        rows.model._default_manager.filter(pk__in=keys).only("pk").delete()
    return len(keys)
