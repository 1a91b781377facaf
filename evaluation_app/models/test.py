"""A test: what was asked to be proved, how far it is, and what it may cost."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.sharing import Membership, reached
from evaluation_app.models.dataset import DatasetVersion, Split
from foundation.database.json_field import JSONField
from sessions_app.models import KEPT_AFTER_DELETION, PlaygroundSession

if TYPE_CHECKING:
    from accounts.models import User


ECONOMY: Final = "economy"
"""The speed of tests that are sent in providers' batches."""


class TestStatus(models.TextChoices):
    """pending → running ⇄ paused → completed | cancelled | failed (lifecycle.py)."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether its samples are done; it may be taken up again by running errors or scoring anew."""
        return self in (TestStatus.COMPLETED, TestStatus.CANCELLED, TestStatus.FAILED)


class Control(models.TextChoices):
    """What its owner wants of it; runners look twice a second."""

    RUN = "run"
    PAUSE = "pause"
    CANCEL = "cancel"


class TestQuerySet(models.QuerySet["EvaluationTest"]):
    """Who sees which test: the one rule that every door starts from."""

    def alive(self) -> TestQuerySet:
        """Tests that are not deleted: a test and the hidden session that holds its answers go and come together."""
        return self.filter(session__deleted_at=None)

    def visible_to(self, user: User) -> TestQuerySet:
        """Tests that `user` may read: their own, and those shared with them."""
        return self.alive().filter(Q(user=user) | Q(id__in=reached(EvaluationMember, user, thing="test_id")))

    def editable_by(self, user: User) -> TestQuerySet:
        """Tests that `user` may steer, judge anew and verify."""
        edited = reached(EvaluationMember, user, thing="test_id", editing=True)
        return self.alive().filter(Q(user=user) | Q(id__in=edited))

    def governed_by(self, user: User) -> TestQuerySet:
        """Tests that `user` may share, delete, and make more of: their own."""
        return self.alive().filter(user=user)

    def restorable_by(self, user: User) -> TestQuerySet:
        """Deleted tests that `user` may bring back."""
        return self.filter(user=user, session__deleted_at__gt=timezone.now() - KEPT_AFTER_DELETION)

    def running(self) -> TestQuerySet:
        """Tests that run."""
        return self.filter(status=TestStatus.RUNNING)

    def in_place(self) -> TestQuerySet:
        """Those that take a place of the ones that may run at once: who waits for a batch keeps nobody waiting."""
        return self.running().exclude(policy__speed=ECONOMY)

    def waiting(self) -> TestQuerySet:
        """Tests that wait for their turn, the oldest first."""
        return self.filter(status=TestStatus.PENDING, control=Control.RUN).order_by("created_at", "id")


class EvaluationTest(models.Model):
    """Variants, cases and runs: a sample of each with each, and what they show.

    Counters move in the very statements that end samples (`running.statements`). `results` is computed once, from the
    totals by case, when the last sample has ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    session = models.ForeignKey(PlaygroundSession, on_delete=models.CASCADE, related_name="+")
    session_id: UUID
    """Hidden: it holds the executions of this test, and of no other."""
    token_id = models.UUIDField(null=True, editable=False)
    """The API token that it was made by: its executions are counted there too."""
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    status = models.CharField(max_length=10, choices=TestStatus.choices, default=TestStatus.PENDING)
    control = models.CharField(max_length=10, choices=Control.choices, default=Control.RUN)
    stop_reason = models.CharField(max_length=40, blank=True, default="")
    """Why it ended before its last sample: max_cost, cancelled, only_errors, early_stop; empty where it did not."""
    pause_reason = models.CharField(max_length=20, blank=True, default="", db_default="")
    """Why it rests though nobody paused it: quota; empty otherwise."""
    needed_tokens = models.BigIntegerField(null=True, editable=False)
    needed_cost = models.DecimalField(max_digits=20, decimal_places=8, null=True, editable=False)
    """USD; of the execution that a quota had no room for: with room for as much it goes on."""
    seed = models.BigIntegerField()
    """What the order of its cases, and every figure with chance in it, are drawn from."""
    runs = models.PositiveIntegerField()
    policy = JSONField(default=dict)
    """How it is run and judged: confidence, concurrency, timeout (s), error_policy, comparisons, early_stop; and of
    which project its calls are."""
    max_cost = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    """USD that all samples together may cost."""
    reserved_cost = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    spent_cost = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    blocks = models.PositiveIntegerField()
    samples = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    """Samples that have ended, however."""
    errors = models.PositiveIntegerField(default=0)
    """Samples without an answer."""
    scorer_errors = models.PositiveIntegerField(default=0)
    """Samples whose answer could not be judged."""
    skipped = models.PositiveIntegerField(default=0)
    """Samples that were never asked."""
    taken_up = models.PositiveIntegerField(default=0, db_default=0)
    """How often it was taken up again after its end: figures of an earlier round end no later one."""
    results = JSONField(null=True)
    dataset_version = models.ForeignKey(DatasetVersion, on_delete=models.SET_NULL, null=True, related_name="+")
    dataset_version_id: UUID | None
    """Where its cases were copied from: editing the dataset changes none of them."""
    split = models.CharField(max_length=10, choices=Split.choices, blank=True, default="", db_default="")
    """Of the version's cases, those that it took; empty: all."""
    enlisting_until = models.DateTimeField(null=True)
    """At economy, while somebody puts its samples into batches: one at a time, and who dies at it is followed."""
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    objects = TestQuerySet.as_manager()

    class Meta:
        db_table = "evaluation_tests"
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="tests_by_user"),
            models.Index(
                fields=["status", "created_at"],
                condition=Q(status__in=("pending", "running", "paused")),
                name="unfinished_tests",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=TestStatus.values), name="test_status_known"),
            models.CheckConstraint(condition=Q(control__in=Control.values), name="test_control_known"),
            models.CheckConstraint(
                condition=Q(reserved_cost__gte=0, spent_cost__gte=0, runs__gte=1, blocks__gte=1),
                name="test_figures_not_negative",
            ),
            models.CheckConstraint(condition=Q(done__lte=F("samples")), name="test_done_at_most_all"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stops_early(self) -> bool:
        """Whether it is looked at on its way, and ends when every difference that was planned is shown."""
        return bool(self.policy.get("early_stop"))

    @property
    def is_economy(self) -> bool:
        """Whether its samples are sent in providers' batches."""
        return bool(self.policy.get("speed") == ECONOMY)

    @property
    def confidence(self) -> float:
        """Of every interval, 0.95 unless asked for."""
        given: Any = self.policy.get("confidence", 0.95)
        return float(given)


class EvaluationMember(Membership):
    """Somebody whom a test is shared with."""

    id = models.BigAutoField(primary_key=True)
    test = models.ForeignKey(EvaluationTest, on_delete=models.CASCADE, related_name="members")

    class Meta(Membership.Meta):
        db_table = "evaluation_members"
        constraints = [
            *Membership.Meta.constraints,
            models.UniqueConstraint(fields=["test", "user"], name="test_shared_once_per_user"),
            models.UniqueConstraint(fields=["test", "team"], name="test_shared_once_per_team"),
        ]
