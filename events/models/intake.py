"""Events that others have told us."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from foundation.sealing.fields import SealedJSONField


class Fate(models.TextChoices):
    """Of an event that came in."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    FAILED = "failed"


class ConsumedEvent(models.Model):
    """An event of another service, once an id of its sender's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event_id = models.CharField(max_length=255, unique=True)
    type = models.CharField(max_length=120)
    subject = models.CharField(max_length=300)
    """The thing whose events are done in order, such as `project:<id>`."""
    payload: Any = SealedJSONField(empty=dict)
    fate = models.CharField(max_length=10, choices=Fate.choices, default=Fate.WAITING, db_default=Fate.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    """Why it failed, in words of our own."""
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "consumed_events"
        indexes = [
            models.Index(
                fields=["subject", "received_at"], condition=models.Q(fate="waiting"), name="consumed_waiting"
            ),
            models.Index(fields=["received_at"], name="consumed_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
