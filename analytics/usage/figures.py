"""What some runs used together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from playground.usage import sketch

SMALLEST: Final = Decimal("0.00000001")


@dataclass(slots=True)
class Figures:
    """Sums of runs. Copies of runs are none; what runs elsewhere cost was not spent here, and stands apart."""

    executions: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    spent: int = 0
    """Hundred-millionths of a dollar, as all costs here."""
    lines: dict[str, int] = field(default_factory=dict)
    """Of what was spent, by `sums.LINES`."""
    spent_elsewhere: int = 0
    unpriced: int = 0
    """Runs with tokens and without a cost."""
    errors: Counter[str] = field(default_factory=Counter)
    """Failed runs by code."""
    latency: Counter[int] = field(default_factory=Counter)
    """Completed runs by bucket (`playground.usage.sketch`)."""
    first_token: Counter[int] = field(default_factory=Counter)

    @property
    def tokens(self) -> int:
        """In and out."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def cost(self) -> Decimal:
        """USD."""
        return self.spent * SMALLEST

    @property
    def cost_elsewhere(self) -> Decimal:
        """USD."""
        return self.spent_elsewhere * SMALLEST

    @property
    def success_rate(self) -> float | None:
        """Completed of completed and failed: who cancels says nothing about a model. None of none."""
        tried = self.completed + self.failed
        return self.completed / tried if tried else None

    def cost_of(self, line: str) -> Decimal:
        """USD of one of the lines, or of `other`: what was billed before lines were kept."""
        if line == "other":
            return (self.spent - sum(self.lines.values())) * SMALLEST
        return self.lines.get(line, 0) * SMALLEST

    def percentiles(self, of: str, shares: tuple[float, ...]) -> list[float] | None:
        """Seconds of `latency` or `first_token`, at most 2 % off; None where nothing has one."""
        found = sketch.percentiles(getattr(self, of), shares)
        return None if found is None else [value / 1000 for value in found]

    def mean(self, of: str) -> float | None:
        """Seconds, at most 2 % off as each of the times is."""
        counts: Counter[int] = getattr(self, of)
        total = sum(counts.values())
        return (
            sum(sketch.value_of(bucket) * count for bucket, count in counts.items()) / total / 1000 if total else None
        )
