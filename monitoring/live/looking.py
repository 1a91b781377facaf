"""One look at how it stands now and what happened since a moment ago; nobody looks, nothing is gathered."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from foundation.cache.remembered import Remembered
from foundation.database.threads import in_database_thread
from foundation.metrics.families import counted
from foundation.metrics.standing import standing
from monitoring.models import Sample
from monitoring.samples.figures import FIGURES, Figures, Kind, figures_of
from monitoring.samples.reading import STALE_AFTER, difference, number
from monitoring.samples.taking import host

EVERY: Final = 4.0
"""Seconds between two looks."""
SPAN: Final = 60.0
"""Seconds over which counters are told."""
SHORTEST: Final = timedelta(seconds=20)
PULSE: Final = "playground_pulse_last_success_timestamp_seconds"


@dataclass(frozen=True)
class Look:
    """Counters are of this host, gauges of the installation where every host tells the same."""

    at: datetime
    figures: Figures
    """Gauges now; what could not be told is missing."""
    since: datetime | None
    """From when on `added` counts; None where there is nothing to compare with yet."""
    added: Figures
    """What counters and histograms gained since then."""
    pulse_age: float | None
    """Seconds since the duty that is latest was done."""

    def value(self, name: str) -> float | None:
        """A gauge, of all providers together."""
        return number(self.figures.get(name))

    def by(self, name: str) -> dict[str, float]:
        """A gauge that is told apart, without what is 0."""
        value = self.figures.get(name)
        return {key: each for key, each in value.items() if each} if isinstance(value, dict) else {}

    def gained(self, name: str) -> float | None:
        """Of a counter, of all providers together."""
        return number(self.added.get(name))


_looks: Remembered[str, Look] = Remembered()
_last: Final[deque[tuple[float, datetime, Figures]]] = deque()


async def look() -> Look:
    """The last one while it is young, else a new one; who asks meanwhile waits for the same."""
    return await _looks.get("now", _find)


async def _find() -> tuple[Look, float]:
    return await gather(), EVERY * 0.8


async def gather() -> Look:
    """Asks the processes' counters, and the installation."""
    installation = await standing()
    figures, pulse = await asyncio.to_thread(_told, installation)
    now = datetime.now(UTC)
    since, before = _earlier() or await in_database_thread(_sampled, now) or (None, {})
    _last.append((time.monotonic(), now, figures))
    kinds = {name: figure.kind for name, figure in FIGURES.items()}
    return Look(
        at=now,
        figures={name: value for name, value in figures.items() if kinds[name] is Kind.GAUGE},
        since=since,
        added={
            name: difference(before[name], value)
            for name, value in figures.items()
            if kinds[name] is not Kind.GAUGE and name in before
        },
        pulse_age=None if pulse is None else max(0.0, now.timestamp() - pulse),
    )


def _told(installation: object) -> tuple[Figures, float | None]:
    families = [*counted().collect(), *installation.collect()]  # type: ignore[attr-defined]
    beats = [sample.value for family in families for sample in family.samples if sample.name == PULSE and sample.value]
    return figures_of(families), min(beats, default=None)


def _earlier() -> tuple[datetime, Figures] | None:
    """The oldest look of the last minute, where it is not too young to tell anything."""
    while _last and _last[0][0] < time.monotonic() - SPAN:
        _last.popleft()
    if _last and datetime.now(UTC) - _last[0][1] >= SHORTEST:
        return _last[0][1], _last[0][2]
    return None


def _sampled(now: datetime) -> tuple[datetime, Figures] | None:
    rows = Sample.objects.filter(host=host(), minute__lte=now - SHORTEST, minute__gt=now - STALE_AFTER)
    row = rows.order_by("-minute").first()
    return None if row is None else (row.minute, row.figures)
