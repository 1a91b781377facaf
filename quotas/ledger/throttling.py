"""A user held to so much a day for a while: a limit of a kind of its own, beside those that people set.

All limits that an execution meets must have room, so that a throttle raises none, changes none, and leaves them as they
stood. It counts what begins after it. It is over at `ends_at` though nobody ends it: whoever holds it renews that.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit.acts import Act
from audit.recording import record
from quotas.ledger.forgetting import forget
from quotas.models import Period, QuotaLimit, QuotaUsage, SubjectKind

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('quota throttle'), hashtext(%s))"


def lock(user_id: UUID) -> None:
    """Has whoever else decides on this user's throttle wait until this transaction ends.

    To be taken before anything is written that the decision hangs on.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [str(user_id)])


def hold(user_id: UUID, *, cost: Decimal | None, executions: int | None, ends_at: datetime) -> None:
    """Holds them to so much a day (USD; None: this is not limited) until `ends_at`; changes what held them before."""
    fields = {"cost": cost, "executions": executions, "is_hard": True, "ends_at": ends_at}
    changed = _of(user_id).update(**fields, updated_at=timezone.now())
    if not changed:
        QuotaLimit.objects.create(
            subject_kind=SubjectKind.THROTTLE, subject_id=str(user_id), period=Period.DAY, **fields
        )
        _note(Act.THROTTLED, str(user_id))


def release(user_id: UUID) -> bool:
    """Ends it, with what it has counted; whether there was one."""
    gone, _ = _of(user_id).delete()
    if gone:
        forget(QuotaUsage.objects.filter(subject_kind=SubjectKind.THROTTLE, subject_id=str(user_id)))
        _note(Act.THROTTLE_ENDED, str(user_id))
    return bool(gone)


def held() -> set[str]:
    """Ids of the users that one was placed on, also where it is over by itself."""
    return set(QuotaLimit.objects.filter(subject_kind=SubjectKind.THROTTLE).values_list("subject_id", flat=True))


def _of(user_id: UUID) -> QuerySet[QuotaLimit]:
    return QuotaLimit.objects.filter(subject_kind=SubjectKind.THROTTLE, subject_id=str(user_id), period=Period.DAY)


def _note(act: Act, user_id: str) -> None:
    organisation = User.objects.filter(id=user_id).values_list("organisation", flat=True).first()
    record(act=act, kind="user", object_id=user_id, organisation=organisation or "")
