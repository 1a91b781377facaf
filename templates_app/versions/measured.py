"""How often models did well with a prompt, as far as tests have shown: asked here, answered by who runs tests.

Nothing here knows tests; where nobody is registered, nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


Source = Callable[[User, Subject, Sequence[str]], dict[str, Measured]]
"""By model, of the models named; only from tests that the user may see."""

_SOURCES: Final[list[Source]] = []


def register(source: Source) -> None:
    """Makes a source known; to be called when an app is ready."""
    _SOURCES.append(source)


def measured(user: User, subject: Subject, model_ids: Sequence[str]) -> dict[str, Measured]:
    """What is known, by model; models without a test are not in it."""
    found: dict[str, Measured] = {}
    for source in _SOURCES:
        found = {**source(user, subject, model_ids), **found}
    return found
