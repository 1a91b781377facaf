"""Anomalies told by mail to ALERT_EMAIL: once each, and again where the server did not take it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from analytics.anomalies.subjects import name_of
from analytics.models import Anomaly, SubjectKind
from foundation import mail

logger = logging.getLogger(__name__)

TRIED_FOR: Final = timedelta(days=7)
MOST: Final = 100
"""Of one message."""
_LOCK: Final = "SELECT pg_try_advisory_xact_lock(hashtext('mail'), hashtext('anomalies'))"


@transaction.atomic
def mail_due(*, now: datetime) -> int:
    """One message with a line for each that was not told of; how many those are.

    Who is killed between the sending and its note tells them once more; where the server is away, the next round tries.
    """
    to = settings.ENV.alert_email
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        if not to or not cursor.fetchone()[0]:
            return 0
    untold = Anomaly.objects.filter(told_at=None, dismissed_at=None, created_at__gt=now - TRIED_FOR)
    due = list(untold.order_by("id")[:MOST])
    if not due:
        return 0
    lines = "\n".join(map(_line, due))
    subject = f"{len(due)} anomal{'y' if len(due) == 1 else 'ies'} in the LLM Playground"
    try:
        mail.send(subject=subject, text=f"{lines}\n\nMore of each at /settings/anomalies.\n", to=to)
    except mail.NotSent as error:
        logger.warning("anomalies_not_mailed", extra={"reason": str(error)})
        return 0
    return Anomaly.objects.filter(id__in=[each.id for each in due]).update(told_at=now)


def _line(each: Anomaly) -> str:
    whose = name_of(SubjectKind(each.subject_kind), each.subject_id)
    begun, shown = f"{each.first_hour:%Y-%m-%d %H:%M} UTC", each.evidence
    if each.detail:
        return f"{begun}: {each.metric} of {whose}: {each.detail}"
    held = f"; held to {each.held_to} a day" if each.held_to and each.closed_at is None else ""
    return (
        f"{begun}: {each.metric} of {whose}: {shown.get('value')} in {shown.get('span')} h, usually"
        f" {shown.get('median')} (score {shown.get('score')}){held}"
    )
