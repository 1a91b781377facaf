"""A circuit breaker: what keeps failing is left alone for a while, then tried with one call.

Follows Nygard, Release It!, "Circuit Breaker": closed → open → half-open → closed | open. There is one a model, and
one a provider for what says that its address cannot be reached. All processes share them; while Redis is away, each
goes by what it has seen itself.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict, deque
from enum import StrEnum
from typing import Final

from redis.exceptions import RedisError

from providers.errors import Code
from providers.line.shared import Look, Shared

logger = logging.getLogger(__name__)

FAILURES_TO_OPEN: Final = 5
LOOKED_AT: Final = 10
REST: Final = 15.0
"""Seconds that an open breaker lets nothing through."""
FORGOTTEN_AFTER: Final = 600.0
"""Seconds without another failure after which the last ones say nothing any more."""
LOOK_IS_TRUSTED_FOR: Final = 5.0
OF_THE_CONNECTION: Final = frozenset({Code.PROVIDER_UNREACHABLE, Code.TIMEOUT_CONNECT})
"""Failures that concern every model of a provider."""
COUNTED: Final = OF_THE_CONNECTION | {
    Code.PROVIDER_ERROR,
    Code.TIMEOUT_IDLE,
    Code.STREAM_CUT,
    Code.MALFORMED_RESPONSE,
}
"""Failures that say something is unwell; a refusal or a rate limit says that it is well.

An answer that does not begin in time says neither: one user's hard questions must not close the model for all.
"""


class State(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


def state_since(opened_at: float | None, now: float) -> State:
    """Where a breaker stands that opened at this time."""
    if opened_at is None:
        return State.CLOSED
    return State.OPEN if now < opened_at + REST else State.HALF_OPEN


class Breaker:
    """What one process has seen of one model or provider; `now` is a monotonic time in seconds."""

    def __init__(self) -> None:
        self._recent: deque[bool] = deque(maxlen=LOOKED_AT)
        self.opened_at: float | None = None
        self._probe_at: float | None = None

    def state(self, now: float) -> State:
        """Where the breaker stands."""
        return state_since(self.opened_at, now)

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
        """A call worked."""
        self._recent.append(True)
        self.opened_at = self._probe_at = None

    def failed(self, now: float) -> None:
        """A call failed in a way that counts."""
        self._recent.append(False)
        was_probe = self.opened_at is not None
        if was_probe or self._recent.count(False) >= FAILURES_TO_OPEN:
            self.opened_at, self._probe_at = now, None
            self._recent.clear()


class Breakers:
    """The breakers of all models (`provider/model`) and providers (their slugs)."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._look = Look()
        self._own: defaultdict[str, Breaker] = defaultdict(Breaker)
        self._pauses: dict[str, float] = {}

    async def look(self) -> None:
        """Learns what other processes have seen; to be called twice a second. May raise redis.RedisError."""
        self._look = await self._shared.look(forgotten_after=FORGOTTEN_AFTER)
        now = time.monotonic()
        self._pauses = {name: until for name, until in self._pauses.items() if until > now}
        for name in self._own.keys() - self._look.troubled - self._look.opened.keys():
            del self._own[name]

    def state(self, name: str) -> State:
        """Where the breaker stands, as far as this process knows."""
        now = time.monotonic()
        if now - self._look.at > LOOK_IS_TRUSTED_FOR:
            return self._own[name].state(now) if name in self._own else State.CLOSED
        return state_since(self._look.opened.get(name), now)

    def pause_left(self, model_id: str) -> float:
        """Seconds for which the model's provider asked to be left alone."""
        until = max(self._look.pauses.get(model_id, 0.0), self._pauses.get(model_id, 0.0))
        return max(0.0, until - time.monotonic())

    async def admits(self, *names: str) -> bool:
        """Whether a call may go through; of what has rested, one call of all processes may."""
        states = {name: self.state(name) for name in names}
        if State.OPEN in states.values():
            return False
        return all([await self._may_probe(name) for name, state in states.items() if state is State.HALF_OPEN])

    async def _may_probe(self, name: str) -> bool:
        try:
            return await self._shared.may_probe(name, rest=REST)
        except RedisError:
            return self._own[name].admits(time.monotonic())

    async def worked(self, *names: str) -> None:
        """A call went well. Costs nothing where all is well."""
        for name in names:
            if name in self._own:
                self._own[name].succeeded()
            elif name not in self._look.troubled and name not in self._look.opened:
                continue
            try:
                await self._shared.worked(name, looked_at=LOOKED_AT, rest=REST)
                await self.look()
            except RedisError as error:
                logger.warning("breaker_alone", extra={"reason": type(error).__name__})

    async def failed(self, code: Code, *, provider: str, model_id: str) -> None:
        """A call failed; `code` tells whether and for what that counts."""
        if code not in COUNTED:
            return
        name = provider if code in OF_THE_CONNECTION else model_id
        self._own[name].failed(time.monotonic())
        try:
            await self._shared.failed(name, looked_at=LOOKED_AT, to_open=FAILURES_TO_OPEN, rest=REST, reason=code.value)
            await self.look()
        except RedisError as error:
            logger.warning("breaker_alone", extra={"reason": type(error).__name__})

    async def pause(self, model_id: str, seconds: float) -> None:
        """The provider asked to wait: so does everybody who is about to call this model."""
        self._pauses[model_id] = max(self._pauses.get(model_id, 0.0), time.monotonic() + seconds)
        try:
            await self._shared.pause(model_id, seconds=seconds)
        except RedisError as error:
            logger.warning("pause_alone", extra={"reason": type(error).__name__})
