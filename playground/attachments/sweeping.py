"""Files that nobody needs any more: uploaded and never sent, or sent in executions that are gone."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from foundation.sealing.files.sweeping import is_removed, remove_strays
from playground.models import Attachment


def sweep(*, now: datetime) -> int:
    """Removes them, and files that no row knows; the number of files that went."""
    removed = 0
    for attachment in Attachment.objects.unused().filter(expires_at__lte=now).iterator():
        if _forget(attachment, now):
            removed += is_removed(attachment.storage_name)
    return removed + remove_strays(Attachment, now=now)


def _forget(attachment: Attachment, now: datetime) -> bool:
    try:
        with transaction.atomic():
            same = Attachment.objects.unused().filter(id=attachment.id, expires_at__lte=now)
            return bool(same._raw_delete(same.db))
    except IntegrityError:
        return False  # an execution was sent it in this very moment
