"""How each service has answered of late: a breaker in this process, and a word to the others in Redis.

The breaker spares people the wait: after FAILURES in a row a service is not asked for REST seconds, then once more.
"""

from __future__ import annotations

import time
from typing import Final

from asgiref.sync import sync_to_async

from foundation.cache.lenient import remember, remembered
from integrations.client.errors import ServiceAway

FAILURES: Final = 3
REST: Final = 10.0
TOLD_AGAIN: Final = 30.0
"""Seconds after which an unchanged state is written once more."""
BELIEVED: Final = 300
"""Seconds that a state counts; nobody having asked for longer, nothing is known."""
HEALTHY, UNHEALTHY, UNKNOWN = "healthy", "unhealthy", "unknown"


class Standing:
    """One service as this process sees it."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._failures = 0
        self._rests_until = 0.0
        self._told: tuple[str, float] = ("", 0.0)

    def check(self) -> None:
        """Raises ServiceAway while the service rests."""
        if time.monotonic() < self._rests_until:
            raise ServiceAway(self._service)

    async def answered(self) -> None:
        """It did what it is for, or said why not."""
        self._failures, self._rests_until = 0, 0.0
        await self._tell(HEALTHY)

    async def failed(self) -> None:
        """It was not reached, not in time, or failed within."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._rests_until = time.monotonic() + REST
        await self._tell(UNHEALTHY)

    async def _tell(self, state: str) -> None:
        told, at = self._told
        if told == state and time.monotonic() < at + TOLD_AGAIN:
            return
        self._told = (state, time.monotonic())
        await sync_to_async(remember, thread_sensitive=False)(_key(self._service), state, seconds=BELIEVED)


_known: dict[tuple[str, str], Standing] = {}


def standing_of(service: str, base_url: str) -> Standing:
    """The one of this address, kept for the process's life: addresses are the operator's, and few."""
    return _known.setdefault((service, base_url), Standing(service))


def state_of(service: str) -> str:
    """`healthy`, `unhealthy`, or `unknown` where nobody has asked it of late, whatever process did."""
    return str(remembered(_key(service)) or UNKNOWN)


def _key(service: str) -> str:
    return f"service-standing:{service}"
