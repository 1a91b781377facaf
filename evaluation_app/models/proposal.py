"""Cases that a model proposes: kept apart from the dataset until a person takes them, one by one."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from evaluation_app.models.dataset import Dataset
from foundation.sealing.fields import UNREADABLE, SealedJSONField, SealedTextField
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession


class CaseKind(models.TextChoices):
    """What cases are wanted for."""

    ORDINARY = "ordinary", "Ordinary"
    EDGE = "edge", "At the edge"
    HOSTILE = "hostile", "Hostile"
    OTHER_LANGUAGE = "other_language", "Another language"


class AskStatus(models.TextChoices):
    """pending → running → completed | failed (datasets/proposing.py)."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class ProposalState(models.TextChoices):
    """proposed → accepted | declined; unfit: no case of this dataset can be made of it."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNFIT = "unfit"


def _unreadable() -> dict[str, str]:
    return {"unreadable": UNREADABLE}


class ProposalAsk(models.Model):
    """One question to a model, and what came of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="asks")
    dataset_id: UUID
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    session = models.ForeignKey(PlaygroundSession, on_delete=models.CASCADE, related_name="+")
    session_id: UUID
    """Hidden: it holds the execution that asks."""
    token_id = models.UUIDField(null=True, editable=False)
    """The API token that it was asked by."""
    model_id = models.CharField(max_length=255)
    kinds = ArrayField(models.CharField(max_length=20, choices=CaseKind.choices))
    count = models.PositiveSmallIntegerField()
    max_cost = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    """USD that the question may cost."""
    status = models.CharField(max_length=10, choices=AskStatus.choices, default=AskStatus.PENDING)
    error: Any = SealedTextField()
    """Why there is nothing of it; empty where there is."""
    execution = models.ForeignKey(
        PromptExecution, on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    execution_id: UUID | None
    cost = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    created_at = models.DateTimeField(default=timezone.now)
    rung_at = models.DateTimeField(default=timezone.now, db_default=Now())
    """When a worker was last called to it."""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "evaluation_proposal_asks"
        indexes = [
            models.Index(fields=["dataset", "-created_at", "-id"], name="asks_by_dataset"),
            models.Index(fields=["rung_at"], condition=Q(status__in=("pending", "running")), name="asks_under_way"),
        ]
        constraints = [models.CheckConstraint(condition=Q(status__in=AskStatus.values), name="ask_status_known")]

    def __str__(self) -> str:
        return str(self.id)


class CaseProposal(models.Model):
    """A case as a model proposes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ask = models.ForeignKey(ProposalAsk, on_delete=models.CASCADE, related_name="proposals")
    ask_id: UUID
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=CaseKind.choices, blank=True)
    state = models.CharField(max_length=10, choices=ProposalState.choices, default=ProposalState.PROPOSED)
    body: Any = SealedJSONField(unreadable=_unreadable)
    """{input, expected_output?, name?}, or what came where it is none."""
    reason: Any = SealedTextField()
    """The model's, why the case is worth having; of an unfit one, why it is none."""
    key = models.CharField(max_length=64, blank=True, default="")
    """Of the case that it became."""

    class Meta:
        db_table = "evaluation_case_proposals"
        constraints = [
            models.UniqueConstraint(fields=["ask", "position"], name="proposal_has_its_position"),
            models.CheckConstraint(condition=Q(state__in=ProposalState.values), name="proposal_state_known"),
        ]

    def __str__(self) -> str:
        return str(self.id)
