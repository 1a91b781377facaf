"""When what failed is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

SHORT: Final = (1, 5, 30, 120, 600)
"""Seconds after the first failures of an event; after that it is tried once an hour."""
HOURLY: Final = 3600
GIVEN_UP_AFTER: Final = timedelta(days=3)
MOST_TRIES: Final = len(SHORT) + 72
"""Of one event."""
PAUSES: Final = (1, 5, 30)
"""Seconds that a destination is left alone for after its first failures in a row; the last one stands for all further
ones, so that its return is seen soon. Then one event is tried before the others."""
LONGEST_PAUSE: Final = 3600.0
"""Seconds that a destination may ask for."""


def pause_after(failures: int, asked: float | None, pauses: Sequence[int] = PAUSES) -> float:
    """Seconds after that many failures before; as long as the destination asks for, where it does."""
    own = pauses[min(failures, len(pauses) - 1)]
    return float(own) if asked is None else min(max(asked, 1.0), LONGEST_PAUSE)
