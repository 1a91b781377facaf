"""Erasures of people: asked for, decided, carried out step by step."""

from __future__ import annotations

import uuid
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.database.json_field import JSONField
from foundation.sealing.fields import SealedJSONField, SealedTextField


class Erasure(models.Model):
    """One person's erasure. It knows them by their id alone, which says nothing once it is done."""

    class Status(models.TextChoices):
        """requested → approved → exporting → erasing ⇄ held → done | refused."""

        REQUESTED = "requested"
        APPROVED = "approved"
        EXPORTING = "exporting"
        ERASING = "erasing"
        HELD = "held"
        """A legal hold came when some of it had gone; it goes on when the hold is lifted."""
        DONE = "done"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.UUIDField()
    """The person's id."""
    organisation = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.REQUESTED)
    with_export = models.BooleanField(default=True)
    """Whether the person's own data are made into a file before anything goes."""
    own_data_id = models.UUIDField(null=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_by_id: UUID | None
    requested_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_by_id: UUID | None
    decided_at = models.DateTimeField(null=True)
    reason: Any = SealedTextField()
    """Why it was refused, or why it cannot go on."""
    lease_expires_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=60, blank=True)
    """The one at hand; those before it are done."""
    counts = JSONField(default=dict)
    """Rows and files that went or were made nobody's, by step."""
    words: Any = SealedJSONField(null=True)
    """What the proof looks for (names, address); emptied when it is done."""
    searched: Any = SealedJSONField(null=True)
    """How far the proof has come: the place at hand, and the last key or file there that it has looked at."""
    finds = JSONField(default=list)
    """Where the proof found some of it still: tables and ids, no content."""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "erasures"
        indexes = [models.Index(fields=["-requested_at"], name="erasures_by_time")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=~Q(status__in=("done", "refused")),
                name="one_open_erasure_a_person",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("requested", "approved", "exporting", "erasing", "held", "done", "refused")),
                name="erasure_status_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.status}"


OPEN: Final = (
    Erasure.Status.REQUESTED, Erasure.Status.APPROVED, Erasure.Status.EXPORTING, Erasure.Status.ERASING,
    Erasure.Status.HELD,
)  # fmt: skip
