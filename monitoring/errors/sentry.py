"""Sentry beside our own table, where `SENTRY_DSN` is set: told of the same groups, and of nothing more.

Its client is used without its integrations, which would look at requests, locals and messages: an event is made of a
sighting, in which no text is. What the client adds by itself passes `_only_known` on its way out.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any, Final

from django.conf import settings

from monitoring.errors.frames import Frame, Link
from monitoring.errors.pending import Batch, Pending

logger = logging.getLogger(__name__)

PATIENCE: Final = 2.0
"""Seconds that a process that ends waits for what was not sent yet."""
KNOWN: Final = frozenset(
    {"event_id", "timestamp", "platform", "level", "logger", "fingerprint", "transaction", "release", "tags", "extra",
     "exception", "sdk"}
)  # fmt: skip


def tell(batch: Batch, *, role: str) -> None:
    """One event a group, with how often it came since the last one; its client sends them in a thread of its own."""
    client = _client()
    if client is None:
        return
    for pending in batch.groups.values():
        if pending.untold:
            client.capture_event(event_of(pending, role=role))
            pending.untold = 0


def close() -> None:
    """Sends what is left; called where a process ends."""
    if settings.ENV.sentry_dsn and _client.cache_info().currsize and (client := _client()) is not None:
        client.close(timeout=PATIENCE)


@lru_cache(maxsize=1)
def _client() -> Any:
    """A client of this process; None where nobody is to be told."""
    dsn = settings.ENV.sentry_dsn
    if dsn is None:
        return None
    try:
        from sentry_sdk import Client  # imported only where it is wanted
    except ImportError:
        logger.warning("sentry_sdk_missing")
        return None
    return Client(
        dsn=dsn.get_secret_value(),
        release=settings.VERSION,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        default_integrations=False,
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        send_client_reports=False,
        before_send=_only_known,
    )


def forget_parent() -> None:
    """In a fork: the client's thread is not here."""
    _client.cache_clear()


def event_of(pending: Pending, *, role: str) -> dict[str, Any]:
    """A group as an event of Sentry's (https://develop.sentry.dev/sdk/data-model/event-payloads/)."""
    first = pending.first
    tags = {"role": role, "event": first.event, "route": first.route, "request_id": pending.latest_request}
    if pending.latest_execution:
        tags["execution_id"] = str(pending.latest_execution)
    return {
        "platform": "python",
        "level": "error",
        "logger": first.logger,
        "fingerprint": [first.fingerprint],
        "transaction": first.route or first.place,
        "timestamp": pending.last_seen.isoformat(),
        "tags": {name: value for name, value in tags.items() if value},
        "extra": {"count": pending.untold},
        # The one that was logged comes last.
        "exception": {"values": [_value(link) for link in reversed(first.chain)]},
    }


def _value(link: Link) -> dict[str, Any]:
    module, _, name = link.type.rpartition(".")
    frames = [_frame(each) for each in link.frames[-100:]]
    return {"type": name, "module": module or None, "value": "", "stacktrace": {"frames": frames} if frames else None}


def _frame(frame: Frame) -> dict[str, Any]:
    return {"filename": frame.file, "function": frame.function, "lineno": frame.line, "in_app": frame.is_ours}


def _only_known(event: Any, hint: Any) -> Any:
    """The last look: fields that an event of ours has."""
    return {name: value for name, value in event.items() if name in KNOWN}
