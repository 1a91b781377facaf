"""Who names files without uploading them: executions that are copied or imported, and versions of templates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from accounts.models import User
from playground.attachments.references import as_uuid, ids_in
from playground.models import Attachment, AttachmentInVersion, AttachmentUse, PromptExecution
from templates_app.call.artifacts import artifact_ids
from templates_app.models import TemplateVersion
from templates_app.versions.made import version_made


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


def connect() -> None:
    """Has `note_version` called for every version that is made."""
    version_made.connect(note_version, sender=TemplateVersion, dispatch_uid="playground.attachments")


def note_version(version: TemplateVersion, **_: Any) -> None:
    """Ties a version to the files that it names and that its author may see; who may read it, sees them from now on."""
    named = [key for each in artifact_ids(version.content) if (key := as_uuid(each))]
    if not named or version.author is None:
        return
    allowed = Attachment.objects.visible_to(version.author).filter(id__in=named)
    AttachmentInVersion.objects.bulk_create(AttachmentInVersion(attachment=each, version=version) for each in allowed)
