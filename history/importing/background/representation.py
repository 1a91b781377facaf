"""A large import in JSON (api.md, "Sessions")."""

from __future__ import annotations

from typing import Any

from history.artifacts.representation import progress_of
from history.models import SessionImportArtifact


def import_json(artifact: SessionImportArtifact) -> dict[str, Any]:
    """State and progress (0 to 1), and once it has ended what came of it."""
    outcome = artifact.outcome or {}
    return {
        "id": artifact.id,
        "kind": "import",
        "status": artifact.status,
        "progress": progress_of(artifact),
        "format": outcome.get("format", artifact.format),
        "size": artifact.size,
        "dry_run": artifact.is_dry,
        "sessions": outcome.get("sessions", []),
        "notes": outcome.get("notes", []),
        "error": (outcome.get("detail") or artifact.error) if artifact.error else None,
        "faults": outcome.get("errors", []),
        "created_at": artifact.created_at,
        "expires_at": artifact.expires_at,
    }
