"""Notifications by mail: what is due for one person is one message, in plain text and words of our own.

Rows are claimed before they are sent: for as long as a claim lasts nobody else sends them, and who is killed between
the sending and its note tells them once more. Where the server is away they wait, longer each time, a day at most.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.models import User
from accounts.notifying.told import Told, told
from events.models import Kind, Notification
from events.notifications.words import OWN, SUBJECTS, one_line
from foundation import mail
from foundation.words import counted

logger = logging.getLogger(__name__)

MOST: Final = 50
"""Notifications of one message."""
CLAIM: Final = timedelta(minutes=5)
"""Longer than a turn and the patience with the server together, which is ten seconds a step of its protocol."""
TURN: Final = 30.0
"""Seconds after which no further person is begun with; the next round goes on."""
WAITS: Final = (1, 5, 30, 120, 600, 3600)
"""Seconds after a failure, the last one for all further ones."""
TRIED_FOR: Final = timedelta(days=1)
QUOTAS_TOLD_FROM: Final = 80
"""Percent from which `quotas` mails people by itself where ALERT_EMAIL is set."""
FOOT: Final = "How you are told is yours to choose: {}\n"


def mail_due(*, now: datetime) -> int:
    """Sends what is due; how many messages the server took. Nothing where there is no mail server."""
    _give_up(now)
    if not settings.ENV.sends_mail:
        return 0
    sent = 0
    seen: set[UUID] = set()
    until = time.monotonic() + TURN
    while time.monotonic() < until and (claimed := _claim(now, but=seen)):
        user_id = claimed[0].user_id
        seen.add(user_id)
        try:
            sent += _send(claimed, now)
        except mail.NotSent as error:
            _put_off(claimed, now)
            logger.warning("notifications_not_mailed", extra={"user_id": str(user_id), "reason": str(error)})
            if not error.is_the_recipients_fault:
                break
    return sent


def _due(now: datetime) -> Any:
    return Notification.objects.filter(mailed_at=None, mail_due_at__lte=now)


def _give_up(now: datetime) -> None:
    old = Notification.objects.filter(mailed_at=None, mail_due_at__isnull=False, created_at__lt=now - TRIED_FOR)
    if count := old.update(mail_due_at=None):
        logger.warning("notification_mails_given_up", extra={"count": count})


@transaction.atomic
def _claim(now: datetime, *, but: set[UUID]) -> list[Notification]:
    """What is due for one person, theirs for a while; nothing where nothing is due or others are at it."""
    rows = _due(now).exclude(user_id__in=but).select_for_update(skip_locked=True)
    first = rows.order_by("mail_due_at", "id").first()
    if first is None:
        return []
    claimed = list(rows.filter(user_id=first.user_id).order_by("created_at", "id")[:MOST])
    _rows(claimed).update(mail_due_at=now + CLAIM, mail_tries=F("mail_tries") + 1)
    return claimed


def _send(claimed: Sequence[Notification], now: datetime) -> int:
    """One message, else none where nobody is to get it; how many."""
    person = User.objects.filter(id=claimed[0].user_id, is_active=True).exclude(email="").first()
    wanted = [each for each in claimed if not _is_told_by_quotas(each)]
    if person is None or not wanted:
        _rows(claimed).update(mail_due_at=None)
        return 0
    mail.send(subject=_subject(wanted), text=_text(told(wanted)), to=[person.email])
    _rows(claimed).update(mailed_at=now, mail_due_at=None)
    return 1


def _put_off(claimed: Sequence[Notification], now: datetime) -> None:
    for each in claimed:
        wait = timedelta(seconds=WAITS[min(each.mail_tries, len(WAITS) - 1)])
        Notification.objects.filter(id=each.id, mailed_at=None).update(mail_due_at=now + wait)


def _rows(claimed: Sequence[Notification]) -> Any:
    return Notification.objects.filter(id__in=[each.id for each in claimed], mailed_at=None)


def _is_told_by_quotas(each: Notification) -> bool:
    """Of their own limits alone: those of teams and the like it tells to ALERT_EMAIL only."""
    is_own = each.kind == Kind.QUOTA and each.payload.get("of", OWN) == OWN
    return is_own and bool(settings.ENV.alert_email) and each.payload["percent"] >= QUOTAS_TOLD_FROM


def _subject(rows: Sequence[Notification]) -> str:
    """Never with a name in it."""
    what = SUBJECTS[Kind(rows[0].kind)] if len(rows) == 1 else counted(len(rows), "notification")
    return f"LLM Playground: {what}"


def _text(rows: Sequence[Told]) -> str:
    parts = [
        f"{each.words.sentence}\n{each.row.created_at:%Y-%m-%d %H:%M} UTC\n{_address(each.words.path)}\n"
        for each in rows
    ]
    return "\n".join([*parts, FOOT.format(_address("/settings/notifications"))])


def _address(path: str) -> str:
    """Whole where the service knows its own address."""
    return one_line(f"{settings.ENV.public_url.rstrip('/')}{path}")
