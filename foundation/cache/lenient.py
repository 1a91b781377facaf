"""Django's cache where it is only a gain: without Redis nothing is remembered, and everything is answered."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

AWAY = (RedisError, ConnectionInterrupted)


def remembered(key: str) -> Any:
    """What was kept under this key, None when nothing was."""
    try:
        return cache.get(key)
    except AWAY:
        return None


def remember(key: str, value: Any, *, seconds: int) -> None:
    """Keeps a JSON value; 0 seconds keep nothing."""
    if not seconds:
        return
    try:
        cache.set(key, value, seconds)
    except AWAY:
        return
