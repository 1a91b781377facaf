"""On a schedule each destination is told the heads that it has not been told yet.

What was told stands in the database, a row a chain and destination. Where a try fails, its reason stands there too,
and the next round tries again, with the heads of then: a later head stands for all before it. A destination that is
told twice is told the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from audit.chain import heads
from audit.chain.heads import Head
from audit.models import AuditPublication
from audit.publishing import mail, timestamp, webhook
from audit.publishing.errors import NotPublished

logger = logging.getLogger(__name__)

Send = Callable[[Sequence[Head]], None]
LOCK: Final = "SELECT pg_try_advisory_xact_lock(hashtext('audit heads'), hashtext(%s))"


def publish_everywhere(*, now: datetime) -> None:
    """Tells each destination that is configured; what one of them does not take keeps no other from being told."""
    current = heads.current(now=now)
    for name, send in destinations().items():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(LOCK, [name])
                if not cursor.fetchone()[0]:
                    continue
            _publish(name, send, current, now)


def destinations() -> dict[str, Send]:
    """Those that the environment names, in the order in which they are told: one may keep what another was given."""
    environment = settings.ENV
    named: dict[str, Send | None] = {
        "file": _append if environment.audit_head_file else None,
        "email": mail.send if environment.audit_head_email else None,
        "webhook": webhook.send if environment.audit_head_webhook else None,
        timestamp.NAME: timestamp.send if environment.audit_timestamp_url else None,
        timestamp.FILE_NAME: timestamp.keep_outside if _keeps_stamps_outside() else None,
    }
    return {name: send for name, send in named.items() if send}


def _keeps_stamps_outside() -> bool:
    return bool(settings.ENV.audit_timestamp_url and settings.ENV.audit_timestamp_file)


def _publish(name: str, send: Send, current: Sequence[Head], now: datetime) -> None:
    told = {each.organisation: each for each in AuditPublication.objects.filter(destination=name)}
    due = [head for head in current if head.organisation not in told or _is_news(told, head)]
    if not due:
        return
    rows = [
        told.get(head.organisation) or AuditPublication(destination=name, organisation=head.organisation)
        for head in due
    ]
    try:
        send(due)
    except NotPublished as error:
        logger.warning("audit_heads_not_published", extra={"destination": name, "reason": str(error)})
        for row in rows:
            row.failed_at, row.reason = now, str(error)[:200]
            row.save()
        return
    for row, head in zip(rows, due, strict=True):
        row.number, row.at, row.failed_at, row.reason = head.number, now, None, ""
        row.save()


def _is_news(told: dict[str, AuditPublication], head: Head) -> bool:
    """Also what failed: it is tried again although the chain has not grown."""
    before = told[head.organisation]
    return head.number > before.number or before.failed_at is not None


def _append(due: Sequence[Head]) -> None:
    path = Path(settings.ENV.audit_head_file or "")
    try:
        heads.append(path, due)
    except (OSError, heads.UnreadableHead) as error:
        raise NotPublished(f"the file cannot be written to ({type(error).__name__})") from None
