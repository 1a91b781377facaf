"""What a scorer may take in a process of its own."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """`cpu_seconds` of work, `seconds` on the wall's clock for whatever else holds it up, and its memory in bytes."""

    cpu_seconds: float = 2.0
    seconds: float = 10.0
    memory: int = 768 * 1024 * 1024


LONG_WORK: Final = Limits(cpu_seconds=10.0, seconds=30.0)
"""Of scorers whose work grows with the product of two lengths."""
