"""Events that came in are done: each in one transaction with its mark, so that it is done once (F39)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import OperationalError, connection, transaction

from events.intake.consumers import handlers_of
from events.intake.incoming import Incoming, Unusable
from events.models import ConsumedEvent, Fate

logger = logging.getLogger(__name__)

AT_ONCE: Final = 200
WAITS: Final = (1, 5, 30, 120, 600)
"""Seconds after a failure; after the last of them it counts as failed, and an administrator sees it."""
_DUE: Final = """
SELECT c.id FROM consumed_events c
WHERE c.fate = 'waiting' AND c.due_at <= %s AND NOT EXISTS (
    SELECT 1 FROM consumed_events b
    WHERE b.subject = c.subject AND b.fate = 'waiting' AND b.received_at < c.received_at
)
ORDER BY c.received_at LIMIT %s
"""


def do_waiting(*, now: datetime) -> int:
    """Does what is due, each thing's events in the order in which they came; how many were done or ignored."""
    done = 0
    while some := _due(now):
        ended = sum(_do(id_, now) for id_ in some)
        if not ended:
            break
        done += ended
    return done


def again(ids: list[UUID], *, now: datetime) -> int:
    """Failed, done and ignored ones are done once more; how many."""
    rows = ConsumedEvent.objects.filter(id__in=ids).exclude(fate=Fate.WAITING)
    return rows.update(fate=Fate.WAITING, attempts=0, due_at=now, reason="")


def _due(now: datetime) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [now, AT_ONCE])
        return [id_ for (id_,) in cursor.fetchall()]


def _do(id_: UUID, now: datetime) -> bool:
    """Whether it has come to its end."""
    try:
        with transaction.atomic():
            row = ConsumedEvent.objects.select_for_update(skip_locked=True).filter(id=id_, fate=Fate.WAITING).first()
            if row is None:
                return False  # somebody else is at it
            handlers = handlers_of(row.type)
            for handler in handlers:
                handler(Incoming(row.event_id, row.type, row.payload))
            _move(id_, Fate.DONE if handlers else Fate.IGNORED)
            return True
    except Unusable as fault:
        _move(id_, Fate.FAILED, reason=str(fault))
        return True
    except OperationalError:
        raise  # the database is away: nothing can be noted either
    except Exception as error:
        # Whatever a consumer of another app meets: it is noted, tried again, and keeps no other event from being done.
        return _put_off(id_, type(error).__name__, now)


def _move(id_: UUID, fate: Fate, *, reason: str = "") -> None:
    ConsumedEvent.objects.filter(id=id_, fate=Fate.WAITING).update(fate=fate, reason=reason[:200])


def _put_off(id_: UUID, reason: str, now: datetime) -> bool:
    row = ConsumedEvent.objects.get(id=id_)
    logger.warning("consumed_event_failed", extra={"event": row.event_id, "type": row.type, "reason": reason})
    if row.attempts >= len(WAITS):
        _move(id_, Fate.FAILED, reason=reason)
        return True
    due_at = now + timedelta(seconds=WAITS[row.attempts])
    ConsumedEvent.objects.filter(id=id_, fate=Fate.WAITING).update(
        attempts=row.attempts + 1, due_at=due_at, reason=reason[:200]
    )
    return False
