"""An artifact in JSON (api.md, "Sessions")."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from history.models import BackgroundWork, ExportArtifact


def artifact_json(artifact: ExportArtifact, *, now: datetime) -> dict[str, Any]:
    """State and progress (0 to 1); the link is there while there is a file behind it."""
    is_ready = artifact.status == ExportArtifact.Status.COMPLETED and artifact.expires_at > now
    return {
        "id": artifact.id,
        "session_id": artifact.session_id,
        "status": artifact.status,
        "progress": progress_of(artifact),
        "format": artifact.format,
        "size": artifact.size if artifact.status == ExportArtifact.Status.COMPLETED else None,
        "download_url": f"/api/artifacts/{artifact.id}/download" if is_ready else None,
        "created_at": artifact.created_at,
        "expires_at": artifact.expires_at,
        "error": artifact.error or None,
    }


def progress_of(artifact: BackgroundWork) -> float:
    """0 to 1; not 1 before the end."""
    if artifact.status == BackgroundWork.Status.COMPLETED:
        return 1.0
    return min(0.99, round(artifact.rows_done / max(1, artifact.rows_total), 2))
