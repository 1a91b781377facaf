"""Every status write of an artifact, an export or an import: pending → running → completed | failed.

Who makes it holds a lease. Each write is one conditional UPDATE, and its row count decides; the lease's end is at
the same time its holder's mark, so that one who was too slow and was relieved can neither renew nor complete.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Q, QuerySet

from foundation.sealing.files.row import SealedFile
from history.models import BackgroundWork, ExportArtifact, SessionImportArtifact

Status = BackgroundWork.Status
Kind = type[ExportArtifact] | type[SessionImportArtifact]

LEASE: Final = timedelta(seconds=12)
KEPT: Final = timedelta(hours=24)
MOST_ATTEMPTS: Final = 3
"""One that keeps killing its maker is not tried for ever."""
PATIENCE: Final = timedelta(hours=1)
"""After this long an artifact that nobody could finish has failed."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to make one artifact until `expires_at`."""

    artifact_id: UUID
    expires_at: datetime
    kind: Kind = ExportArtifact


def claim(artifact_id: UUID, *, now: datetime, kind: Kind = ExportArtifact) -> Lease | None:
    """The lease of an artifact that waits, or whose maker has died; None while somebody is at it, and after its end."""
    lease = Lease(artifact_id, now + LEASE, kind)
    waiting = _of(kind).filter(_waits(now), id=artifact_id)
    claimed = waiting.filter(attempts__lt=MOST_ATTEMPTS).update(
        status=Status.RUNNING,
        lease_expires_at=lease.expires_at,
        attempts=F("attempts") + 1,
        rows_done=0,
        error="",
    )
    return lease if claimed else None


def renew(lease: Lease, *, rows_done: int, now: datetime) -> Lease | None:
    """The lease prolonged, with the progress told; None when another one holds it."""
    renewed = replace(lease, expires_at=now + LEASE)
    done = _held(lease).update(lease_expires_at=renewed.expires_at, rows_done=rows_done)
    return renewed if done else None


def complete(lease: Lease, *, file: SealedFile, size: int, rows: int, now: datetime) -> bool:
    """Ends the making with the stored file of `size` plain bytes; False when another one holds the lease."""
    ended = _held(lease).update(
        status=Status.COMPLETED,
        storage_name=file.storage_name,
        sealed_with=file.sealed_with,
        size=size,
        rows_done=rows,
        rows_total=rows,
        lease_expires_at=None,
        expires_at=now + KEPT,
    )
    return bool(ended)


def fail(lease: Lease, *, reason: str) -> bool:
    """Ends the making without a file; False when another one holds the lease."""
    return bool(_held(lease).update(status=Status.FAILED, error=reason, lease_expires_at=None))


def imported(lease: Lease, *, outcome: dict[str, Any], rows: int) -> bool:
    """Ends an import, in the transaction that writes it; False when another one holds the lease."""
    row = SessionImportArtifact(id=lease.artifact_id)
    ended = _held(lease).update(
        status=Status.COMPLETED,
        outcome=row.sealed(outcome),
        rows_done=rows,
        rows_total=rows,
        lease_expires_at=None,
    )
    return bool(ended)


def refuse(lease: Lease, *, reason: str, outcome: dict[str, Any]) -> bool:
    """Ends an import that its file does not allow; `outcome` names the places."""
    row = SessionImportArtifact(id=lease.artifact_id)
    fields = {"error": reason[:255], "outcome": row.sealed(outcome), "lease_expires_at": None}
    return bool(_held(lease).update(status=Status.FAILED, **fields))


def waiting(*, now: datetime, kind: Kind = ExportArtifact) -> QuerySet[Any]:
    """Artifacts that somebody should take up."""
    return _of(kind).filter(_waits(now), created_at__gt=now - PATIENCE, attempts__lt=MOST_ATTEMPTS)


def give_up(*, now: datetime, kind: Kind = ExportArtifact) -> int:
    """Fails what nobody could finish in time or in three tries; how many."""
    waits = _of(kind).filter(_waits(now))
    overdue = waits.filter(Q(created_at__lte=now - PATIENCE) | Q(attempts__gte=MOST_ATTEMPTS))
    reason = "It could not be made. Ask for it again."
    return overdue.update(status=Status.FAILED, error=reason, lease_expires_at=None)


def _waits(now: datetime) -> Q:
    return Q(status=Status.PENDING) | Q(status=Status.RUNNING, lease_expires_at__lt=now)


def _of(kind: Kind) -> QuerySet[Any]:
    return kind._default_manager.all()


def _held(lease: Lease) -> QuerySet[Any]:
    return _of(lease.kind).filter(id=lease.artifact_id, status=Status.RUNNING, lease_expires_at=lease.expires_at)
