"""Percentiles of times that can be added up: counts in buckets that grow by a factor (DDSketch, Masson et al. 2019).

Bucket 0 holds 0 ms, bucket b the times over GROWTH ** (b - 2) up to GROWTH ** (b - 1) ms. A percentile read off the
buckets is less than `ERROR` of itself away from the one of the times, however many sketches were added up for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

GROWTH: Final = 1.04
ERROR: Final = (GROWTH - 1) / (GROWTH + 1)
"""Of the value: 2 %."""
MOST: Final = 2**31 - 1
"""Milliseconds; 24 days."""


def bucket_of(milliseconds: int) -> int:
    """The bucket in which it lies."""
    return 0 if milliseconds <= 0 else 1 + math.ceil(math.log(milliseconds) / math.log(GROWTH))


def bucket_in_sql(milliseconds: str) -> str:
    """The same of an expression; null of null."""
    return (
        f"CASE WHEN {milliseconds} <= 0 THEN 0 "
        f"ELSE 1 + ceil(ln({milliseconds}::float8) / ln({GROWTH}::float8)) END::smallint"
    )


def value_of(bucket: int) -> float:
    """Milliseconds: that point of the bucket from which none of its times is further than `ERROR`."""
    return 0.0 if bucket == 0 else 2 * GROWTH ** (bucket - 1) / (GROWTH + 1)


def percentiles(counts: Mapping[int, int], shares: Sequence[float]) -> list[float] | None:
    """Milliseconds that each share (0 to 1, ascending) of what the buckets count took at most; None of nothing."""
    total = sum(counts.values())
    if not total:
        return None
    ordered, found, passed, place = sorted(counts.items()), list[float](), 0, 0
    for share in shares:
        needed = max(math.ceil(share * total), 1)
        while passed + ordered[place][1] < needed:
            passed += ordered[place][1]
            place += 1
        found.append(value_of(ordered[place][0]))
    return found
