"""A finished artifact's contents, out of the storage and out of their seal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.core.files.storage import default_storage

from foundation.problems import Problem, unavailable
from foundation.sealing.encryption import CannotDecrypt
from foundation.sealing.frames import opened
from history.models import ExportArtifact

logger = logging.getLogger(__name__)


def contents(artifact: ExportArtifact, *, now: datetime) -> Iterator[bytes]:
    """The plain bytes; a problem (409, 410, 503) when there are none, known before anything is sent."""
    if artifact.status != ExportArtifact.Status.COMPLETED:
        raise Problem(409, "not_ready", artifact.error or "The export is not ready yet.")
    if artifact.expires_at <= now or not artifact.storage_name:
        raise Problem(410, "expired", "The export was kept for 24 hours. Ask for it again.")
    frames = _frames(artifact)
    try:
        return chain([next(frames)], frames)
    except (FileNotFoundError, CannotDecrypt) as error:
        logger.warning("artifact_lost", extra={"artifact": str(artifact.id), "reason": type(error).__name__})
        raise Problem(410, "lost", "The file can no longer be opened. Ask for it again.") from None
    except Exception as error:  # whatever a storage raises: its libraries share no class
        logger.warning("storage_refused", extra={"artifact": str(artifact.id), "reason": type(error).__name__})
        raise unavailable("The object store is away for a moment.") from None


def _frames(artifact: ExportArtifact) -> Iterator[bytes]:
    with default_storage.open(artifact.storage_name) as file:
        yield from opened(file, place=artifact.place)
