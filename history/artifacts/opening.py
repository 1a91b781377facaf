"""A finished artifact's contents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from foundation.problems import Problem
from foundation.sealing.files import opening
from history.models import ExportArtifact


def contents(artifact: ExportArtifact, *, now: datetime) -> Iterator[bytes]:
    """The plain bytes; a problem (409, 410, 503) when there are none, known before anything is sent."""
    if artifact.status != ExportArtifact.Status.COMPLETED:
        raise Problem(409, "not_ready", artifact.error or "The export is not ready yet.")
    if artifact.expires_at <= now or not artifact.storage_name:
        raise Problem(410, "expired", "The export was kept for 24 hours. Ask for it again.")
    return opening.contents(artifact)
