"""Playground sessions: the folders that executions are kept in."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User


class SessionQuerySet(models.QuerySet["PlaygroundSession"]):
    """Who sees and who changes which session: the one rule that every door starts from."""

    def visible_to(self, user: User) -> SessionQuerySet:
        """Sessions that `user` may read."""
        return self.filter(user=user)

    def editable_by(self, user: User) -> SessionQuerySet:
        """Sessions that `user` may run in and change."""
        return self.filter(user=user)

    def default_of(self, user: User) -> PlaygroundSession:
        """The session that a run without a session goes to; made at its first use."""
        session, _ = self.get_or_create(user=user, is_default=True, defaults={"name": "Playground"})
        return session


class PlaygroundSession(models.Model):
    """One user's working place; its counters are kept in step by every execution's end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    project_id = models.CharField(max_length=255, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="playground_sessions")
    user_id: UUID
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    is_default = models.BooleanField(default=False)
    execution_count = models.PositiveIntegerField(default=0)
    total_cost = models.DecimalField(max_digits=20, decimal_places=8, default=Decimal(0))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_executed = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        db_table = "playground_sessions"
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(is_default=True), name="one_default_session_per_user")
        ]
        indexes = [models.Index(fields=["user", "-last_executed"], name="sessions_by_recency")]

    def __str__(self) -> str:
        return self.name
