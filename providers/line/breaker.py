"""A circuit breaker: a provider that keeps failing is left alone for a while, then tried with one call.

Follows Nygard, Release It!, "Circuit Breaker": closed → open → half-open → closed | open.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from typing import Final

from providers.errors import Code

FAILURES_TO_OPEN: Final = 5
LOOKED_AT: Final = 10
REST: Final = 15.0
"""Seconds that an open breaker lets nothing through."""
COUNTED: Final = frozenset(
    {
        Code.PROVIDER_ERROR,
        Code.PROVIDER_UNREACHABLE,
        Code.TIMEOUT_CONNECT,
        Code.TIMEOUT_FIRST_BYTE,
        Code.TIMEOUT_IDLE,
        Code.STREAM_CUT,
        Code.MALFORMED_RESPONSE,
    }
)
"""Failures that say the provider is unwell; a refusal or a rate limit says that it is well."""


class State(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """The breaker of one provider in one process; `now` is a monotonic time in seconds."""

    def __init__(self) -> None:
        self._recent: deque[bool] = deque(maxlen=LOOKED_AT)
        self._opened_at: float | None = None
        self._probe_at: float | None = None

    def state(self, now: float) -> State:
        """Where the breaker stands."""
        if self._opened_at is None:
            return State.CLOSED
        return State.OPEN if now < self._opened_at + REST else State.HALF_OPEN

    def admits(self, now: float) -> bool:
        """Whether a call may go through now; half-open, one may in each rest period."""
        match self.state(now):
            case State.CLOSED:
                return True
            case State.OPEN:
                return False
        if self._probe_at is not None and now < self._probe_at + REST:
            return False
        self._probe_at = now
        return True

    def succeeded(self) -> None:
        """A call worked: the provider is well."""
        self._recent.append(True)
        self._opened_at = self._probe_at = None

    def failed(self, code: Code, now: float) -> None:
        """A call failed; `code` tells whether that counts."""
        if code not in COUNTED:
            return
        self._recent.append(False)
        was_probe = self._opened_at is not None
        if was_probe or self._recent.count(False) >= FAILURES_TO_OPEN:
            self._opened_at, self._probe_at = now, None
            self._recent.clear()
