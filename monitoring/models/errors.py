"""Errors of the service's own: names of code, ids and figures; no text of anybody's."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from foundation.database.json_field import JSONField


class State(models.TextChoices):
    """What was decided of a group."""

    OPEN = "open"
    RESOLVED = "resolved"
    MUTED = "muted"


class ErrorGroups(models.QuerySet["ErrorGroup"]):
    """Groups by what was decided."""

    def in_state(self, state: State) -> ErrorGroups:
        """Those in this state."""
        match state:
            case State.RESOLVED:
                return self.exclude(resolved_at=None)
            case State.MUTED:
                return self.exclude(muted_at=None)
        return self.filter(resolved_at=None, muted_at=None)


class ErrorGroup(models.Model):
    """Errors of one cause. Written by `monitoring.errors.writing`, which knows these columns by name."""

    id = models.BigAutoField(primary_key=True)
    fingerprint = models.CharField(max_length=32, unique=True)
    type = models.CharField(max_length=200)
    place = models.CharField(max_length=300)
    """Module and function: the last ones of ours."""
    logger = models.CharField(max_length=100)
    event = models.CharField(max_length=60)
    chain: Any = JSONField(default=list)
    """Type and frames (file, function, line, is_ours) of the exception and its causes, as last seen."""
    count = models.BigIntegerField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    first_version = models.CharField(max_length=30)
    last_version = models.CharField(max_length=30)
    """Of the service."""
    role = models.CharField(max_length=20)
    """Of the process."""
    route = models.CharField(max_length=300)
    """The pattern of the address."""
    last_request_id = models.CharField(max_length=64)
    last_execution_id = models.UUIDField(null=True)
    regressions = models.PositiveIntegerField()
    """How often it came again after it was resolved."""
    returned_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    """When administrators were told that it is back."""
    resolved_at = models.DateTimeField(null=True)
    muted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    objects = ErrorGroups.as_manager()

    class Meta:
        db_table = "error_groups"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resolved_at=None) | models.Q(muted_at=None), name="error_is_in_one_state"
            )
        ]
        indexes = [models.Index(fields=["-last_seen", "-id"], name="error_groups_by_last_seen")]

    def __str__(self) -> str:
        return f"{self.type} in {self.place}"

    @property
    def state(self) -> State:
        """What was decided of it."""
        return State.RESOLVED if self.resolved_at else State.MUTED if self.muted_at else State.OPEN


class ErrorHour(models.Model):
    """How often a group came in an hour (UTC)."""

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(ErrorGroup, on_delete=models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "error_hours"
        constraints = [models.UniqueConstraint(fields=["group", "hour"], name="one_count_an_hour")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.hour}"
