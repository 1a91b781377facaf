"""Asks for leave: Valkey while it answers, this process while it does not."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final
from uuid import UUID

from django.conf import settings

from quotas.rate_limits.classes import RequestClass
from quotas.rate_limits.gcra import Decision, Pace
from quotas.rate_limits.local import LocalLimits
from quotas.rate_limits.shared import Away, SharedLimits

logger = logging.getLogger(__name__)

LOOK_AGAIN_AFTER: Final = 1.0
"""Seconds in which Valkey is left alone after it did not decide; then one request tries it."""


class Limiter:
    """The limits of one event loop."""

    def __init__(self, redis_url: str, *, limits: dict[RequestClass, int], processes: int) -> None:
        self._paces = {name: Pace(limit) for name, limit in limits.items() if limit}
        self._shared = SharedLimits(redis_url)
        self._local = LocalLimits(processes=processes)
        self._is_away = False
        self._look_again_at = 0.0

    async def ask(self, *, user_id: UUID, request_class: RequestClass) -> Decision | None:
        """What is decided for one more request of this user; None where the class has no limit."""
        pace = self._paces.get(request_class)
        if pace is None:
            return None
        key = f"{request_class}:{user_id.hex}"
        now = time.monotonic()
        if self._is_away:
            if now < self._look_again_at:
                return self._alone(key, pace)
            self._look_again_at = now + LOOK_AGAIN_AFTER
        try:
            decided = await self._shared.ask(key=f"rate:{key}", pace=pace)
        except Away as error:
            self._went_away(error)
            return self._alone(key, pace)
        if self._is_away:
            self._is_away = False
            logger.info("rate_limits_shared_again")
        return decided

    async def close(self) -> None:
        """Gives the connection back."""
        await self._shared.close()

    def _alone(self, key: str, pace: Pace) -> Decision:
        return self._local.ask(key=key, limit=pace.limit, now=time.monotonic_ns() // 1000)

    def _went_away(self, error: Away) -> None:
        self._look_again_at = time.monotonic() + LOOK_AGAIN_AFTER
        if not self._is_away:
            self._is_away = True
            logger.warning("rate_limits_of_this_process_alone", extra={"reason": str(error)})


_limiter: tuple[asyncio.AbstractEventLoop, Limiter] | None = None


def limiter() -> Limiter:
    """That of the running event loop; a process serves in one."""
    global _limiter
    loop = asyncio.get_running_loop()
    if _limiter is None or _limiter[0] is not loop:
        limits = {RequestClass(name): limit for name, limit in settings.RATE_LIMITS.items()}
        _limiter = (loop, Limiter(settings.REDIS_URL, limits=limits, processes=settings.ENV.web_processes))
    return _limiter[1]


async def close() -> None:
    """At the process's end."""
    global _limiter
    if _limiter is not None and _limiter[0] is asyncio.get_running_loop():
        _, ending = _limiter
        _limiter = None
        await ending.close()
