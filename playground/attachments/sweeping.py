"""Files that nobody needs any more: uploaded and never sent, or sent in executions that are gone."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from playground.attachments.storing import FOLDER
from playground.models import Attachment

logger = logging.getLogger(__name__)

STRAY_AFTER: Final = timedelta(hours=1)
"""A file without a row may be one that is being stored."""


def sweep(*, now: datetime) -> int:
    """Removes them, and files that no row knows; the number of files that went."""
    removed = 0
    for attachment in Attachment.objects.unused().filter(expires_at__lte=now).iterator():
        if _forget(attachment, now):
            removed += _removed(attachment.storage_name)
    return removed + _remove_strays(now)


def _forget(attachment: Attachment, now: datetime) -> bool:
    try:
        with transaction.atomic():
            same = Attachment.objects.unused().filter(id=attachment.id, expires_at__lte=now)
            return bool(same._raw_delete(same.db))
    except IntegrityError:
        return False  # an execution was sent it in this very moment


def _remove_strays(now: datetime) -> int:
    """Files of processes that died after storing, of users who are gone, and what could not be removed before."""
    try:
        _, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    return sum(_is_stray(f"{FOLDER}/{name}", name[:36], now) and _removed(f"{FOLDER}/{name}") for name in names)


def _is_stray(path: str, attachment_id: str, now: datetime) -> bool:
    try:
        is_known = Attachment.objects.filter(id=UUID(attachment_id), storage_name=path).exists()
    except ValueError:
        return False  # not one of ours
    return not is_known and default_storage.get_modified_time(path) <= now - STRAY_AFTER


def _removed(path: str) -> bool:
    """Whether the storage has removed it; one that it does not let go keeps no other."""
    try:
        default_storage.delete(path)
    except Exception as error:  # whatever a storage raises: its libraries share no class
        logger.warning("file_not_removed", extra={"file": path, "reason": type(error).__name__})
        return False
    return True
