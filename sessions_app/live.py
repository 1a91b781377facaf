"""What happens in a session while people look at it: who is here, whose run begins or ends, who says something.

News travel over Redis' publish/subscribe and hold ids only; whoever is told asks for the rest by their own rights.
News may be lost with Redis: a page that comes back looks anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction
from django_redis import get_redis_connection
from redis.asyncio import Redis
from redis.exceptions import RedisError

from foundation.rest.rendering import dumps

logger = logging.getLogger(__name__)

HERE_FOR: Final = 30.0
"""Seconds that somebody counts as here without saying so again."""
WAITING_NEWS: Final = 200
"""For one reader; a slower one loses news, and is told to look anew."""
WATCHED: Final = "live:sessions"
LOOK_ANEW: Final = {"event": "look_anew", "data": {}}


def _channel(session_id: UUID) -> str:
    return f"live:session:{session_id}"


def _presence(session_id: UUID) -> str:
    return f"live:presence:{session_id}"


def tell(session_id: UUID, event: str, **data: Any) -> None:
    """Tells those who look at the session, from ordinary code, once what happened is committed.

    Whoever is told looks at once: news of what is not there yet, or never will be, would mislead them. A Redis that is
    away keeps nobody from working.
    """
    transaction.on_commit(lambda: _publish(session_id, {"event": event, "data": data}))


def _publish(session_id: UUID, news: dict[str, Any]) -> None:
    try:
        get_redis_connection("default").publish(_channel(session_id), dumps(news))
    except (RedisError, OSError) as error:
        logger.warning("news_lost", extra={"reason": type(error).__name__})


class Live:
    """News of the runs of one process; sessions that nobody looks at cost nothing."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._watched: frozenset[str] = frozenset()
        self._telling: set[asyncio.Task[None]] = set()

    async def look(self) -> None:
        """Learns which sessions are looked at; to be called twice a second."""
        rows: Any = await self._redis.zrangebyscore(WATCHED, time.time(), "+inf")
        self._watched = frozenset(row.decode() for row in rows)

    def tell(self, session_id: UUID, event: str, **data: Any) -> None:
        """Tells those who look at the session, without waiting."""
        if str(session_id) not in self._watched:
            return
        telling = asyncio.create_task(self._tell(session_id, {"event": event, "data": data}))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def _tell(self, session_id: UUID, news: dict[str, Any]) -> None:
        try:
            await self._redis.publish(_channel(session_id), dumps(news))
        except (RedisError, OSError) as error:
            logger.warning("news_lost", extra={"reason": type(error).__name__})


class Presence:
    """One open page of one person at one session."""

    def __init__(self, redis: Redis, session_id: UUID, user_id: UUID, page: str) -> None:
        self._redis = redis
        self._session_id = session_id
        self._member = f"{user_id}:{page}"

    async def renew(self) -> None:
        """Says that the page is open; to be called every `HERE_FOR` / 3 seconds."""
        until = time.time() + HERE_FOR
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.zadd(_presence(self._session_id), {self._member: until})
        pipeline.expire(_presence(self._session_id), int(HERE_FOR * 2))
        pipeline.zadd(WATCHED, {str(self._session_id): until})
        pipeline.zremrangebyscore(WATCHED, "-inf", time.time())
        await pipeline.execute()

    async def come(self) -> None:
        """Tells the others that somebody is here."""
        await self.renew()
        await self._redis.publish(_channel(self._session_id), dumps({"event": "presence", "data": {}}))

    async def leave(self) -> None:
        """Tells the others that the page was closed."""
        await self._redis.zrem(_presence(self._session_id), self._member)
        await self._redis.publish(_channel(self._session_id), dumps({"event": "presence", "data": {}}))

    async def people(self) -> list[UUID]:
        """Who is here, each once, in the order of their ids."""
        rows: Any = await self._redis.zrangebyscore(_presence(self._session_id), time.time(), "+inf")
        return sorted({UUID(row.decode().partition(":")[0]) for row in rows})


class Hub:
    """All readers of one process share one subscription."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._readers: dict[str, set[asyncio.Queue[dict[str, Any]]]] = {}
        self._pubsub: Any = None
        self._listening: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def news(self, session_id: UUID) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
        """News of the session as they come, from now on."""
        channel, queue = _channel(session_id), asyncio.Queue[dict[str, Any]](WAITING_NEWS)
        readers = self._readers.setdefault(channel, set())
        readers.add(queue)
        try:
            if self._pubsub is None:
                self._pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
            await self._pubsub.subscribe(channel)
            if self._listening is None or self._listening.done():
                self._listening = asyncio.create_task(self._listen())
            yield queue
        finally:
            readers.discard(queue)
            if not readers:
                self._readers.pop(channel, None)
                if self._pubsub is not None:
                    await self._pubsub.unsubscribe(channel)

    async def _listen(self) -> None:
        while self._readers:
            try:
                message = await self._pubsub.get_message(timeout=5)
            except Exception as error:
                # The connection is made anew, with its subscriptions; what came meanwhile is lost. Whatever it was:
                # pages that are open must not wait for news that nobody reads.
                if not isinstance(error, (RedisError, OSError)):
                    logger.exception("news_unread")
                self._offer_to_all(LOOK_ANEW)
                await asyncio.sleep(0.5)
                continue
            if message is not None:
                self._offer(message["channel"].decode(), orjson.loads(message["data"]))

    def _offer_to_all(self, news: dict[str, Any]) -> None:
        for channel in list(self._readers):
            self._offer(channel, news)

    def _offer(self, channel: str, news: dict[str, Any]) -> None:
        for queue in self._readers.get(channel, ()):
            if queue.full():
                queue.get_nowait()
                news = LOOK_ANEW
            queue.put_nowait(news)

    async def stop(self) -> None:
        """Ends the subscription."""
        if self._listening is not None:
            self._listening.cancel()
        if self._pubsub is not None:
            await self._pubsub.aclose()
