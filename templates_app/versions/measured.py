"""How often models did well with a prompt, as far as tests have shown: asked here, answered by who runs tests.

Nothing here knows tests; where nobody is registered, nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Subject:
    """What was tested: a template, or a prompt with what the system says."""

    template_id: UUID | None = None
    prompt: str = ""
    system_prompt: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """The success rate of the newest test, with its interval where there is one."""

    test_id: UUID
    rate: float
    low: float | None
    high: float | None
    samples: int
    version: int | None
    """Of the template."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One of those that a test set side by side."""

    name: str
    model_id: str
    rate: float
    low: float | None
    high: float | None
    samples: int
    cost_per_run: float
    """USD, of all its runs, failed ones too."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A test that set several side by side on the same cases."""

    test_id: UUID
    name: str
    completed_at: datetime
    address: str
    """Of its page."""
    compared: Sequence[Compared]
    """At least two, whose rates and costs are known."""


@dataclass(frozen=True, slots=True)
class Period:
    """Tests that ended in it, of these people; None: of everybody whose tests one sees."""

    since: datetime
    before: datetime
    people: Collection[UUID] | None = None


Source = Callable[[User, Subject, Sequence[str]], dict[str, Measured]]
"""By model, of the models named; only from tests that the user may see."""

SideBySideSource = Callable[[User, Period, int], list[SideBySide]]
"""The newest so many, the newest first; only of tests that the user may see."""

_SOURCES: Final[list[Source]] = []
_SIDE_BY_SIDE: Final[list[SideBySideSource]] = []


def register(source: Source) -> None:
    """Makes a source known; to be called when an app is ready."""
    _SOURCES.append(source)


def register_side_by_side(source: SideBySideSource) -> None:
    """The same of tests that set several side by side."""
    _SIDE_BY_SIDE.append(source)


def measured(user: User, subject: Subject, model_ids: Sequence[str]) -> dict[str, Measured]:
    """What is known, by model; models without a test are not in it."""
    found: dict[str, Measured] = {}
    for source in _SOURCES:
        found = {**source(user, subject, model_ids), **found}
    return found


def side_by_side(user: User, period: Period, *, most: int) -> list[SideBySide]:
    """Tests of the period that set several side by side, the newest first."""
    found = [each for source in _SIDE_BY_SIDE for each in source(user, period, most)]
    return sorted(found, key=lambda each: each.completed_at, reverse=True)[:most]
