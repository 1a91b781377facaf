"""Executions that are made by other ways than a run (copies, imports), and the files that they name."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User
from playground.attachments.references import ids_in
from playground.models import Attachment, AttachmentUse, PromptExecution


def note_uses(executions: Iterable[PromptExecution], *, of: User) -> None:
    """Ties executions to the files that they name and that `of` may see.

    What was imported may name any artifact: naming it gives nobody a right to it.
    """
    named: list[tuple[UUID, UUID]] = [(row.id, key) for row in executions for key in ids_in(row.request or {})]
    if not named:
        return
    allowed = Attachment.objects.visible_to(of)
    there = set(allowed.filter(id__in={key for _, key in named}).values_list("id", flat=True))
    AttachmentUse.objects.bulk_create(
        (AttachmentUse(execution_id=row, attachment_id=key) for row, key in named if key in there),
        ignore_conflicts=True,
    )
