"""The names that `manage.py check_statistics` knows; each takes the input of a case and gives its output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evaluation_app.statistics.figures import Estimate

Output = dict[str, Any]
STATISTICS: dict[str, Callable[..., Output]] = {}


def named(function: Callable[..., Output]) -> Callable[..., Output]:
    """Enters a statistic under its function's name."""
    STATISTICS[function.__name__] = function
    return function


def of_estimate(found: Estimate) -> Output:
    """A figure under the keys that a case may ask for."""
    interval = found.interval
    return {
        "value": found.value,
        "rate": found.value,
        "mean": found.value,
        "estimate": found.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "standard_error": found.standard_error,
        "effective_samples": found.effective_samples,
        "icc_used": found.icc,
        "n": found.n,
        "clusters": found.cases,
        "reason": found.reason,
        "method": found.method,
    }
