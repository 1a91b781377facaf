"""Files that no row knows any more, and the removal of one."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from django.core.files.storage import default_storage

from foundation.sealing.files import bucket
from foundation.sealing.files.row import SealedFile

logger = logging.getLogger(__name__)

STRAY_AFTER: Final = timedelta(hours=1)
"""A file without a row may be one that is being stored."""
AT_ONCE: Final = 500
"""Files that are looked for in one query."""


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
    paths = {f"{model.folder}/{name}": key for name in names if (key := _key_in(name)) is not None}
    listed = iter(paths)
    removed = 0
    while some := list(islice(listed, AT_ONCE)):
        keys = {paths[path] for path in some}
        known = set(model._base_manager.filter(pk__in=keys).values_list("storage_name", flat=True))
        removed += sum(path not in known and _is_old(path, now) and is_removed(path) for path in some)
    return removed


def _key_in(name: str) -> UUID | None:
    """The row's, which a file's name begins with; None where it is not one of ours."""
    try:
        return UUID(name[:36])
    except ValueError:
        return None


def _is_old(path: str, now: datetime) -> bool:
    try:
        return default_storage.get_modified_time(path) <= now - STRAY_AFTER
    except FileNotFoundError:
        return False  # gone meanwhile
