"""Rules by which calls that were made elsewhere are scored, and what was found."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from evaluation_app.models.suite import Suite
from foundation.sealing.fields import SealedJSONField
from playground.models import PromptExecution

if TYPE_CHECKING:
    from accounts.models import User


class ScoringRuleQuerySet(models.QuerySet["ScoringRule"]):
    """Whose rules are whose: the one rule that every door starts from."""

    def visible_to(self, user: User) -> ScoringRuleQuerySet:
        """Their own: a rule spends its owner's money on its owner's calls."""
        return self.filter(user=user)


class ScoringRule(models.Model):
    """Which of somebody's calls are scored, by what, and what judges may cost a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    name = models.CharField(max_length=255)
    service = models.CharField(max_length=255, blank=True, default="")
    model_id = models.CharField(max_length=255, blank=True, default="")
    project_id = models.CharField(max_length=255, blank=True, default="")
    """Which calls: empty is any."""
    share = models.FloatField()
    """Percent of the traces; the same trace is always in or out."""
    scorers: Any = SealedJSONField(null=True)
    """As tests have them; None where they are a suite's."""
    suite = models.ForeignKey(Suite, on_delete=models.CASCADE, null=True, related_name="+")
    suite_id: UUID | None
    budget_per_day = models.DecimalField(max_digits=20, decimal_places=8)
    """USD that judges may cost between two midnights in UTC."""
    is_active = models.BooleanField(default=True)
    reached_on = models.DateField(null=True)
    """The last day on which the budget kept a call from being judged."""
    worked_until = models.DateTimeField(null=True)
    """Somebody scores its calls, as long as this lies ahead."""
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScoringRuleQuerySet.as_manager()

    class Meta:
        db_table = "evaluation_scoring_rules"
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="scoring_rules_by_user")]
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=100), name="scoring_share_is_a_percentage"),
            models.CheckConstraint(condition=Q(budget_per_day__gte=0), name="scoring_budget_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class ScoringState(models.TextChoices):
    """How far the scoring of a call is."""

    WAITING = "waiting"
    PASSED = "passed"
    FAILED = "failed"
    UNSCORED = "unscored"
    """No scorer had what it needs."""
    ERROR = "error"
    OVER_BUDGET = "over_budget"


class CallScore(models.Model):
    """One call as one rule found it."""

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(ScoringRule, on_delete=models.CASCADE, related_name="calls")
    rule_id: UUID
    execution = models.ForeignKey(PromptExecution, on_delete=models.CASCADE, related_name="+")
    execution_id: UUID
    state = models.CharField(max_length=20, choices=ScoringState.choices, default=ScoringState.WAITING)
    score = models.FloatField(null=True)
    """0…1, the weighted mean; None where there is none."""
    scores: Any = SealedJSONField(null=True)
    """`[{scorer, value, passed, reason}]`: reasons may quote the answer."""
    cost = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    """USD of judges."""
    created_at = models.DateTimeField(default=timezone.now)
    scored_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "evaluation_call_scores"
        constraints = [
            models.UniqueConstraint(fields=["rule", "execution"], name="call_scored_once_a_rule"),
            models.CheckConstraint(condition=Q(state__in=ScoringState.values), name="call_scoring_state_known"),
        ]
        indexes = [
            models.Index(fields=["rule", "created_at"], condition=Q(state="waiting"), name="calls_to_be_scored"),
            models.Index(fields=["rule", "-scored_at"], name="calls_scored_lately"),
        ]

    def __str__(self) -> str:
        return f"{self.execution_id} by {self.rule_id}"
