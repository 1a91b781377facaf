"""Kombu's transport over Valkey, where a worker outlives the loss of its broker in the middle of a task.

Celery gives the connection up and goes on to reconnect; but kombu 5.7 then looks for the address of what was given up
(to put unacknowledged messages back, or to acknowledge one whose task has ended since) and falls over with an
AttributeError, which ends the worker. Told as the lost connection that it is, it is noted, and the message comes again
after the visibility timeout.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as Lost


class Channel(redis.Channel):
    """Knows when its connection was given up."""

    def _connparams(self, *args: Any, **kwargs: Any) -> Any:
        if self.connection is None or self.connection.client is None:
            raise Lost("The connection of this channel was given up.")
        return super()._connparams(*args, **kwargs)  # type: ignore[no-untyped-call]


class Transport(redis.Transport):
    """With these channels."""

    Channel = Channel
