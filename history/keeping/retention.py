"""How long exports and imports are kept, and how holds find them."""

from __future__ import annotations

from history.models import ExportArtifact, SessionImportArtifact
from privacy.holds import reaches
from privacy.keeping import ByItsClock, With, decide
from privacy.models import Covers


def declare() -> None:
    """To be called when the app is ready."""
    decide(ByItsClock("files 24 hours, rows 7 days"), "export_artifacts")
    decide(ByItsClock("files until they are read, rows 24 hours"), "import_artifacts")
    decide(With("playground_sessions"), "session_imports")
    for model in (ExportArtifact, SessionImportArtifact):
        reaches(model, Covers.USER, "user_id")
        reaches(model, Covers.ORGANISATION, "user__organisation")
    reaches(ExportArtifact, Covers.SESSION, "session_id")
    reaches(ExportArtifact, Covers.PROJECT, "session__project_id")
