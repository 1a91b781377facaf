"""What a scorer is given, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Self

MOST_QUOTED: Final = 80


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model asked for; `arguments` as parsed, or the text where it was no JSON."""

    name: str
    arguments: Any = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One output of a prompt and what is known of it; what nobody knows is None, never 0."""

    output: str
    expected: Any = None
    """The case's: any JSON; None where it has none."""
    tool_calls: tuple[ToolCall, ...] | None = None
    latency: float | None = None
    """Seconds."""
    cost: Decimal | None = None
    """US dollars."""
    schema_valid: bool | None = None
    """The engine's own verdict on structured output."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """The case's input."""
    asked: str | None = None
    """What the model was asked, as it was rendered: for those who judge by more than the answer."""


@dataclass(frozen=True, slots=True)
class Score:
    """`value` lies in 0…1; None where the facts that it needs are missing, which is neither passed nor failed."""

    value: float | None
    passed: bool
    reason: str

    def __post_init__(self) -> None:
        if self.value is not None and not 0 <= self.value <= 1:
            raise ValueError(f"A score lies between 0 and 1, not at {self.value}")
        if self.value is None and self.passed:
            raise ValueError("What has no score has not passed")
        # A reason may quote the output, and is kept: half characters and NUL are not.
        printable = self.reason.encode(errors="backslashreplace").decode().replace("\x00", "\\x00")
        object.__setattr__(self, "reason", printable)

    @classmethod
    def binary(cls, passed: bool, reason: str) -> Self:
        """1.0 or 0.0."""
        return cls(float(passed), passed, reason)

    @classmethod
    def measured(cls, value: float, reason: str, *, least: float) -> Self:
        """Passed from `least` on; what rounding put outside 0…1 is put back."""
        within = min(max(float(value), 0.0), 1.0)
        return cls(within, within >= least, reason)

    @classmethod
    def unknown(cls, reason: str) -> Self:
        """No score: a fact is missing."""
        return cls(None, False, reason)


def quoted(text: str) -> str:
    """The text for a reason, shortened."""
    return f"“{text}”" if len(text) <= MOST_QUOTED else f"“{text[: MOST_QUOTED - 1]}…”"
