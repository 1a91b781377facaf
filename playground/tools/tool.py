"""What a tool is: something that a model may have run here, with arguments that fit its schema."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

PATIENCE: Final = 30.0
"""Seconds that a call may take by itself; with one that tells how far it is, seconds without a word."""


class ToolFailed(Exception):
    """The call came to nothing; the message is for the model and for people, and quotes no secret."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a call has come, in its tool's own words and figures."""

    done: float
    total: float | None = None
    message: str = ""


def _unheard(progress: Progress) -> None:
    """Where nobody follows the call."""


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a tool is run, and who hears how far it has come."""

    user_id: UUID
    on_progress: Callable[[Progress], None] = _unheard


class Tool(ABC):
    """A registered tool. Its name is what a model calls it by."""

    name: str
    category: str
    description: str
    parameters: Mapping[str, Any]
    """JSON Schema (draft 2020-12) of the arguments: an object's."""
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    """Arguments to try it with."""
    needs_approval = False
    """Whether a person has to say yes to every call: it changes something, or reaches where harm can be done."""
    patience = PATIENCE

    @property
    def unavailable_reason(self) -> str:
        """Why it cannot be run now, in a sentence; empty where it can."""
        return ""

    @abstractmethod
    async def run(self, arguments: Mapping[str, Any], caller: Caller) -> Any:
        """What it gives, as JSON; the arguments fit its schema. Raises ToolFailed."""

    def definition(self) -> dict[str, Any]:
        """As it is offered to a model, and kept with the execution."""
        offered = {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}
        approval = {"needs_approval": True} if self.needs_approval else {}
        return {**offered, "registered": True, **approval}
