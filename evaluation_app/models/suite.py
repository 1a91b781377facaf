"""What is held against a template: its baseline, suites of tests that run again and again, and the gates of labels."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from evaluation_app.models.test import EvaluationTest
from evaluation_app.models.trial import EvaluationVariant
from foundation.database.json_field import JSONField
from foundation.sealing.fields import SealedJSONField, SealedTextField
from templates_app.models import PromptTemplate, TemplateVersion

if TYPE_CHECKING:
    from accounts.models import User


class Baseline(models.Model):
    """What new tests of a template are compared with; one is the present one, those before it are its history."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="+")
    template_id: UUID
    test = models.ForeignKey(EvaluationTest, on_delete=models.CASCADE, related_name="+")
    test_id: UUID
    variant = models.ForeignKey(EvaluationVariant, on_delete=models.CASCADE, related_name="+")
    variant_id: UUID
    margin = models.FloatField(default=0.0)
    """A loss of pass rate (0…1) that is no regression yet."""
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    """When another took its place."""

    class Meta:
        db_table = "evaluation_baselines"
        constraints = [
            models.UniqueConstraint(fields=["template"], condition=Q(ended_at=None), name="one_baseline_a_template"),
            models.CheckConstraint(condition=Q(margin__gte=0, margin__lte=1), name="baseline_margin_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} by {self.test_id}"


class SuiteQuerySet(models.QuerySet["Suite"]):
    """Who sees and who changes which suite: the one rule that every door starts from."""

    def visible_to(self, user: User) -> SuiteQuerySet:
        """Their own, and those that gate a template which they may change: a refusal can be looked into."""
        return self.filter(Q(user=user) | self._gating(PromptTemplate.objects.editable_by(user)))

    def governed_by(self, user: User) -> SuiteQuerySet:
        """Suites that `user` may run, change and delete: their own, and gates of templates that they govern."""
        return self.filter(Q(user=user) | self._gating(PromptTemplate.objects.governed_by(user)))

    def gating(self, template_id: UUID, label: str) -> SuiteQuerySet:
        """Suites that must pass before that label moves, in a steady order."""
        return self.filter(template_id=template_id, gate_label=label).order_by("created_at", "id")

    @staticmethod
    def _gating(templates: Any) -> Q:
        return ~Q(gate_label="") & Q(template__in=templates.values("id"))


class Suite(models.Model):
    """Tests that run together on one version of a template, which is left open in them: the version on trial.

    They run in the name of whoever made the suite: with that person's rights, on that person's limits.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    name = models.CharField(max_length=255)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, null=True, related_name="+")
    template_id: UUID | None
    """Whose version is on trial; None where no test leaves one open."""
    tests: Any = SealedJSONField()
    """Bodies of POST /api/evaluation/probabilistic or /compare, as they were sent."""
    content_hash = models.CharField(max_length=64)
    """SHA-256 of `tests`."""
    gate_label = models.CharField(max_length=50, blank=True, default="")
    """The label that does not move before this passes; empty: it is no gate."""
    gate_margin = models.FloatField(default=0.0)
    gate_estimand = models.CharField(max_length=40, blank=True, default="")
    """Empty: "these cases, other runs" where all cases run twice or more, else "cases like these"."""
    gate_floor = models.FloatField(null=True)
    """The least pass rate; None: half, where there is nothing to compare with."""
    must_look = models.BooleanField(default=False)
    """A partial has changed, and nobody has looked yet whether the gated version is made of it."""
    schedule = JSONField(null=True)
    """{cron} or {every} (s)."""
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = SuiteQuerySet.as_manager()

    class Meta:
        db_table = "evaluation_suites"
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="suites_by_user"),
            models.Index(fields=["template", "gate_label"], condition=~Q(gate_label=""), name="gates_of_a_label"),
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="suites_by_due"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(gate_label="") | Q(template__isnull=False), name="gate_has_a_template"),
            models.CheckConstraint(condition=Q(gate_margin__gte=0, gate_margin__lte=1), name="gate_margin_is_a_share"),
        ]

    def __str__(self) -> str:
        return self.name


class Why(models.TextChoices):
    """Why a suite ran."""

    HAND = "hand", "By hand"
    SCHEDULE = "schedule"
    LABEL = "label", "A label moves"
    PARTIAL = "partial", "A partial changed"
    COMMAND = "command"
    REFERENCE = "reference", "To compare with"


class RunStatus(models.TextChoices):
    """running → passed | failed | not_judged; not_judged → running when its tests are taken up again."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not_judged", "Not judged"


class SuiteRun(models.Model):
    """One run of all tests of a suite, and what it came to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    suite = models.ForeignKey(Suite, on_delete=models.CASCADE, related_name="runs")
    suite_id: UUID
    version = models.ForeignKey(TemplateVersion, on_delete=models.SET_NULL, null=True, related_name="+")
    version_id: UUID | None
    """The version on trial."""
    trial_hash = models.CharField(max_length=64)
    """Of the suite's tests and the version's text with its partials: equal ones would ask the same."""
    why = models.CharField(max_length=10, choices=Why.choices)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField(null=True)
    """The time of the schedule that it is the run of."""
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.RUNNING)
    verdict = JSONField(null=True)
    """{sentence, is_regression, tests: [...]} (`suites.verdict`)."""
    reference = models.ForeignKey("SuiteRun", on_delete=models.SET_NULL, null=True, related_name="compared")
    reference_id: UUID | None
    """What it is compared with, where that is no baseline."""
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "evaluation_suite_runs"
        indexes = [
            models.Index(fields=["suite", "-created_at", "-id"], name="runs_of_a_suite"),
            models.Index(fields=["suite", "trial_hash", "-created_at"], name="runs_of_a_trial"),
            models.Index(fields=["status"], condition=Q(status="running"), name="open_suite_runs"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="suite_run_status_known"),
            models.UniqueConstraint(
                fields=["suite", "trial_hash"], condition=Q(status="running"), name="one_open_run_a_trial"
            ),
            models.UniqueConstraint(
                fields=["suite", "due_at"], condition=Q(due_at__isnull=False), name="one_run_a_due_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.suite_id} {self.status}"

    @property
    def is_open(self) -> bool:
        """Whether its verdict is still to come."""
        return self.status == RunStatus.RUNNING


class SuiteTest(models.Model):
    """A test of a run, at the place that its body has in the suite."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(SuiteRun, on_delete=models.CASCADE, related_name="tests")
    run_id: UUID
    position = models.PositiveSmallIntegerField()
    test = models.OneToOneField(EvaluationTest, on_delete=models.CASCADE, related_name="in_suite")
    test_id: UUID
    on_trial = JSONField(default=list)
    """Places of the variants whose version was left open."""

    class Meta:
        db_table = "evaluation_suite_tests"
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_test_a_place")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.position}"


class GateOverride(models.Model):
    """A second person's word that a label may move although its gate refused; one word is for one move.

    It outlives its suite: the move that it allowed stays in the template's history.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=50)
    version = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, related_name="+")
    suite_name = models.CharField(max_length=255)
    run = models.ForeignKey(SuiteRun, on_delete=models.SET_NULL, null=True, related_name="overrides")
    run_id: UUID | None
    verdict = JSONField(null=True)
    """What the run had said."""
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    signed_by_id: UUID | None
    reason: Any = SealedTextField()
    signed_at = models.DateTimeField(default=timezone.now)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "evaluation_gate_overrides"
        indexes = [models.Index(fields=["template", "label", "-signed_at"], name="overrides_of_a_label")]

    def __str__(self) -> str:
        return f"{self.label} by {self.signed_by_id}"


class GateChange(models.Model):
    """That a gate was set, changed or taken away: who can, could also move the label, and nobody does it unseen."""

    id = models.BigAutoField(primary_key=True)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=50)
    suite_name = models.CharField(max_length=255)
    change = models.CharField(max_length=10)
    """set, changed or removed."""
    rules = JSONField(default=dict)
    """The gate as it was from then on: label, margin, estimand, floor, and the hash of its tests."""
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "evaluation_gate_changes"
        indexes = [models.Index(fields=["template", "label", "-id"], name="changes_of_a_gate")]

    def __str__(self) -> str:
        return f"{self.change} {self.label}"
