"""What has had its time: files of expired artifacts, their rows a week later, files that no row knows."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.files.storage import default_storage

from history.artifacts import lifecycle
from history.artifacts.making import FOLDER
from history.models import ExportArtifact

logger = logging.getLogger(__name__)

REMEMBERED: Final = timedelta(days=7)
"""For so long a link that has expired says that it has."""


def sweep(*, now: datetime) -> int:
    """Removes all of it, and gives up what nobody could finish; the number of files that went."""
    lifecycle.give_up(now=now)
    expired = ExportArtifact.objects.filter(expires_at__lte=now)
    removed = 0
    for artifact in expired.exclude(storage_name="").iterator():
        if _removed(artifact.storage_name):
            ExportArtifact.objects.filter(id=artifact.id).update(storage_name="")
            removed += 1
    # What could not be removed is a stray once its row has gone, and tried again as one.
    expired.filter(expires_at__lte=now - REMEMBERED).delete()
    return removed + _remove_strays()


def _remove_strays() -> int:
    """Files of workers that died after storing, and of users who are gone."""
    try:
        _, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    removed = 0
    for name in names:
        path = f"{FOLDER}/{name}"
        removed += _is_stray(path, name[:36]) and _removed(path)
    return removed


def _removed(path: str) -> bool:
    """Whether the storage has removed it; one that it does not let go keeps no other."""
    try:
        default_storage.delete(path)
    except Exception as error:  # whatever a storage raises: its libraries share no class
        logger.warning("file_not_removed", extra={"file": path, "reason": type(error).__name__})
        return False
    return True


def _is_stray(path: str, artifact_id: str) -> bool:
    try:
        artifact = ExportArtifact.objects.filter(id=UUID(artifact_id)).first()
    except ValueError:
        return False  # not one of ours
    is_being_made = artifact is not None and artifact.status == ExportArtifact.Status.RUNNING
    return not is_being_made and (artifact is None or artifact.storage_name != path)
