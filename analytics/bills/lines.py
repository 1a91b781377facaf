"""What a file tells: one line of it, in the kinds that the ledger counts too."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What is counted and paid for."""

    INPUT = "input"
    """Neither read from a cache nor written to one."""
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    OUTPUT = "output"
    """Reasoning is a part of it."""
    REASONING = "reasoning"
    REQUESTS = "requests"
    ATTEMPT = "attempt"
    """Earlier attempts of runs: a bill has them among its input and output."""
    OTHER = "other"
    """What the provider bills beside tokens, such as searches."""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a file. What it does not tell is missing, not 0."""

    day: date
    """UTC."""
    model: str
    """As the provider calls it."""
    quantities: dict[Kind, int] = field(default_factory=dict)
    cost: Decimal | None = None
    """USD."""
    costs: dict[Kind, Decimal] = field(default_factory=dict)
    """USD a kind, where the file tells it."""
    places: int = 0
    """Digits behind the point of its cost."""
