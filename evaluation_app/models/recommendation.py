"""Recommendations: what could make a variant better, and what measuring that has shown."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from evaluation_app.models.test import EvaluationTest
from evaluation_app.models.trial import EvaluationVariant
from foundation.sealing.fields import UNREADABLE, SealedJSONField, SealedTextField
from templates_app.models import PromptTemplate, TemplateVersion


class RoundState(models.TextChoices):
    """asking → done | failed | cancelled."""

    ASKING = "asking"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RecommendationRound(models.Model):
    """A model asked once for proposals about a variant; rules need nobody, and are a round of their own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    test = models.ForeignKey(EvaluationTest, on_delete=models.CASCADE, related_name="recommendation_rounds")
    test_id: UUID
    variant = models.ForeignKey(EvaluationVariant, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    model_id = models.CharField(max_length=255, blank=True)
    """Who is asked; empty: nobody, the rules alone spoke."""
    token_id = models.UUIDField(null=True, editable=False)
    """The API token that they were asked for by."""
    count = models.PositiveSmallIntegerField(default=0)
    max_cost = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    state = models.CharField(max_length=10, choices=RoundState.choices, default=RoundState.ASKING)
    error: Any = SealedTextField()
    notes: Any = SealedJSONField(empty=list)
    """Sentences: what of the reply was not taken, and why."""
    created_at = models.DateTimeField(default=timezone.now)
    rung_at = models.DateTimeField(default=timezone.now)
    """When a worker was last rung for."""

    class Meta:
        db_table = "evaluation_recommendation_rounds"
        constraints = [models.CheckConstraint(condition=Q(state__in=RoundState.values), name="round_state_known")]
        indexes = [
            models.Index(fields=["rung_at"], condition=Q(state="asking"), name="rounds_under_way"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id or 'rules'} {self.state}"


class RecommendationKind(models.TextChoices):
    """What is recommended."""

    ADVICE = "advice", "Advice"
    EDIT = "edit", "Edit"
    MODEL = "model", "Other model"


class Recommendation(models.Model):
    """One proposal. What it has shown is read from its verification, with all others tried on the same cases."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(RecommendationRound, on_delete=models.CASCADE, related_name="recommendations")
    test = models.ForeignKey(EvaluationTest, on_delete=models.CASCADE, related_name="recommendations")
    test_id: UUID
    variant = models.ForeignKey(EvaluationVariant, on_delete=models.CASCADE, related_name="+")
    variant_id: UUID
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=6, choices=RecommendationKind.choices)
    title: Any = SealedTextField()
    reason: Any = SealedTextField()
    change: Any = SealedJSONField(empty=dict, unreadable=lambda: {"unreadable": UNREADABLE})
    """prompt and system_prompt as they would be, or model_id; empty of advice."""
    verification = models.ForeignKey(EvaluationTest, on_delete=models.SET_NULL, null=True, related_name="+")
    verification_id: UUID | None
    draft = models.ForeignKey(PromptTemplate, on_delete=models.SET_NULL, null=True, related_name="+")
    draft_id: UUID | None
    """A private template that holds the edit while it is measured."""
    accepted = models.ForeignKey(TemplateVersion, on_delete=models.SET_NULL, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "evaluation_recommendations"
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="recommendation_has_its_position"),
            models.CheckConstraint(condition=Q(kind__in=RecommendationKind.values), name="recommendation_kind_known"),
        ]
        indexes = [models.Index(fields=["test", "created_at"], name="recommendations_of_test")]

    def __str__(self) -> str:
        return str(self.id)
