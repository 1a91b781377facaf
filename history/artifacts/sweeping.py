"""What has had its time: files of expired artifacts, their rows a week later, files that no row knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from foundation.sealing.files.sweeping import is_removed, remove_strays
from history.artifacts import lifecycle
from history.artifacts.ordering import UNFINISHED
from history.models import ExportArtifact, SessionImportArtifact
from privacy.holds import free

REMEMBERED: Final = timedelta(days=7)
"""For so long a link that has expired says that it has."""


def sweep(*, now: datetime) -> int:
    """Removes all of it, and gives up what nobody could finish; the number of files that went."""
    lifecycle.give_up(now=now)
    return _sweep_exports(now) + _sweep_imports(now)


def _sweep_imports(now: datetime) -> int:
    """Files of imports that have ended go whenever that was; what came of them is remembered as long as exports are."""
    lifecycle.give_up(now=now, kind=SessionImportArtifact)
    over = SessionImportArtifact.objects.exclude(status__in=UNFINISHED)
    removed = _without_files(over)
    with transaction.atomic():
        free(over.filter(expires_at__lte=now)).delete()
    return removed + remove_strays(SessionImportArtifact, now=now)


def _sweep_exports(now: datetime) -> int:
    removed = _without_files(ExportArtifact.objects.filter(expires_at__lte=now))
    # What could not be removed is a stray once its row has gone, and tried again as one.
    with transaction.atomic():
        free(ExportArtifact.objects.filter(expires_at__lte=now - REMEMBERED)).delete()
    return removed + remove_strays(ExportArtifact, now=now)


def _without_files(rows: QuerySet[Any]) -> int:
    """Removes the files of those that no hold covers; how many went."""
    return sum(
        _is_without_file(rows.filter(pk=key)) for key in rows.exclude(storage_name="").values_list("pk", flat=True)
    )


@transaction.atomic
def _is_without_file(rows: QuerySet[Any]) -> bool:
    artifact = free(rows).first()
    if artifact is None or not is_removed(artifact.storage_name):
        return False
    return bool(rows.update(storage_name="", sealed_with=""))
