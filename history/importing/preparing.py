"""What a file would become, whatever its format; and its sessions, all or none."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from accounts.models import User
from foundation.problems import FieldError, Problem, invalid
from foundation.words import number
from history.importing.formats.registry import FORMATS, format_of
from history.importing.planning import Plan, planned_for
from history.importing.writing import write
from sessions_app.models import PlaygroundSession

MOST_SESSIONS: Final = 2_000
AT_ONCE: Final = 5_000
"""Executions that are imported while the caller waits."""
MOST_EXECUTIONS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked file."""

    format_name: str
    plans: list[Plan]
    notes: list[str]
    """What the format cannot carry over."""

    @property
    def executions(self) -> int:
        """Executions to be, of all sessions."""
        return sum(len(plan.executions) for plan in self.plans)

    def only(self, positions: Collection[int]) -> Prepared:
        """With these sessions alone."""
        plans = [plan for position, plan in enumerate(self.plans) if position in positions]
        return Prepared(self.format_name, plans, self.notes)


def prepare(user: User, value: Any, *, format_name: str) -> Prepared:
    """What the value would become for `user`; raises a 400 problem that names each fault's place."""
    chosen = format_of(value, format_name)
    if chosen is FORMATS["llm-playground"]:
        return Prepared(chosen.name, [planned_for(user, value)], [])
    found = chosen.read(value)
    if len(found.bundles) > MOST_SESSIONS:
        raise invalid([FieldError("", "too_many", f"Up to {number(MOST_SESSIONS)} conversations are taken at once.")])
    if not found.bundles:
        told = " ".join(found.notes[:3]) or "The file holds none."
        raise invalid([FieldError("", "empty", f"No conversation can be imported. {told}")])
    plans = [_planned(user, bundle, position) for position, bundle in enumerate(found.bundles)]
    made = Prepared(chosen.name, plans, found.notes)
    if made.executions > MOST_EXECUTIONS:
        raise invalid([FieldError("", "too_many", f"Up to {number(MOST_EXECUTIONS)} runs are taken at once.")])
    return made


def _planned(user: User, bundle: dict[str, Any], position: int) -> Plan:
    try:
        return planned_for(user, bundle)
    except Problem as problem:
        for error in problem.errors:
            error["field"] = f"sessions.{position}.{error['field']}"
        raise


def carry_out(
    user: User, prepared: Prepared, *, told: Callable[[int], None] = lambda rows: None
) -> list[PlaygroundSession]:
    """The sessions, written all or none; `told` hears of executions as they are written. Raises Problem (429, 503)."""
    with transaction.atomic():
        return [write(user, plan, told=told) for plan in prepared.plans]
