"""A person's exports and imports, for themselves."""

from __future__ import annotations

from history.models import ExportArtifact, SessionImport
from privacy.own_data.records import of_rows


def declare() -> None:
    """To be called when the app is ready."""
    of_rows(
        "exports",
        "Large exports that you have asked for; their content is that of your executions.",
        lambda user: ExportArtifact.objects.filter(user=user),
        "id", "session_id", "format", "status", "size", "created_at", "expires_at",
    )  # fmt: skip
    of_rows(
        "session_imports",
        "Sessions that you have brought from files.",
        lambda user: SessionImport.objects.filter(user=user),
        "session_id", "origin", "imported_at",
    )  # fmt: skip
