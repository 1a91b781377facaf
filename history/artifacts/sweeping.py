"""What has had its time: files of expired artifacts, their rows a week later, files that no row knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from foundation.sealing.files.sweeping import is_removed, remove_strays
from history.artifacts import lifecycle
from history.artifacts.ordering import UNFINISHED
from history.models import ExportArtifact, SessionImportArtifact
from privacy.holds import held_keys

REMEMBERED: Final = timedelta(days=7)
"""For so long a link that has expired says that it has."""


def sweep(*, now: datetime) -> int:
    """Removes all of it, and gives up what nobody could finish; the number of files that went."""
    lifecycle.give_up(now=now)
    return _sweep_exports(now) + _sweep_imports(now)


def _sweep_imports(now: datetime) -> int:
    """Files of imports that have ended go whenever that was; what came of them is remembered as long as exports are."""
    lifecycle.give_up(now=now, kind=SessionImportArtifact)
    over = SessionImportArtifact.objects.exclude(status__in=UNFINISHED).exclude(pk__in=held_keys(SessionImportArtifact))
    removed = 0
    for artifact in over.exclude(storage_name="").iterator():
        if is_removed(artifact.storage_name):
            SessionImportArtifact.objects.filter(id=artifact.id).update(storage_name="", sealed_with="")
            removed += 1
    over.filter(expires_at__lte=now).delete()
    return removed + remove_strays(SessionImportArtifact, now=now)


def _sweep_exports(now: datetime) -> int:
    expired = ExportArtifact.objects.filter(expires_at__lte=now).exclude(pk__in=held_keys(ExportArtifact))
    removed = 0
    for artifact in expired.exclude(storage_name="").iterator():
        if is_removed(artifact.storage_name):
            ExportArtifact.objects.filter(id=artifact.id).update(storage_name="")
            removed += 1
    # What could not be removed is a stray once its row has gone, and tried again as one.
    expired.filter(expires_at__lte=now - REMEMBERED).delete()
    return removed + remove_strays(ExportArtifact, now=now)
