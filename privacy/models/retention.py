"""Rules of how long, and what each run removed by them."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone


class RetentionRule(models.Model):
    """How many days an organisation keeps one kind of things, in place of what the settings say."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.CharField(max_length=255, blank=True)
    """Empty: those who have none."""
    kind = models.CharField(max_length=40)
    """Of `privacy.retention.kinds`."""
    days = models.PositiveIntegerField()
    """0: for ever."""
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "retention_rules"
        constraints = [models.UniqueConstraint(fields=["organisation", "kind"], name="one_retention_rule_a_kind")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.organisation or 'nobody'}: {self.days}"


class RetentionRun(models.Model):
    """One run: what it was to look at, and how far it came. One without an end was killed; the next goes on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    is_dry = models.BooleanField(default=False)
    """Whether it only counted."""
    kind = models.CharField(max_length=40, blank=True)
    """Empty: all."""
    organisation = models.CharField(max_length=255, null=True)  # noqa: DJ001 - empty is an organisation of its own
    """Null: all."""
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_by_id: UUID | None
    """Null: the clock."""
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "retention_runs"
        indexes = [models.Index(fields=["-started_at"], name="retention_runs_by_time")]

    def __str__(self) -> str:
        return f"{self.started_at}{' (dry)' if self.is_dry else ''}"


class RetentionFigure(models.Model):
    """What one run removed of one kind and organisation; written with each batch, in its transaction."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(RetentionRun, on_delete=models.CASCADE, related_name="figures")
    kind = models.CharField(max_length=40)
    organisation = models.CharField(max_length=255, blank=True)
    before = models.DateTimeField()
    """What is older had to go."""
    rows = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    """Bytes of rows and files."""
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    """The oldest and the newest of what went."""
    held = models.PositiveBigIntegerField(default=0)
    """What a legal hold kept."""
    needed = models.PositiveBigIntegerField(default=0)
    """What something that stays needs: it is kept as well."""
    failed_files = models.PositiveBigIntegerField(default=0)
    """Files that the storage would not remove; a sweep tries them again."""

    class Meta:
        db_table = "retention_figures"
        constraints = [
            models.UniqueConstraint(fields=["run", "kind", "organisation"], name="one_retention_figure_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.organisation or 'nobody'}: {self.rows}"
