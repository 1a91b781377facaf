"""What a rule has to say about a text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much it matters: an error breaks the prompt or leaks, a warning spoils answers, an info is a hint."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Fix:
    """What mends it at once: `text` in the place of what was found, or another engine for the whole."""

    title: str
    text: str | None = None
    engine: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that could be better, why, what to do, and how that looks.

    `field` is "prompt", "system_prompt", "messages.1.content" or "variables.<name>"; `start` and `end` are character
    offsets in that field's text, both None where the finding is about the whole of it.
    """

    rule: str
    severity: Severity
    field: str
    start: int | None
    end: int | None
    message: str
    advice: str
    example: str
    fix: Fix | None = None

    def as_json(self) -> dict[str, Any]:
        """The API's shape."""
        return {**asdict(self), "severity": self.severity.value}
