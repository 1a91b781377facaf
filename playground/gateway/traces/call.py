"""One call of a model, in our words, as far as its span tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.base import Usage


@dataclass(slots=True)
class Said:
    """One message of a conversation."""

    role: str
    text: str = ""
    reasoning: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """Tools that the model called: `{id, name, arguments}`, the arguments as JSON or as the text that was no JSON."""
    call_id: str = ""
    """The call that this is the result of."""
    left_out: int = 0
    """Parts that are no text, which are not kept."""


@dataclass(slots=True)
class Call:
    """What a span tells; None is what it does not tell."""

    provider: str = ""
    model: str = ""
    answered_model: str = ""
    asked: list[Said] = field(default_factory=list)
    answers: list[Said] = field(default_factory=list)
    """One a choice."""
    tools: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    finish_reason: str = ""
    first_token: float | None = None
    """Seconds."""
    conversation: str = ""
    response_id: str = ""
    error: str = ""
    """The class of the error, in the instrumentation's words."""

    @property
    def has_prompt(self) -> bool:
        """Whether anything of what was asked was sent."""
        return any(said.text or said.calls or said.left_out for said in self.asked)

    @property
    def has_answer(self) -> bool:
        """Whether anything of the answer was sent."""
        return any(said.text or said.calls or said.reasoning for said in self.answers)


Attributes = Mapping[str, Any]
