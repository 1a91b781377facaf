"""The limits that all processes share: arrival times in Valkey, by its own clock.

Requests that come while one call is under way go with the next: one call serves many, and a process that is asked a lot
asks Valkey the less for each.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, Final, NamedTuple

from redis.exceptions import NoScriptError, RedisError

from foundation.cache.client import client_of
from quotas.rate_limits.gcra import Decision, Pace, decision

SECONDS: Final = 0.5
"""The longest that a call waits for Valkey; whoever waits behind one that fails is told so at once."""
TURNS_OF_GRACE: Final = 10
"""Of the event loop, after that: an answer that came while this process was busy elsewhere is one."""
AT_ONCE: Final = 200
"""Requests that one call decides at most: a script holds up everybody else."""

# `decide` of gcra.py for each key, one after the other, all at one moment of the server's clock. Gives how far each
# key's arrival time lies beyond now: negative where the request is refused (it is never 0 then: a burst is not empty).
# Numbers are doubles here, exact for whole microseconds of our age; `tostring` would round them.
SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answers = {}
for number, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * number - 1]), tonumber(ARGV[2 * number])
  local arrival = tonumber(redis.call('GET', key) or now)
  local ahead = math.min(math.max(arrival - now, 0), burst)
  local after = ahead + interval
  if after <= burst then
    redis.call('SET', key, string.format('%.0f', now + after), 'PX', math.ceil(after / 1000))
    answers[number] = after
  else
    answers[number] = -ahead
  end
end
return answers
"""
DIGEST: Final = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


class Away(Exception):
    """Valkey did not decide: it is away, frozen, full or takes no writes."""


class _Asked(NamedTuple):
    key: str
    pace: Pace
    answer: asyncio.Future[Decision]


class SharedLimits:
    """Decides in Valkey; belongs to one event loop."""

    def __init__(self, redis_url: str) -> None:
        self._redis = client_of(redis_url, seconds=2 * SECONDS, seconds_to_connect=2 * SECONDS)
        self._waiting: list[_Asked] = []
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, *, key: str, pace: Pace) -> Decision:
        """What Valkey decides for one more request; raises Away."""
        asked = _Asked(key, pace, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all())
        return await asked.answer

    async def close(self) -> None:
        """Gives the connection back."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        await self._redis.aclose()

    async def _ask_all(self) -> None:
        together: list[_Asked] = []
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                answers = await self._call_in_time(together)
                for asked, answer in zip(together, answers, strict=True):
                    if not asked.answer.done():  # its caller may have gone
                        asked.answer.set_result(decision(answer > 0, abs(answer), asked.pace))
        except (RedisError, TimeoutError, OSError) as error:
            self._give_up(together, Away(type(error).__name__))
        except BaseException as error:
            self._give_up(together, Away(type(error).__name__))
            raise

    def _give_up(self, together: list[_Asked], reason: Away) -> None:
        """Nobody who waits is kept any longer, whether it was sent or not."""
        for asked in [*together, *self._waiting]:
            if not asked.answer.done():
                asked.answer.set_exception(reason)
        self._waiting = []

    async def _call_in_time(self, together: list[_Asked]) -> list[int]:
        calling = asyncio.create_task(self._call(together))
        calling.add_done_callback(lambda task: task.cancelled() or task.exception())
        try:
            await asyncio.wait([calling], timeout=SECONDS)
            for _ in range(TURNS_OF_GRACE):
                if calling.done():
                    return calling.result()
                await asyncio.sleep(0)
            raise TimeoutError
        finally:
            calling.cancel()

    async def _call(self, together: list[_Asked]) -> list[int]:
        keys = [asked.key for asked in together]
        paces = [number for asked in together for number in (asked.pace.interval, asked.pace.burst)]
        call: Any = self._redis.execute_command
        try:
            answers: list[int] = await call("EVALSHA", DIGEST, len(keys), *keys, *paces)
        except NoScriptError:
            # Valkey is new, or was restarted: EVAL keeps the script as well.
            answers = await call("EVAL", SCRIPT, len(keys), *keys, *paces)
        return answers
