"""Large exports of a session, made in the background; and what was imported from where."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.database.json_field import JSONField
from foundation.sealing.encryption import keyring
from foundation.sealing.fields import Sealed, SealedJSONField
from foundation.sealing.files.row import SealedFile
from sessions_app.models import PlaygroundSession


class BackgroundWork(SealedFile):
    """What a worker does while it holds a lease: how far it is, and until when it is remembered."""

    class Status(models.TextChoices):
        """pending → running → completed | failed."""

        PENDING = "pending"
        RUNNING = "running"
        COMPLETED = "completed"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    error = models.CharField(max_length=255, blank=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    """Bytes."""
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    """Until when a worker is believed to be at it; after that another one takes it up from the start."""
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        abstract = True


class ExportArtifact(BackgroundWork):
    """A large export made in the background: its state, and where it lies until it expires."""

    folder = "exports"
    again = "Ask for it again."

    session = models.ForeignKey(PlaygroundSession, on_delete=models.CASCADE, related_name="+")
    session_id: UUID
    format = models.CharField(max_length=20)
    filters = JSONField(default=dict)

    class Meta:
        db_table = "export_artifacts"
        indexes = [models.Index(fields=["expires_at"], name="artifacts_by_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=("pending", "running", "completed", "failed")), name="artifact_status_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.id}"


class SessionImportArtifact(BackgroundWork):
    """A large import made in the background; its file is kept, sealed, until it has ended."""

    folder = "imports"
    again = "Upload it again."

    format = models.CharField(max_length=20)
    is_dry = models.BooleanField(default=False)
    """Whether it only says what it would do."""
    outcome: Any = SealedJSONField(null=True, unreadable=dict)
    """What came of it: the sessions, what cannot come along, the faults of the file."""

    class Meta:
        db_table = "import_artifacts"
        indexes = [models.Index(fields=["expires_at"], name="imports_by_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=("pending", "running", "completed", "failed")), name="import_status_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.id}"

    def sealed(self, outcome: dict[str, Any]) -> Sealed:
        """The outcome as an UPDATE writes it."""
        field = SessionImportArtifact._meta.get_field("outcome")
        return Sealed(keyring().seal_json(outcome, place=field.place(self)))


class SessionImport(models.Model):
    """That a session came out of a file: so that the same file, or the same session, is known when it comes again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    session = models.ForeignKey(PlaygroundSession, on_delete=models.CASCADE, related_name="+")
    session_id: UUID
    origin = models.UUIDField(null=True)
    """The session's id where the file comes from; None where it has none."""
    fingerprint = models.BinaryField(max_length=32)
    """A keyed hash of what the file says of the session."""
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "session_imports"
        indexes = [
            models.Index(fields=["user", "fingerprint"], name="imports_by_content"),
            models.Index(fields=["user", "origin"], condition=Q(origin__isnull=False), name="imports_by_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.origin} as {self.session_id}"
