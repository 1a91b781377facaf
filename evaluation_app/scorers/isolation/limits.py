"""What a scorer may take in a process of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`cpu_seconds` of work, `seconds` on the wall's clock for whatever else holds it up, and its memory in bytes."""

    cpu_seconds: float = 2.0
    seconds: float = 10.0
    memory: int = 768 * 1024 * 1024
