"""What all processes know together of the lines to the providers, in Redis: places, minutes, pauses, breakers.

Each question is one script, and so one step for everybody; times are Redis' own. Redis may be away: callers hear
RedisError, and then answer for their own process (`Gate` and `Breakers` say how). Redis may lose it all: then nobody
gets a place until every process has had the time to say which ones its calls hold.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from redis.asyncio import Redis

RECENT: Final = "lines:recent"
"""Hash: what is watched → "ms:results", 1 for a call that worked, 0 for one that counts as failed, newest last."""
OPEN: Final = "lines:open"
"""Hash: what is watched → "ms when its breaker opened:ms of its last probe"."""
PAUSES: Final = "lines:pauses"
"""Hash: model → ms until which its provider asked to wait."""
SINCE: Final = "lines:since"
"""ms since when Redis has kept all this; it goes with the rest when Redis loses it."""
TRANSITIONS: Final = "lines:transitions"
"""Stream: every change of a breaker's state, added in the step that made it (`providers.line.history` takes it)."""
TOLD_AGAIN_WITHIN: Final = 3.0
"""Seconds; places are renewed every two."""

_NOW: Final = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
_TELL: Final = f"""{_NOW}
local function tell(key, name, from, to, reason)
    redis.call('XADD', key, 'MAXLEN', '~', 10000, '*',
        'name', name, 'from', from, 'to', to, 'at', now, 'reason', reason)
end
local function stood(kept, rest)
    local opened = string.match(kept or '', '^(%d+):')
    if not opened then return 'closed' end
    return now < opened + rest and 'open' or 'half_open'
end
"""

LOOK: Final = f"""{_TELL}
redis.call('SET', KEYS[4], now, 'NX')
local answer = {{now}}
for k = 1, 3 do
    local kept, oldest = redis.call('HGETALL', KEYS[k]), k == 3 and now or now - ARGV[1]
    for i = 1, #kept, 2 do
        if tonumber(string.match(kept[i + 1], '^%d+')) < oldest then
            redis.call('HDEL', KEYS[k], kept[i])
            if k == 2 then tell(KEYS[5], kept[i], 'half_open', 'closed', 'forgotten') end
        end
    end
    answer[k + 1] = kept
end
return answer
"""
FAILED: Final = f"""{_TELL}
local results = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', ':([01]*)$') or ''
results = string.sub(results .. '0', -ARGV[2])
local _, failures = string.gsub(results, '0', '')
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 or failures >= tonumber(ARGV[3]) then
    local from = stood(redis.call('HGET', KEYS[2], ARGV[1]), ARGV[4])
    redis.call('HDEL', KEYS[1], ARGV[1])
    redis.call('HSET', KEYS[2], ARGV[1], now .. ':0')
    if from ~= 'open' then tell(KEYS[3], ARGV[1], from, 'open', ARGV[5]) end
    return 1
end
redis.call('HSET', KEYS[1], ARGV[1], now .. ':' .. results)
return 0
"""
WORKED: Final = f"""{_TELL}
local from = stood(redis.call('HGET', KEYS[2], ARGV[1]), ARGV[3])
if redis.call('HDEL', KEYS[2], ARGV[1]) == 1 then tell(KEYS[3], ARGV[1], from, 'closed', 'worked') end
local at, results = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%d+):([01]*)$')
if not at then return 0 end
results = string.sub(results .. '1', -ARGV[2])
if string.find(results, '0') then redis.call('HSET', KEYS[1], ARGV[1], now .. ':' .. results)
else redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1
"""
PROBE: Final = f"""{_TELL}
local opened, probed = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%d+):(%d+)$')
if not opened then return 1 end
if now < opened + ARGV[2] or now < probed + ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], opened .. ':' .. now)
if probed == '0' then tell(KEYS[2], ARGV[1], 'open', 'half_open', 'rested') end
return 1
"""
TURN: Final = f"""{_TELL}
local from = stood(redis.call('HGET', KEYS[1], ARGV[1]), ARGV[3])
if ARGV[2] == '1' then
    redis.call('HSET', KEYS[1], ARGV[1], now .. ':0')
    if from ~= 'open' then tell(KEYS[2], ARGV[1], from, 'open', 'reported_down') end
elseif from ~= 'closed' then
    redis.call('HSET', KEYS[1], ARGV[1], (now - ARGV[3]) .. ':0')
    if from == 'open' then tell(KEYS[2], ARGV[1], 'open', 'half_open', 'reported_up') end
end
return 1
"""
PAUSE: Final = f"""{_NOW}
local until_ = now + ARGV[2]
if until_ > tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0) then redis.call('HSET', KEYS[1], ARGV[1], until_) end
return 1
"""
ENTER: Final = f"""{_NOW}
local member, lease, most, most_of_batches, is_batch = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
if most > 0 then
    redis.call('SET', KEYS[5], now, 'NX')
    if now < redis.call('GET', KEYS[5]) + ARGV[10] then return -1 end
    -- Who asks holds none, whatever an answer that was lost on its way had said.
    redis.call('ZREM', KEYS[1], member)
    redis.call('ZREM', KEYS[2], member)
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
    if redis.call('ZCARD', KEYS[1]) >= most then return -1 end
    if is_batch == '1' and redis.call('ZCARD', KEYS[2]) >= most_of_batches then return -1 end
end
local second, wait = math.floor(now / 1000), 0
for i = 1, 2 do
    local key, limit, cost = KEYS[2 + i], tonumber(ARGV[4 + 2 * i]), tonumber(ARGV[5 + 2 * i])
    if limit > 0 then
        local kept, seconds, sum = redis.call('HGETALL', key), {{}}, 0
        for j = 1, #kept, 2 do
            if tonumber(kept[j]) <= second - 61 then redis.call('HDEL', key, kept[j])
            else
                sum = sum + kept[j + 1]
                seconds[#seconds + 1] = {{tonumber(kept[j]), tonumber(kept[j + 1])}}
            end
        end
        table.sort(seconds, function(a, b) return a[1] < b[1] end)
        local over = sum + cost - limit
        for j = 1, #seconds do
            if over <= 0 then break end
            over = over - seconds[j][2]
            wait = math.max(wait, (seconds[j][1] + 61) * 1000 - now)
        end
    end
end
if wait > 0 then return wait end
for i = 1, 2 do
    if tonumber(ARGV[4 + 2 * i]) > 0 then
        redis.call('HINCRBY', KEYS[2 + i], second, ARGV[5 + 2 * i])
        redis.call('EXPIRE', KEYS[2 + i], 62)
    end
end
if most > 0 then
    redis.call('ZADD', KEYS[1], now + lease, member)
    if is_batch == '1' then redis.call('ZADD', KEYS[2], now + lease, member) end
end
return 0
"""
HOLD: Final = f"""{_NOW}
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
return 1
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What stood there at one moment of this process's monotonic clock; times are of that clock too."""

    at: float = 0.0
    troubled: frozenset[str] = frozenset()
    """What had a failure among its last calls."""
    opened: dict[str, float] = field(default_factory=dict)
    pauses: dict[str, float] = field(default_factory=dict)
    """Until when a model is not to be called."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider takes; 0 means no limit."""

    places: int = 0
    requests: int = 0
    """A minute."""
    tokens: int = 0
    """A minute."""

    @property
    def places_of_batches(self) -> int:
        """Batches leave a fifth of the places to people; of a single place they may have that one."""
        return max(1, self.places - -(-self.places // 5))

    def __bool__(self) -> bool:
        return bool(self.places or self.requests or self.tokens)


class Shared:
    """The scripts with their arguments. Every call may raise redis.RedisError."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._look, self._failed, self._worked, self._probe, self._pause, self._enter, self._hold, self._turn = (
            redis.register_script(text) for text in (LOOK, FAILED, WORKED, PROBE, PAUSE, ENTER, HOLD, TURN)
        )

    async def look(self, *, forgotten_after: float) -> Look:
        """What all processes know now; what nobody has spoken of for so many seconds is forgotten."""
        asked_at = time.monotonic()
        now, recent, opened, pauses = await self._look(
            keys=[RECENT, OPEN, PAUSES, SINCE, TRANSITIONS], args=[int(forgotten_after * 1000)]
        )

        def here(ms: bytes) -> float:
            return asked_at + (int(ms) - int(now)) / 1000

        return Look(
            at=asked_at,
            troubled=frozenset(_pairs(recent)),
            opened={name: here(value.partition(b":")[0]) for name, value in _pairs(opened).items()},
            pauses={name: here(value) for name, value in _pairs(pauses).items()},
        )

    async def failed(self, name: str, *, looked_at: int, to_open: int, rest: float, reason: str) -> bool:
        """Counts a failure of this code; whether the breaker of `name` is open now."""
        args: list[str | int] = [name, looked_at, to_open, int(rest * 1000), reason]
        return bool(await self._failed(keys=[RECENT, OPEN, TRANSITIONS], args=args))

    async def worked(self, name: str, *, looked_at: int, rest: float) -> None:
        """Counts a call that worked, and closes the breaker of `name`."""
        await self._worked(keys=[RECENT, OPEN, TRANSITIONS], args=[name, looked_at, int(rest * 1000)])

    async def may_probe(self, name: str, *, rest: float) -> bool:
        """Whether this call may try what has rested: one does in each rest, of all processes together."""
        return bool(await self._probe(keys=[OPEN, TRANSITIONS], args=[name, int(rest * 1000)]))

    async def turn(self, name: str, *, is_open: bool, rest: float) -> None:
        """Opens the breaker of `name` on somebody's word, or, where it is open, has its rest of so long end now."""
        await self._turn(keys=[OPEN, TRANSITIONS], args=[name, int(is_open), int(rest * 1000)])

    async def pause(self, name: str, *, seconds: float) -> None:
        """Nobody is to call `name` for so long."""
        await self._pause(keys=[PAUSES], args=[name, int(seconds * 1000)])

    async def enter(
        self, slug: str, member: str, limits: Limits, *, is_batch: bool, tokens: int, lease: float
    ) -> float | None:
        """0 when the call may be made (its place is held for `lease` seconds, its request and tokens are counted);
        else seconds until it may be worth asking again, None where a place must become free."""
        places: list[str | int] = [member, int(lease * 1000), limits.places, limits.places_of_batches, int(is_batch)]
        minutes = [limits.requests, 1, limits.tokens, min(tokens, limits.tokens)]
        keys = [*_places(slug), *_minutes(slug), SINCE]
        answer = int(await self._enter(keys=keys, args=[*places, *minutes, int(TOLD_AGAIN_WITHIN * 1000)]))
        return None if answer < 0 else answer / 1000

    async def hold(self, slug: str, members: Sequence[str], *, is_batch: bool, lease: float) -> None:
        """Holds places for `lease` seconds from now, also ones that Redis has lost."""
        for key in _places(slug) if is_batch else _places(slug)[:1]:
            await self._hold(keys=[key], args=[int(lease * 1000), *members])

    async def held(self, slugs: Sequence[str]) -> dict[str, int]:
        """Places that are held now, by provider."""
        seconds, micros = await self._redis.time()
        pipeline = self._redis.pipeline(transaction=False)
        for slug in slugs:
            pipeline.zcount(_places(slug)[0], seconds * 1000 + micros // 1000, "+inf")
        return dict(zip(slugs, await pipeline.execute(), strict=True))

    async def leave(self, slug: str, member: str) -> None:
        """Gives a place back."""
        pipeline = self._redis.pipeline(transaction=False)
        for key in _places(slug):
            pipeline.zrem(key, member)
        await pipeline.execute()


def _places(slug: str) -> list[str]:
    return [f"lines:places:{slug}", f"lines:batches:{slug}"]


def _minutes(slug: str) -> list[str]:
    return [f"lines:requests:{slug}", f"lines:tokens:{slug}"]


def _pairs(flat: list[Any]) -> dict[str, bytes]:
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}
