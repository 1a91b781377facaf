"""The generic cell rate algorithm: one number a key, and no window at whose edge twice as much gets through.

A key's *arrival time* is when everything that was let in will have been used up at the steady rate; a request moves it
on by one interval and is refused where that would carry it further than a whole burst beyond now. Time is counted in
whole microseconds. Source: ATM Forum Traffic Management 4.1, section 4.4.2, as virtual scheduling; in the words of
brandur.org/rate-limiting.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MINUTE: Final = 60_000_000
"""Microseconds."""


class Pace(NamedTuple):
    """So many a minute, all of them at once if need be."""

    limit: int

    @property
    def interval(self) -> int:
        """Microseconds that one request takes up; rounded up, so that never more than the limit fits."""
        return -(-MINUTE // self.limit)

    @property
    def burst(self) -> int:
        """Microseconds that the whole limit takes up."""
        return self.interval * self.limit


class Decision(NamedTuple):
    """What one request is told; times in microseconds."""

    is_allowed: bool
    limit: int
    remaining: int
    reset: int
    """Until the whole limit is there again."""
    retry_after: int
    """Until a request would be let in; 0 for one that was."""


def decide(ahead: int, pace: Pace) -> tuple[bool, int]:
    """Whether a request passes whose arrival time lies so far beyond now, and how far it lies then."""
    # What lies beyond a burst comes of a clock that was set back, or of a limit that was higher.
    ahead = min(max(ahead, 0), pace.burst)
    after = ahead + pace.interval
    return (True, after) if after <= pace.burst else (False, ahead)


def decision(is_allowed: bool, ahead: int, pace: Pace) -> Decision:
    """What `decide` has come to, in a caller's terms."""
    if is_allowed:
        return Decision(True, pace.limit, (pace.burst - ahead) // pace.interval, ahead, 0)
    return Decision(False, pace.limit, 0, ahead, ahead + pace.interval - pace.burst)
