"""An import too large to wait for: its file is kept, sealed, and a worker told."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.utils import timezone

from accounts.models import User
from foundation.problems import Problem, unavailable
from foundation.sealing.files.storing import sealed_file, store
from foundation.sealing.files.sweeping import is_removed
from foundation.tasks import send_task
from history.artifacts.ordering import UNFINISHED
from history.models import SessionImportArtifact

logger = logging.getLogger(__name__)

KEPT: Final = timedelta(hours=24)
"""For so long what came of it can be asked for."""
AT_ONCE: Final = 3
"""Unfinished imports of one user."""
PIECE: Final = 256 * 1024


def order(
    *, user: User, pieces: Iterable[bytes], size: int, format_name: str, is_dry: bool = False
) -> SessionImportArtifact:
    """The import of the file that `pieces` make up; a Problem (429, 503) when it cannot be kept."""
    unfinished = SessionImportArtifact.objects.filter(user=user, status__in=UNFINISHED)
    if unfinished.count() >= AT_ONCE:
        detail = f"{AT_ONCE} imports of yours are being made. Wait until one of them is done."
        raise Problem(429, "too_many_imports", detail, headers={"Retry-After": "30"})
    now = timezone.now()
    made = SessionImportArtifact(
        user=user, format=format_name, is_dry=is_dry, size=size, created_at=now, expires_at=now + KEPT
    )
    with sealed_file(made, pieces) as file:
        try:
            store(made, file)
        except Exception as error:  # whatever a storage raises: its libraries share no class
            logger.warning("storage_refused", extra={"artifact": str(made.id), "reason": type(error).__name__})
            raise unavailable("The object store is away for a moment.") from None
    try:
        made.save(force_insert=True)
    except BaseException:
        is_removed(made.storage_name)
        raise
    if not send_task("history.tasks.make_import", artifact_id=str(made.id)):
        logger.warning("ring_lost", extra={"artifact": str(made.id)})
    return made


def pieces_of(data: bytes) -> Iterable[bytes]:
    """Bytes in pieces."""
    return (data[start : start + PIECE] for start in range(0, len(data), PIECE))
