"""A file of one's own data: ordered once, however often it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from foundation.problems import Problem, not_found
from foundation.sealing.files import opening
from foundation.tasks import send_task
from privacy.models import OwnData

KEPT: Final = timedelta(hours=24)
KEPT_AFTER_ERASURE: Final = timedelta(days=7)
"""Whoever is erased cannot come and ask again."""
UNFINISHED: Final = (OwnData.Status.PENDING, OwnData.Status.RUNNING)


@transaction.atomic
def order(*, user: User, for_erasure: bool = False) -> OwnData:
    """The file that will hold it: the one that is being made, else a new one."""
    User.objects.select_for_update(no_key=True).get(id=user.id)  # two orders at once are one
    made = OwnData.objects.filter(user=user, status__in=UNFINISHED).first()
    now = timezone.now()
    if made is None:
        made = OwnData.objects.create(user=user, created_at=now, expires_at=now + KEPT)
    if for_erasure:
        OwnData.objects.filter(id=made.id).update(expires_at=now + KEPT_AFTER_ERASURE)
    return made


def ring(own_data_id: UUID) -> None:
    """Tells a worker, once this change is there. A ring that is lost is followed by another."""
    transaction.on_commit(lambda: send_task("privacy.tasks.make_own_data", own_data_id=str(own_data_id)))


def of_user(*, user: User, own_data_id: UUID) -> OwnData:
    """The person's own; a 404 problem for everybody else."""
    found = OwnData.objects.filter(id=own_data_id, user=user).first()
    if found is None:
        raise not_found("The file")
    return found


def contents(made: OwnData, *, now: datetime) -> Iterator[bytes]:
    """The ZIP's bytes; a problem (409, 410, 503) when there are none."""
    if made.status != OwnData.Status.COMPLETED:
        raise Problem(409, "not_ready", made.error or "The file is not ready yet.")
    if made.expires_at <= now or not made.storage_name:
        raise Problem(410, "expired", "The file was kept for its time and is gone. Ask for it again.")
    return opening.contents(made)
