"""What a scorer that asks somebody has at hand for one sample: a model's opinion, a rival's answer, its own name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID

REPEATED: Final = 3
"""How often a judge is asked about a sample that shows whether it repeats itself."""


class Unreadable(ValueError):
    """A judge's reply tells no verdict; the text says why."""


class PutOff(Exception):
    """Nobody can be asked now, and later somebody can: the sample waits. `seconds` until it is worth a try."""

    def __init__(self, seconds: float = 1.0) -> None:
        super().__init__()
        self.seconds = seconds


class Away(Exception):
    """The desk has lost its own ground, such as its database: no fault of the scorer, who is to be asked again."""


class NoRival(Exception):
    """There is no other answer to compare with, and never will be; the text says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a judge says: its choice in one word, and why."""

    choice: str
    reason: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a judge is asked; `order` and `repeat` tell apart the several times that it is asked about one sample."""

    model_id: str
    system_prompt: str
    prompt: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    order: int = 0
    """1: the two answers of a pair have changed places."""
    repeat: int = 0


class Desk(Protocol):
    """Of one scorer for one sample."""

    @property
    def is_repeated(self) -> bool:
        """Whether the sample is one of those that are judged several times."""

    @property
    def name(self) -> UUID:
        """The same for the same answer and scorer, however often it is scored."""

    @property
    def secret(self) -> bytes:
        """What messages to others are signed with: its owner's."""

    async def opinion(self, question: Question, read: Callable[[str], Said]) -> Said:
        """What the model says, asked once more where `read` raises Unreadable. Raises ScorerError, PutOff, Away."""

    async def rival(self) -> str:
        """The answer of the first variant to the same case in the same run. Raises NoRival, PutOff, Away."""
