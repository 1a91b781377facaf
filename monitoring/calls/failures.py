"""What failed of a provider's calls, and how long those took that did not, over time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from monitoring.bounded import bounded
from playground.usage.sketch import percentiles

_OF_PROVIDER: Final = """
FROM execution_usage WHERE began_at >= %s AND began_at < %s AND NOT is_copy AND origin <> 'trace'
AND starts_with(model_id, %s)
"""
_FAILED: Final = f"""
SELECT date_bin(%s, began_at, %s), error_code, count(*) {_OF_PROVIDER} AND status = 'failed' GROUP BY 1, 2
"""
_TOOK: Final = f"""
SELECT date_bin(%s, began_at, %s), latency_bucket, count(*) {_OF_PROVIDER}
    AND latency_bucket IS NOT NULL AND NOT is_cached
GROUP BY 1, 2
"""


@dataclass(slots=True)
class Slot:
    """A step of the time."""

    at: datetime
    failures: Counter[str] = field(default_factory=Counter)
    """Failed runs by code."""
    latency: Counter[int] = field(default_factory=Counter)
    """Completed ones by bucket."""

    @property
    def completed(self) -> int:
        """How many asked the provider and were answered."""
        return sum(self.latency.values())

    def took(self, share: float, *, least: int) -> float | None:
        """Seconds that this share took at most; None of fewer than `least`."""
        found = percentiles(self.latency, [share])
        return found[0] / 1000 if found and self.completed >= least else None


def slots_of(provider: str, *, since: datetime, before: datetime, step: timedelta) -> list[Slot]:
    """Every step, also those in which nothing ran. A Problem (503) where it was too much."""
    slots = {at: Slot(at) for at in (since + step * number for number in range(-((since - before) // step)))}
    asked = [step, since, since, before, f"{provider}/"]
    with bounded() as cursor:
        cursor.execute(_FAILED, asked)
        for at, code, count in cursor.fetchall():
            slots[at].failures[code or "unknown"] += count
        cursor.execute(_TOOK, asked)
        for at, bucket, count in cursor.fetchall():
            slots[at].latency[bucket] += count
    return list(slots.values())
