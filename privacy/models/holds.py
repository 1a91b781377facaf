"""Legal holds: what must not go, whoever or whatever would remove it."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.sealing.fields import SealedTextField


class Covers(models.TextChoices):
    """What a hold may be on."""

    USER = "user"
    SESSION = "session"
    TEMPLATE = "template"
    TEST = "test"
    PROJECT = "project"
    ORGANISATION = "organisation"


class LegalHold(models.Model):
    """Nothing of what it covers is removed while it stands: by retention, by an erasure, or by a sweep."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    covers = models.CharField(max_length=12, choices=Covers.choices)
    object_id = models.CharField(max_length=255, blank=True)
    """The id; of a project and an organisation what they are called, empty for those who have no organisation."""
    reason: Any = SealedTextField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    placed_by_id: UUID | None
    placed_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    lifted_by_id: UUID | None
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "legal_holds"
        constraints = [
            models.UniqueConstraint(
                fields=["covers", "object_id"], condition=Q(lifted_at=None), name="one_standing_hold_a_thing"
            ),
            models.CheckConstraint(condition=Q(covers__in=Covers.values), name="hold_covers_known"),
        ]

    def __str__(self) -> str:
        return f"{self.covers} {self.object_id}"
