"""Files that no row knows any more, and the removal of one."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.files.storage import default_storage

from foundation.sealing.files import bucket
from foundation.sealing.files.row import SealedFile

logger = logging.getLogger(__name__)

STRAY_AFTER: Final = timedelta(hours=1)
"""A file without a row may be one that is being stored."""


def is_removed(path: str) -> bool:
    """Removes it; whether the storage did. One that it does not let go keeps no other."""
    try:
        default_storage.delete(path)
    except Exception as error:  # whatever a storage raises: its libraries share no class
        logger.warning("file_not_removed", extra={"file": path, "reason": type(error).__name__})
        return False
    return True


def remove_strays(model: type[SealedFile], *, now: datetime) -> int:
    """Files of processes that died after storing, of rows that are gone, and what could not be removed before."""
    try:
        _, names = default_storage.listdir(model.folder)
    except FileNotFoundError:
        return 0
    except Exception as error:
        if not bucket.is_missing(error):
            raise
        return 0
    return sum(_is_stray(model, name, now) and is_removed(f"{model.folder}/{name}") for name in names)


def _is_stray(model: type[SealedFile], name: str, now: datetime) -> bool:
    path = f"{model.folder}/{name}"
    try:
        is_known = model._default_manager.filter(pk=UUID(name[:36]), storage_name=path).exists()
        return not is_known and default_storage.get_modified_time(path) <= now - STRAY_AFTER
    except (ValueError, FileNotFoundError):
        return False  # not one of ours, or gone meanwhile
