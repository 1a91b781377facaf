"""Pictures and files that go with prompts: what each is, where it lies sealed, and who needs it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable
from django.utils import timezone

from foundation.sealing.fields import SealedJSONField
from foundation.sealing.files.row import SealedFile
from playground.models.execution import PromptExecution
from templates_app.models import PromptTemplate, TemplateVersion

if TYPE_CHECKING:
    from accounts.models import User


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Who sees which file: the one rule that every door starts from."""

    def visible_to(self, user: User) -> AttachmentQuerySet:
        """One's own, and those of executions and templates that one may read."""
        executions = PromptExecution.objects.visible_to(user)
        templates = PromptTemplate.objects.visible_to(user)
        sent = AttachmentUse.objects.filter(attachment_id=OuterRef("pk"), execution__in=executions)
        named = AttachmentInVersion.objects.filter(attachment_id=OuterRef("pk"), version__template__in=templates)
        return self.filter(Q(user=user) | Exists(sent) | Exists(named))

    def used(self) -> AttachmentQuerySet:
        """Those that some execution was sent, or some version of a template names."""
        return self.filter(_is_used())

    def unused(self) -> AttachmentQuerySet:
        """Those that nothing needs, or nothing that is still there."""
        return self.exclude(_is_used())


def _is_used() -> Combinable | Q:
    uses = (AttachmentUse.objects, AttachmentInVersion.objects)
    sent, named = (Exists(each.filter(attachment_id=OuterRef("pk"))) for each in uses)
    return sent | named


class Attachment(SealedFile):
    """A file as it was uploaded. Its bytes lie sealed in the object storage; what would tell what it is is sealed too.

    `fingerprint` is a keyed hash of the bytes: the same file of the same owner is kept once.
    """

    folder = "attachments"
    again = "Upload it again."

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    fingerprint = models.BinaryField(max_length=32)
    media_type = models.CharField(max_length=50)
    size = models.PositiveBigIntegerField()
    """Bytes."""
    facts: Any = SealedJSONField(empty=dict)
    """sha256, name, width and height (pixels), pages."""
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    """When it goes, unless something needs it."""

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        db_table = "attachments"
        indexes = [models.Index(fields=["expires_at"], name="attachments_by_expiry")]
        constraints = [models.UniqueConstraint(fields=["user", "fingerprint"], name="one_attachment_per_file")]

    def __str__(self) -> str:
        return f"{self.media_type} {self.id}"


class AttachmentUse(models.Model):
    """An execution that was sent a file: whoever may read the one may see the other."""

    id = models.BigAutoField(primary_key=True)
    attachment = models.ForeignKey(Attachment, on_delete=models.CASCADE, related_name="+")
    attachment_id: UUID
    execution = models.ForeignKey(PromptExecution, on_delete=models.CASCADE, db_index=False, related_name="+")
    execution_id: UUID

    class Meta:
        db_table = "attachment_uses"
        constraints = [models.UniqueConstraint(fields=["execution", "attachment"], name="one_use_per_execution")]

    def __str__(self) -> str:
        return f"{self.attachment_id} in {self.execution_id}"


class AttachmentInVersion(models.Model):
    """A version of a template that names a file of its author's: whoever may read the one may see the other."""

    id = models.BigAutoField(primary_key=True)
    attachment = models.ForeignKey(Attachment, on_delete=models.CASCADE, related_name="+")
    attachment_id: UUID
    version = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, db_index=False, related_name="+")
    version_id: UUID

    class Meta:
        db_table = "attachments_in_versions"
        constraints = [models.UniqueConstraint(fields=["version", "attachment"], name="one_naming_per_version")]

    def __str__(self) -> str:
        return f"{self.attachment_id} in {self.version_id}"
