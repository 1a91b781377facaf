"""The making of one artifact: rows to a sealed file, the file to the storage."""

from __future__ import annotations

import logging
import time
from typing import IO, Final
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone

from foundation.sealing.encryption import StoreAway
from foundation.sealing.files.storing import sealed_file, store
from foundation.sealing.files.sweeping import is_removed
from history.artifacts import lifecycle
from history.artifacts.lease import LeaseLost, LeaseRenewal
from history.export.registry import FORMATS
from history.export.rows import heading, rows
from history.export.selection import Selection
from history.models import ExportArtifact
from sessions_app.models import PlaygroundSession

logger = logging.getLogger(__name__)

PAUSES: Final = (1.0, 4.0)
"""Seconds before the storage is asked again."""


class CannotBeMade(Exception):
    """The message is for the one who asked."""


def make(artifact_id: UUID) -> None:
    """Makes the artifact, unless somebody else is at it; an end is written in every case but the database's absence."""
    lease = lifecycle.claim(artifact_id, now=timezone.now())
    if lease is None:
        return
    with LeaseRenewal(lease) as renewal:
        try:
            made, size = _made(artifact_id, renewal)
        except LeaseLost:
            return
        except OperationalError:
            raise  # the lease runs out, and another worker begins anew
        except Exception as error:
            logger.exception("export_failed", extra={"artifact": str(artifact_id)})
            reason = str(error) if isinstance(error, CannotBeMade) else "The file could not be made."
            lifecycle.fail(renewal.stop(), reason=reason)
            return
        lease = renewal.stop()
        is_mine = lifecycle.complete(lease, file=made, size=size, rows=renewal.rows_done, now=timezone.now())
    if not is_mine:
        is_removed(made.storage_name)


def _made(artifact_id: UUID, renewal: LeaseRenewal) -> tuple[ExportArtifact, int]:
    """The artifact, which knows where its file lies now, and the plain size."""
    artifact = ExportArtifact.objects.select_related("user", "session").get(id=artifact_id)
    if not PlaygroundSession.objects.visible_to(artifact.user).filter(id=artifact.session_id).exists():
        raise CannotBeMade("The session is no longer there for you.")
    chosen, selection = FORMATS[artifact.format], Selection.from_json(artifact.filters)
    found = rows(artifact.session, selection, until=artifact.created_at, with_feedback=chosen.has_feedback)
    plain = _Counted()
    chunks = chosen.write(heading(artifact.session), renewal.counted(found))
    try:
        with sealed_file(artifact, map(plain, chunks)) as file:
            _store(artifact, file)
    except StoreAway:
        raise CannotBeMade(
            "The object store, where some of the answers lie, is away. Ask for it again later."
        ) from None
    return artifact, plain.size


class _Counted:
    """Passes chunks on and counts their bytes."""

    def __init__(self) -> None:
        self.size = 0

    def __call__(self, chunk: bytes) -> bytes:
        self.size += len(chunk)
        return chunk


def _store(artifact: ExportArtifact, file: IO[bytes]) -> None:
    for pause in (*PAUSES, None):
        try:
            return store(artifact, file)
        except Exception as error:  # whatever a storage raises: its libraries share no class
            logger.warning("storage_refused", extra={"artifact": str(artifact.id), "reason": type(error).__name__})
            if pause is None:
                raise CannotBeMade("The object store did not take the file. Ask for it again later.") from None
            time.sleep(pause)
    raise AssertionError("the last try either returns or raises")
