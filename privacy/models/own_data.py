"""Files of people's own data, made in the background."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.sealing.files.row import SealedFile


class OwnData(SealedFile):
    """A ZIP of what one person keeps here: its state, and where it lies until it expires."""

    class Status(models.TextChoices):
        """pending → running → completed | failed."""

        PENDING = "pending"
        RUNNING = "running"
        COMPLETED = "completed"
        FAILED = "failed"

    folder = "own-data"
    again = "Ask for it again."

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    error = models.CharField(max_length=255, blank=True)
    rows_done = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    """Bytes."""
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    """Until when a worker is believed to be at it; after that another one takes it up from the start."""
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "own_data"
        indexes = [models.Index(fields=["expires_at"], name="own_data_by_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=("pending", "running", "completed", "failed")), name="own_data_status_known"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
