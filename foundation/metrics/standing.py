"""How the whole installation stands: parts that apps register, asked of the database and of Valkey when it is wanted.

Each part has its own clock, and one that fails leaves the others: it is missing then, and counted as an error. What was
learned is kept for a second, so that many who ask cost what one does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily, Metric
from redis.exceptions import RedisError

from foundation.metrics.families import SCRAPE_ERRORS

logger = logging.getLogger("playground.metrics")

KEPT_FOR: Final = 1.0
PATIENCE: Final = 3.0
EXPECTED: Final = (psycopg.Error, DatabaseError, RedisError, OSError, TimeoutError)

Part = Callable[[], Awaitable[list[Metric]]]

_parts: Final[dict[str, Part]] = {}


@dataclass(frozen=True, eq=False)
class Standing:
    """What was learned: a collector for one scrape."""

    families: Sequence[Metric]

    def collect(self) -> Sequence[Metric]:
        """As it was learned."""
        return self.families


_known: tuple[float, Standing] = (0.0, Standing(()))
_asking: Final = asyncio.Lock()


def register(name: str, part: Part) -> None:
    """Has the part asked from now on; to be called when its app is ready. ValueError for a name that is another's."""
    if _parts.setdefault(name, part) is not part:
        raise ValueError(f"{name}: it is registered already")
    # Told from the start on: an increase is seen of what was there before.
    SCRAPE_ERRORS.labels(name)


def parts() -> Sequence[str]:
    """Names of all that are registered."""
    return list(_parts)


async def standing() -> Standing:
    """How it stands now, or stood within the last second."""
    global _known
    async with _asking:
        if time.monotonic() > _known[0] + KEPT_FOR:
            answers = await asyncio.gather(*(_answer_of(name, part) for name, part in _parts.items()))
            _known = (time.monotonic(), Standing([family for families in answers for family in families]))
    return _known[1]


async def _answer_of(name: str, part: Part) -> list[Metric]:
    try:
        async with asyncio.timeout(PATIENCE):
            return await part()
    except EXPECTED as error:
        logger.warning("metrics_part_missing", extra={"part": name, "reason": type(error).__name__})
    except Exception:
        logger.exception("metrics_part_broke", extra={"part": name})
    SCRAPE_ERRORS.labels(name).inc()
    return []


def gauge(name: str, what: str, values: Mapping[Any, float], *labels: str) -> Metric:
    """A family of the installation's, by the values of its labels; `{(): value}` where it has none."""
    family = GaugeMetricFamily(f"playground_{name}", what, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
