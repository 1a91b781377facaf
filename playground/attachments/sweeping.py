"""Files that nobody needs any more: uploaded and never sent, or sent in executions that are gone."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from foundation.sealing.files.sweeping import is_removed, remove_strays
from playground.models import Attachment
from privacy.holds import free, held_keys
from privacy.retention.kinds import Swept


def sweep(*, now: datetime) -> int:
    """Removes them, and files that no row knows; the number of files that went."""
    return tidy(now=now).files


def tidy(*, now: datetime) -> Swept:
    """The same, told in full. What the storage does not let go is a stray from then on, and tried again as one."""
    files = size = failed = 0
    expired = Attachment.objects.unused().filter(expires_at__lte=now)
    for attachment in expired.exclude(pk__in=held_keys(Attachment)).iterator(chunk_size=500):
        if _forget(attachment, now):
            is_gone = is_removed(attachment.storage_name)
            files, size, failed = files + is_gone, size + is_gone * attachment.size, failed + (not is_gone)
    return Swept(files + remove_strays(Attachment, now=now), size, failed)


def _forget(attachment: Attachment, now: datetime) -> bool:
    try:
        with transaction.atomic():
            same = free(Attachment.objects.unused().filter(id=attachment.id, expires_at__lte=now))
            return bool(same._raw_delete(same.db))
    except IntegrityError:
        return False  # an execution was sent it in this very moment
