"""How often an open door may be used: guesses of links, new names, and what one reviewer sends."""

from __future__ import annotations

import time
from typing import Final, NamedTuple

from django.core.cache import cache
from redis.exceptions import RedisError

from foundation.cache.lenient import AWAY
from foundation.problems import Problem, unavailable


class Limit(NamedTuple):
    """So many within so many seconds."""

    name: str
    most: int
    within: int


GUESSES: Final = Limit("guesses", 30, 900)
"""Of one address: links that lead nowhere."""
NAMES: Final = Limit("names", 60, 3_600)
"""Of one address: reviewers who are new."""
CALLS: Final = Limit("calls", 600, 60)
"""Of one reviewer."""


def count(limit: Limit, who: object) -> None:
    """Counts one more; raises Problem: 429 where it is one too many, 503 where nothing can be counted."""
    _hold_to(limit, who, step=1)


def check(limit: Limit, who: object) -> None:
    """Raises Problem (429) where the limit is used up, and counts nothing."""
    _hold_to(limit, who, step=0)


def _hold_to(limit: Limit, who: object, *, step: int) -> None:
    now = time.time()
    key = f"review-limit:{limit.name}:{who}:{int(now // limit.within)}"
    try:
        cache.add(key, 0, limit.within)
        used = cache.incr(key, step) if step else int(cache.get(key) or 0)
    except (*AWAY, RedisError, ValueError):
        raise unavailable("A part of the service is away for a moment.") from None
    if used > limit.most or (not step and used == limit.most):
        wait = int(limit.within - now % limit.within) + 1
        raise Problem(429, "throttled", "Too much at once. Wait a while.", headers={"Retry-After": str(wait)})
