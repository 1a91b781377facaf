"""The making of one file, by whoever holds its lease; and the sweep of those that have expired."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO, Final
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from foundation.sealing.encryption import StoreAway
from foundation.sealing.files.storing import sealed_file, store
from foundation.sealing.files.sweeping import is_removed, remove_strays
from privacy.holds import free
from privacy.models import OwnData
from privacy.own_data.archive import archive
from privacy.own_data.ordering import UNFINISHED

logger = logging.getLogger(__name__)

Status = OwnData.Status
LEASE: Final = timedelta(seconds=60)
EVERY: Final = 5.0
"""Seconds between two looks at the lease."""
MOST_ATTEMPTS: Final = 3
AWAY: Final = "The object store was away. Ask for the file again later."
REMEMBERED: Final = timedelta(days=7)


class LeaseLost(Exception):
    """Somebody else makes it now."""


class _Lease:
    """Who makes it: renewed as records are written."""

    def __init__(self, own_data_id: UUID, ends: datetime) -> None:
        self.id, self.ends = own_data_id, ends
        self.rows = 0
        self._looked = time.monotonic()

    def rows_of(self) -> QuerySet[OwnData]:
        """The row, while it is ours."""
        return OwnData.objects.filter(id=self.id, status=Status.RUNNING, lease_expires_at=self.ends)

    def done(self, rows: int) -> None:
        """So many more; raises LeaseLost as soon as the lease is another's."""
        self.rows += rows
        if time.monotonic() - self._looked < EVERY:
            return
        self._looked = time.monotonic()
        ends = timezone.now() + LEASE
        if not self.rows_of().update(lease_expires_at=ends, rows_done=self.rows):
            raise LeaseLost
        self.ends = ends


def make(own_data_id: UUID) -> None:
    """Makes it, unless somebody else is at it."""
    lease = _claimed(own_data_id)
    if lease is None:
        return
    row = OwnData.objects.select_related("user").get(id=own_data_id)
    size = 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for piece in archive(row.user, now=timezone.now(), done=lease.done):
            size += len(piece)
            yield piece

    try:
        with sealed_file(row, counted()) as file:
            _store(row, file)
    except LeaseLost:
        return
    except OperationalError:
        raise  # the lease runs out, and another worker begins anew
    except Exception as error:  # whatever a storage raises: its libraries share no class
        logger.exception("own_data_failed", extra={"own_data": str(own_data_id), "reason": type(error).__name__})
        reason = AWAY if isinstance(error, StoreAway) else "The file could not be made."
        lease.rows_of().update(status=Status.FAILED, error=reason, lease_expires_at=None)
        return
    made = {"storage_name": row.storage_name, "sealed_with": row.sealed_with, "size": size, "rows_done": lease.rows}
    if not lease.rows_of().update(status=Status.COMPLETED, lease_expires_at=None, **made):
        is_removed(row.storage_name)


def _store(row: OwnData, file: IO[bytes]) -> None:
    try:
        store(row, file)
    except Exception as error:  # whatever a storage raises: its libraries share no class
        raise StoreAway("The object store did not take the file.") from error


def _claimed(own_data_id: UUID) -> _Lease | None:
    now = timezone.now()
    rows = waiting(now=now).filter(id=own_data_id, attempts__lt=MOST_ATTEMPTS)
    ends = now + LEASE
    taken = rows.update(status=Status.RUNNING, lease_expires_at=ends, attempts=F("attempts") + 1, rows_done=0)
    return _Lease(own_data_id, ends) if taken else None


def waiting(*, now: datetime) -> QuerySet[OwnData]:
    """Those that nobody makes."""
    return OwnData.objects.filter(Q(status=Status.PENDING) | Q(status=Status.RUNNING, lease_expires_at__lt=now))


def sweep(*, now: datetime) -> int:
    """Removes files that have expired, their rows a week later, and gives up what cannot be made; files that went."""
    over = waiting(now=now).filter(attempts__gte=MOST_ATTEMPTS)
    over.update(status=Status.FAILED, error="The file could not be made.", lease_expires_at=None)
    removed = 0
    expired = OwnData.objects.filter(expires_at__lte=now).exclude(status__in=UNFINISHED)
    for key in expired.exclude(storage_name="").values_list("pk", flat=True):
        removed += _is_without_file(expired.filter(pk=key))
    with transaction.atomic():
        free(expired.filter(expires_at__lte=now - REMEMBERED)).delete()
    return removed + remove_strays(OwnData, now=now)


@transaction.atomic
def _is_without_file(rows: QuerySet[OwnData]) -> bool:
    """What a hold covers stays: of somebody who is half erased, it is all that is left."""
    row = free(rows).first()
    if row is None or not is_removed(row.storage_name):
        return False
    return bool(rows.update(storage_name="", sealed_with=""))
