"""Samples: one answer of one variant to one case, what it cost, and how it was scored."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone

from evaluation_app.models.batch import ProviderBatch
from evaluation_app.models.test import EvaluationTest
from evaluation_app.models.trial import EvaluationCase, EvaluationVariant
from foundation.sealing.fields import SealedTextField
from playground.models import PromptExecution


class SampleState(models.TextChoices):
    """pending → claimed → answered → passed | failed | unscored | scorer_error; claimed → errored, or back to pending;
    pending → skipped; pending → waiting (in a provider's batch) → pending, with its execution where it has an answer.
    `answered` is paid for: only scoring is repeated (`running.statements`)."""

    PENDING = "pending"
    CLAIMED = "claimed"
    WAITING = "waiting", "In a batch"
    ANSWERED = "answered"
    PASSED = "passed"
    FAILED = "failed"
    UNSCORED = "unscored", "No scorer"
    SCORER_ERROR = "scorer_error", "Not judged"
    ERRORED = "errored", "No answer"
    SKIPPED = "skipped"


class Claim(models.Model):
    """Somebody at work on a test's samples: alive while its engine's lease is."""

    id = models.UUIDField(primary_key=True)
    test = models.ForeignKey(EvaluationTest, on_delete=models.CASCADE, related_name="claims")
    runner_id = models.UUIDField()
    """The engine (`runner_leases`)."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "evaluation_claims"

    def __str__(self) -> str:
        return str(self.id)


class EvaluationSample(models.Model):
    """One run of one case by one variant. Its execution's id is made of its own and its attempt's, so that a task that
    is delivered twice pays once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    test = models.ForeignKey(EvaluationTest, on_delete=models.CASCADE, related_name="+")
    variant = models.ForeignKey(EvaluationVariant, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(EvaluationCase, on_delete=models.CASCADE, related_name="+")
    run = models.PositiveIntegerField()
    block = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=SampleState.choices, default=SampleState.PENDING)
    attempt = models.PositiveSmallIntegerField(default=1)
    claim_id: Any = models.UUIDField(null=True)
    execution = models.ForeignKey(
        PromptExecution, on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    execution_id: UUID | None
    """Written down before it begins: whoever takes the sample up finds it, or knows that it never began."""
    batch = models.ForeignKey(ProviderBatch, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+")
    """That it waits in, or came out of."""
    batch_id: UUID | None
    reserved_cost = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    cost = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    judge_cost = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    passed = models.BooleanField(null=True)
    score = models.FloatField(null=True)
    error_code = models.CharField(max_length=50, blank=True, default="")
    error_message: Any = SealedTextField()
    latency = models.FloatField(null=True)
    """Seconds of the answer's execution."""
    prompt_tokens = models.BigIntegerField(default=0)
    completion_tokens = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=16, blank=True, default="")
    """Equal for equal answers of one test, and says nothing of them."""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "evaluation_samples"
        constraints = [
            models.UniqueConstraint(fields=["variant", "case", "run"], name="one_sample_a_run"),
            models.CheckConstraint(condition=Q(state__in=SampleState.values), name="sample_state_known"),
            models.CheckConstraint(condition=Q(reserved_cost__gte=0), name="sample_reserve_not_negative"),
        ]
        indexes = [
            models.Index(
                fields=["test", "block", "run", "id"],
                condition=Q(state__in=("pending", "answered")),
                name="samples_to_claim",
            ),
            models.Index(fields=["test"], condition=Q(state="claimed"), name="claimed_samples"),
            models.Index(fields=["batch"], condition=Q(state="waiting"), name="samples_in_batches"),
            models.Index(fields=["test", "block", "variant", "run"], name="samples_in_order"),
            models.Index(fields=["case"], name="samples_by_case"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class SampleScore(models.Model):
    """What one scorer said of one sample."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sample = models.ForeignKey(EvaluationSample, on_delete=models.CASCADE, related_name="scores")
    position = models.PositiveSmallIntegerField()
    """The scorer's place in its case's list."""
    scorer = models.CharField(max_length=40)
    scorer_hash = models.CharField(max_length=64)
    """Of the scorer's name, version and parameters: scores of different provenance are never mixed."""
    value = models.FloatField(null=True)
    passed = models.BooleanField(null=True)
    reason: Any = SealedTextField()
    error_code = models.CharField(max_length=50, blank=True, default="")
    execution = models.ForeignKey(PromptExecution, on_delete=models.SET_NULL, null=True, related_name="+")
    """The judge's."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "evaluation_scores"
        constraints = [
            models.UniqueConstraint(fields=["sample", "position", "scorer_hash"], name="one_score_a_scorer"),
        ]

    def __str__(self) -> str:
        return f"{self.scorer} {self.value}"


class JudgeCall(models.Model):
    """One reply of a judge: what tells whether it goes with the order, the length, or its mood."""

    execution = models.OneToOneField(
        PromptExecution, on_delete=models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    execution_id: UUID
    sample = models.ForeignKey(EvaluationSample, on_delete=models.CASCADE, related_name="judge_calls")
    sample_id: UUID
    scorer = models.CharField(max_length=40)
    scorer_hash = models.CharField(max_length=64)
    order = models.PositiveSmallIntegerField()
    """1: the two answers of a pair had changed places."""
    repeat = models.PositiveSmallIntegerField()
    """0: the verdict that counts; 1, 2: asked again to see whether it repeats itself."""
    choice = models.CharField(max_length=10, blank=True)
    """Empty where the reply told none."""
    reply_number = models.PositiveSmallIntegerField()
    """1: the first reply to this question."""
    characters = models.PositiveIntegerField()
    """Of the answer that was judged."""

    class Meta:
        db_table = "evaluation_judge_calls"

    def __str__(self) -> str:
        return f"{self.scorer} {self.choice}"
