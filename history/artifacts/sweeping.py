"""What has had its time: files of expired artifacts, their rows a week later, files that no row knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from foundation.sealing.files.sweeping import is_removed, remove_strays
from history.artifacts import lifecycle
from history.models import ExportArtifact

REMEMBERED: Final = timedelta(days=7)
"""For so long a link that has expired says that it has."""


def sweep(*, now: datetime) -> int:
    """Removes all of it, and gives up what nobody could finish; the number of files that went."""
    lifecycle.give_up(now=now)
    expired = ExportArtifact.objects.filter(expires_at__lte=now)
    removed = 0
    for artifact in expired.exclude(storage_name="").iterator():
        if is_removed(artifact.storage_name):
            ExportArtifact.objects.filter(id=artifact.id).update(storage_name="")
            removed += 1
    # What could not be removed is a stray once its row has gone, and tried again as one.
    expired.filter(expires_at__lte=now - REMEMBERED).delete()
    return removed + remove_strays(ExportArtifact, now=now)
