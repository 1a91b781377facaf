"""Background work of sessions; each task is harmless when run twice."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from history.artifacts import lifecycle
from history.artifacts.making import make
from history.artifacts.sweeping import sweep
from history.importing.background.making import make as import_made
from history.models import SessionImportArtifact
from playground.attachments.sweeping import sweep as sweep_files
from playground.models import PromptExecution
from privacy.holds import free, held_keys
from sessions_app.models import KEPT_AFTER_DELETION, PlaygroundSession

logger = logging.getLogger(__name__)

REMOVED_AT_ONCE = 1_000

RING_AGAIN = 5.0
"""Seconds between two looks for artifacts that nobody makes; a ring that was not heard by then is void."""


@shared_task
def make_artifact(*, artifact_id: str, **kwargs: Any) -> None:
    """Makes a large export."""
    make(UUID(artifact_id))


@shared_task
def make_import(*, artifact_id: str, **kwargs: Any) -> None:
    """Makes a large import."""
    import_made(UUID(artifact_id))


@shared_task
def ring_for_artifacts(**kwargs: Any) -> None:
    """Rings again for exports and imports whose task was lost, or whose worker has died."""
    for artifact_id in lifecycle.waiting(now=timezone.now()).values_list("id", flat=True)[:100]:
        make_artifact.apply_async(kwargs={"artifact_id": str(artifact_id)}, expires=2 * RING_AGAIN)
    imports = lifecycle.waiting(now=timezone.now(), kind=SessionImportArtifact)
    for artifact_id in imports.values_list("id", flat=True)[:100]:
        make_import.apply_async(kwargs={"artifact_id": str(artifact_id)}, expires=2 * RING_AGAIN)


@shared_task
def sweep_artifacts(**kwargs: Any) -> None:
    """Removes exports that have expired, and files of imports that have ended."""
    if removed := sweep(now=timezone.now()):
        logger.info("artifacts_removed", extra={"files": removed})


@shared_task
def remove_deleted(**kwargs: Any) -> None:
    """Removes sessions that were deleted 30 days ago, with their executions and what only these were sent.

    What a legal hold covers stays, and so does the session that it lies in.
    """
    over = PlaygroundSession.objects.filter(deleted_at__lt=timezone.now() - KEPT_AFTER_DELETION)
    for session_id in over.exclude(pk__in=held_keys(PlaygroundSession)).values_list("id", flat=True):
        while _removed_some(session_id):
            pass
    sweep_files(now=timezone.now())


@transaction.atomic
def _removed_some(session_id: UUID) -> bool:
    """Some at a time, and the session at last: it may hold very many, and each has its comments and ratings below it.

    Whether there is more to do; False also where a hold has come meanwhile.
    """
    session = free(PlaygroundSession.objects.filter(id=session_id)).first()
    if session is None:
        return False
    executions = PromptExecution.objects.filter(session=session)
    if ids := list(executions.values_list("id", flat=True)[:REMOVED_AT_ONCE]):
        executions.filter(id__in=ids).delete()
        return True
    session.delete()
    return False
