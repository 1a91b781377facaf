"""An export too large to wait for: its artifact is ordered once, however often it is asked for."""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from foundation.problems import Problem
from foundation.tasks import send_task
from history.artifacts.lifecycle import KEPT
from history.export.selection import Selection
from history.models import ExportArtifact
from sessions_app.models import PlaygroundSession

logger = logging.getLogger(__name__)

AT_ONCE: Final = 5
"""Unfinished artifacts of one user."""
UNFINISHED: Final = (ExportArtifact.Status.PENDING, ExportArtifact.Status.RUNNING)


@transaction.atomic
def order(
    *, user: User, session: PlaygroundSession, format_name: str, selection: Selection, rows: int
) -> ExportArtifact:
    """The artifact that will hold this export: an equal one that is still being made, else a new one."""
    User.objects.select_for_update(no_key=True).get(id=user.id)  # two equal orders at once are one
    unfinished = ExportArtifact.objects.filter(user=user, status__in=UNFINISHED)
    filters = selection.as_json()
    same = unfinished.filter(session=session, format=format_name, filters=filters).first()
    if same is not None:
        return same
    if unfinished.count() >= AT_ONCE:
        detail = f"{AT_ONCE} exports of yours are being made. Wait until one of them is done."
        raise Problem(429, "too_many_exports", detail, headers={"Retry-After": "30"})
    now = timezone.now()
    return ExportArtifact.objects.create(
        session=session,
        user=user,
        format=format_name,
        filters=filters,
        rows_total=rows,
        created_at=now,
        expires_at=now + KEPT,
    )


def ring(artifact_id: UUID) -> None:
    """Tells a worker of an artifact. The row is what counts: a ring that is lost is followed by another in seconds."""
    if not send_task("history.tasks.make_artifact", artifact_id=str(artifact_id)):
        logger.warning("ring_lost", extra={"artifact": str(artifact_id)})
