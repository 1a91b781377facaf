"""What errors could hide: the rate if every sample without a score had failed, and if every one had passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from evaluation_app.statistics.errors import count

TOLD_ABOVE: Final = 0.02
"""The share of samples without a score above which the bounds belong beside the rate."""


@dataclass(frozen=True, slots=True)
class ErrorBounds:
    """`low`: all errors failed; `high`: all passed; both None where nothing ran. No interval: sampling comes on top."""

    low: float | None
    high: float | None
    scored: int
    errors: int
    share_of_errors: float | None
    is_told: bool


def errors_as_bounds(passed: int, scored: int, errors: int) -> ErrorBounds:
    """The rate's bounds over `errors` samples without a score beside `passed` of `scored`."""
    scored, errors = count("scored", scored), count("errors", errors)
    passed = count("passed", passed, high=scored)
    whole = scored + errors
    if not whole:
        return ErrorBounds(None, None, 0, 0, None, False)
    return ErrorBounds(
        passed / whole, (passed + errors) / whole, scored, errors, errors / whole, errors / whole > TOLD_ABOVE
    )
