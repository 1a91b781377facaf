"""What becomes of a person's exports and imports when they are erased."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Q

from foundation.sealing.files.sweeping import is_removed
from history.models import ExportArtifact, SessionImport, SessionImportArtifact
from privacy.erasure.steps import NotYet, Stage, register, removed


def declare() -> None:
    """To be called when the app is ready."""
    register(Stage.CONTENT, "exports", _exports)
    register(Stage.CONTENT, "imports", _imports)
    register(Stage.COPIES, "figures that are remembered", _figures)


def _exports(user_id: UUID) -> int:
    """Their own, and those that others have made of their sessions."""
    return _with_files(ExportArtifact.objects.filter(Q(user_id=user_id) | Q(session__user_id=user_id)))


def _imports(user_id: UUID) -> int:
    artifacts = _with_files(SessionImportArtifact.objects.filter(user_id=user_id))
    return artifacts + removed(SessionImport.objects.filter(user_id=user_id))


def _with_files(rows: Any) -> int:
    some = list(rows[:50])
    for row in some:
        if row.storage_name and not is_removed(row.storage_name):
            raise NotYet("The object store does not let a file go.")
        row.delete()
    return len(some)


def _figures(user_id: UUID) -> int:
    """Of all sessions: they are computed again in a moment."""
    cache.delete_pattern("analytics:*")  # type: ignore[attr-defined]
    return 0
