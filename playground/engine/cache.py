"""The execution cache: an equal earlier run of the same user may answer, at no cost.

The key names the owner and covers everything that is sent; the value is sealed for that key. Only for
temperature 0, or when asked for with `cache: true`.
"""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from redis.asyncio import Redis

from foundation.sealing.encryption import CannotDecrypt, keyring
from playground.models import PromptExecution
from providers.base import Message
from providers.line.fitting import OURS


def is_wanted(parameters: dict[str, Any]) -> bool:
    """Whether the run may be answered from the cache, and kept in it."""
    asked = parameters.get("cache")
    return parameters.get("temperature") == 0 if asked is None else bool(asked)


def key_for(
    user_id: UUID, model_id: str, messages: list[Message], parameters: dict[str, Any], tools: Any, rules: str = ""
) -> str:
    """The cache key of a run: its owner, and SHA-256 over everything that decides the answer.

    `rules` is the fingerprint of those that mask what is sent: another answer comes where others do.
    """
    sent = {name: value for name, value in parameters.items() if name not in OURS}
    whole = orjson.dumps(
        [model_id, [_by_contents(message) for message in messages], sent, tools, *([rules] if rules else [])],
        option=orjson.OPT_SORT_KEYS,
    )
    return f"execution-cache:{user_id}:{hashlib.sha256(whole).hexdigest()}"


def keys_of(user_id: UUID) -> str:
    """The pattern of keys of one owner's answers."""
    return f"execution-cache:{user_id}:*"


def _by_contents(message: Message) -> Message:
    """The message with its files by what they hold, not by where they lie; a name counts where a model reads it."""
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_part_by_contents(part) for part in content]}


def _part_by_contents(part: dict[str, Any]) -> dict[str, Any]:
    facts = part.get("facts")
    if facts is None:
        return part
    name = (part.get("name") or facts.get("name")) if part["type"] == "file" else None
    return {"type": part["type"], "sha256": facts["sha256"], "name": name}


class ExecutionCache:
    """Answers by key, in Redis, for CACHE_EXECUTION_TTL seconds. Calls may raise redis.RedisError."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def get(self, key: str) -> dict[str, Any] | None:
        """The kept answer with its usage; None when there is none, or it cannot be opened."""
        sealed: Any = await self._redis.get(key)
        if sealed is None:
            return None
        try:
            value: dict[str, Any] = keyring().open_json(sealed, place=key)
        except CannotDecrypt:
            return None
        return value

    async def put(self, key: str, record: PromptExecution) -> None:
        """Keeps a completed run's answer."""
        if settings.ENV.cache_execution_ttl == 0:
            return
        value = {
            "answer": record.answer,
            "prompt_tokens": record.prompt_tokens,
            "completion_tokens": record.completion_tokens,
            "details": (record.billing or {}).get("details", {}),
            "finish_reason": record.metadata.get("finish_reason") or "stop",
        }
        await self._redis.set(key, keyring().seal_json(value, place=key), ex=settings.ENV.cache_execution_ttl)
