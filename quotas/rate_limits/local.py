"""The limits of this process alone, while Valkey does not decide: narrower than the shared ones, never none."""

from __future__ import annotations

from typing import Final

from quotas.rate_limits.gcra import Decision, Pace, decide, decision

MOST_KEYS: Final = 10_000
EVERYBODY_ELSE: Final = "everybody else"


class LocalLimits:
    """Decides in memory.

    A process lets half of its share pass: nobody knows how much of the limit was used up elsewhere before, and the
    processes of other machines are not counted.
    """

    def __init__(self, *, processes: int) -> None:
        self._processes = processes
        self._arrivals: dict[str, int] = {}

    def ask(self, *, key: str, limit: int, now: int) -> Decision:
        """What is decided for one more request at `now` (microseconds of a clock that only goes forward)."""
        pace = Pace(max(1, limit // (2 * self._processes)))
        name = self._known(key, now)
        is_allowed, ahead = decide(self._arrivals.get(name, now) - now, pace)
        self._arrivals[name] = now + ahead
        return decision(is_allowed, ahead, pace)

    def _known(self, key: str, now: int) -> str:
        """The key's own name; once there are too many keys, those that are new share one limit."""
        if key in self._arrivals or len(self._arrivals) < MOST_KEYS:
            return key
        self._arrivals = {name: arrival for name, arrival in self._arrivals.items() if arrival > now}
        return key if len(self._arrivals) < MOST_KEYS else f"{EVERYBODY_ELSE}:{key.partition(':')[0]}"
