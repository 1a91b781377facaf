"""The making of one artifact: rows to a sealed file, the file to the storage."""

from __future__ import annotations

import logging
import tempfile
import time
from typing import IO, Final
from uuid import UUID, uuid4

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone

from foundation.sealing.frames import sealed
from history.artifacts import lifecycle
from history.artifacts.lease import LeaseLost, LeaseRenewal
from history.export.registry import FORMATS
from history.export.rows import heading, rows
from history.export.selection import Selection
from history.models import ExportArtifact
from sessions_app.models import PlaygroundSession

logger = logging.getLogger(__name__)

FOLDER: Final = "exports"
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
            name, size = _made(artifact_id, renewal)
        except LeaseLost:
            return
        except OperationalError:
            raise  # the lease runs out, and another worker begins anew
        except Exception as error:
            logger.exception("export_failed", extra={"artifact": str(artifact_id)})
            reason = str(error) if isinstance(error, CannotBeMade) else "The file could not be made."
            lifecycle.fail(renewal.stop(), reason=reason)
            return
        is_mine = lifecycle.complete(
            renewal.stop(), storage_name=name, size=size, rows=renewal.rows_done, now=timezone.now()
        )
    if not is_mine:
        default_storage.delete(name)


def _made(artifact_id: UUID, renewal: LeaseRenewal) -> tuple[str, int]:
    """The name in the storage, and the plain size."""
    artifact = ExportArtifact.objects.select_related("user", "session").get(id=artifact_id)
    if not PlaygroundSession.objects.visible_to(artifact.user).filter(id=artifact.session_id).exists():
        raise CannotBeMade("The session is no longer there for you.")
    with tempfile.TemporaryFile() as file:
        size = _write(artifact, file, renewal)
        return _store(artifact, file), size


def _write(artifact: ExportArtifact, file: IO[bytes], renewal: LeaseRenewal) -> int:
    selection = Selection.from_json(artifact.filters)
    found = rows(artifact.session, selection, until=artifact.created_at)
    plain = _Counted()
    chunks = FORMATS[artifact.format].write(heading(artifact.session), renewal.counted(found))
    for frame in sealed(map(plain, chunks), place=artifact.place):
        file.write(frame)
    return plain.size


class _Counted:
    """Passes chunks on and counts their bytes."""

    def __init__(self) -> None:
        self.size = 0

    def __call__(self, chunk: bytes) -> bytes:
        self.size += len(chunk)
        return chunk


def _store(artifact: ExportArtifact, file: IO[bytes]) -> str:
    name = f"{FOLDER}/{artifact.id}-{uuid4().hex}"
    for pause in (*PAUSES, None):
        file.seek(0)
        try:
            return default_storage.save(name, File(file))
        except Exception as error:  # whatever a storage raises: its libraries share no class
            logger.warning("storage_refused", extra={"artifact": str(artifact.id), "reason": type(error).__name__})
            if pause is None:
                raise CannotBeMade("The object store did not take the file. Ask for it again later.") from None
            time.sleep(pause)
    raise AssertionError("the last try either returns or raises")
