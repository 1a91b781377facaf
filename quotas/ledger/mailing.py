"""Shares of limits that were reached, told by mail: all to ALERT_EMAIL, and 80 and 100 % of a person's own to them.

Once each, noted in the row after the server has taken it: who is killed between tells once more. Of several shares of
one measure the highest is told. Without ALERT_EMAIL nobody is sent anything.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import User
from foundation import mail
from foundation.words import number
from quotas.ledger.setting import name_of
from quotas.models import Measure, QuotaAlert, SubjectKind

logger = logging.getLogger(__name__)

TRIED_FOR: Final = timedelta(days=7)
TRIED_FOR_A_PERSON: Final = timedelta(days=1)
"""Their address may be one that takes nothing."""
FROM_PERCENT: Final = 80
"""Of a person's own limit, that they are told of."""
MOST: Final = 500
"""Shares of one message."""
_LOCK: Final = "SELECT pg_try_advisory_xact_lock(hashtext('mail quotas'), hashtext(%s))"


def mail_due(*, now: datetime) -> None:
    """Tells whoever is to be told, and was not; where the server is away, the next round tries it again."""
    to = settings.ENV.alert_email
    if not to:
        return
    try:
        _tell_operators(to, now)
        _tell_people(now)
    except mail.NotSent as error:
        logger.warning("quota_alerts_not_mailed", extra={"reason": str(error)})


def _tell_operators(to: tuple[str, ...], now: datetime) -> None:
    with transaction.atomic():
        if not _is_mine("operators"):
            return
        untold = QuotaAlert.objects.filter(told_at=None, reached_at__gt=now - TRIED_FOR)
        due = list(untold.select_related("usage").order_by("id")[:MOST])
        if not due:
            return
        lines = [
            f"{name_of(SubjectKind(each.usage.subject_kind), each.usage.subject_id)}: {_line(each)}"
            for each in _highest(due)
        ]
        subject = f"{len(lines)} quota{'' if len(lines) == 1 else 's'} of the LLM Playground"
        mail.send(subject=subject, text="\n".join(lines) + "\n", to=to)
        QuotaAlert.objects.filter(id__in=[each.id for each in due]).update(told_at=now)


def _tell_people(now: datetime) -> None:
    ids = _untold_people(now).values_list("usage__subject_id", flat=True).distinct()
    for person in User.objects.filter(id__in=list(ids), is_active=True).exclude(email="").order_by("id"):
        try:
            _tell(person, now)
        except mail.NotSent as error:
            if not error.is_the_recipients_fault:
                raise
            logger.warning("quota_alert_refused", extra={"user_id": str(person.id), "reason": str(error)})


@transaction.atomic
def _tell(person: User, now: datetime) -> None:
    if not _is_mine(str(person.id)):
        return
    theirs = _untold_people(now).filter(usage__subject_id=str(person.id))
    due = list(theirs.select_related("usage").order_by("id"))
    if not due:
        return
    lines = "\n".join(map(_line, _highest(due)))
    text = f"Of what you may use in the LLM Playground:\n\n{lines}\n\nWhat is left stands at /settings/usage.\n"
    mail.send(subject="Your quota of the LLM Playground", text=text, to=[person.email])
    QuotaAlert.objects.filter(id__in=[each.id for each in due]).update(person_told_at=now)


def _untold_people(now: datetime) -> QuerySet[QuotaAlert]:
    return QuotaAlert.objects.filter(
        person_told_at=None,
        percent__gte=FROM_PERCENT,
        reached_at__gt=now - TRIED_FOR_A_PERSON,
        usage__subject_kind=SubjectKind.USER,
    )


def _is_mine(name: str) -> bool:
    """Whether nobody else sends this at the moment; until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [name])
        return bool(cursor.fetchone()[0])


def _highest(due: Iterable[QuotaAlert]) -> list[QuotaAlert]:
    """Of each limit's measure the highest share."""
    found: dict[tuple[int, str], QuotaAlert] = {}
    for each in due:
        before = found.get((each.usage_id, each.measure))
        if before is None or each.percent > before.percent:
            found[each.usage_id, each.measure] = each
    return list(found.values())


def _line(each: QuotaAlert) -> str:
    used = getattr(each.usage, each.measure)
    amount = f"{number(used.normalize())} USD" if each.measure == Measure.COST else f"{number(used)} {each.measure}"
    return (
        f"{each.percent} % of the {each.measure} of the {each.usage.period} from {each.usage.starts_on}: {amount} used"
    )
