"""A provider's batch that samples wait in."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone

from evaluation_app.models.test import EvaluationTest


class BatchState(models.TextChoices):
    """sending → waiting → ended; sending → ended where the provider refuses it (economy/looking.py)."""

    SENDING = "sending"
    WAITING = "waiting"
    ENDED = "ended"


class BatchQuerySet(models.QuerySet["ProviderBatch"]):
    """The domain's words."""

    def open(self) -> BatchQuerySet:
        """Those that something is still to come of."""
        return self.exclude(state=BatchState.ENDED)


class ProviderBatch(models.Model):
    """Samples of one model that are sent to its provider together, and what is known of them there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    test = models.ForeignKey(EvaluationTest, on_delete=models.CASCADE, related_name="batches")
    test_id: UUID
    model_id = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.SENDING)
    provider_batch_id = models.CharField(max_length=200, blank=True, default="")
    """The provider's own id; empty until its answer to the sending is stored."""
    requests = models.PositiveIntegerField()
    answered = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    """Looks at it since it last came on: the pause before the next one grows with them."""
    sent_at = models.DateTimeField(null=True)
    """When it began to be sent: from then on the provider may have it, and is asked before it is sent anew."""
    created_at = models.DateTimeField(default=timezone.now)
    next_look = models.DateTimeField(default=timezone.now)
    """While somebody looks, it lies ahead: who dies at it is followed by another."""
    is_cancelled = models.BooleanField(default=False)
    """The provider was told that nothing more of it is wanted."""
    ended_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        db_table = "evaluation_provider_batches"
        constraints = [models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known")]
        indexes = [models.Index(fields=["next_look"], condition=~Q(state="ended"), name="batches_to_look_at")]

    def __str__(self) -> str:
        return self.provider_batch_id or str(self.id)
