"""Playground sessions: where executions are kept together, and whom they are shared with."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.sharing import Membership, reached
from foundation.sealing.fields import SealedJSONField, SealedTextField
from sessions_app.telling import tell

if TYPE_CHECKING:
    from accounts.models import User

KEPT_AFTER_DELETION: Final = timedelta(days=30)


class SessionQuerySet(models.QuerySet["PlaygroundSession"]):
    """Who sees and who changes which session: the one rule that every door starts from."""

    def alive(self) -> SessionQuerySet:
        """Sessions that are not deleted."""
        return self.filter(deleted_at__isnull=True)

    def visible_to(self, user: User) -> SessionQuerySet:
        """Sessions that `user` may read: their own, and those shared with them."""
        shared = reached(SessionMember, user, thing="session_id")
        return self.alive().filter(Q(user=user) | Q(id__in=shared))

    def kept_by(self, user: User) -> SessionQuerySet:
        """Sessions of `user`, and those they are an editor of; hidden ones too, which only the service runs in."""
        edited = reached(SessionMember, user, thing="session_id", editing=True)
        return self.alive().filter(Q(user=user) | Q(id__in=edited))

    def editable_by(self, user: User) -> SessionQuerySet:
        """Sessions that `user` may run in and change."""
        return self.kept_by(user).listed()

    def listed(self) -> SessionQuerySet:
        """Sessions that are shown where sessions are listed."""
        return self.filter(is_hidden=False)

    def governed_by(self, user: User) -> SessionQuerySet:
        """Sessions that `user` may share and delete; a hidden one goes with what it was made for."""
        return self.alive().listed().filter(user=user)

    def restorable_by(self, user: User) -> SessionQuerySet:
        """Deleted sessions that `user` may bring back."""
        return self.listed().filter(user=user, deleted_at__gt=timezone.now() - KEPT_AFTER_DELETION)

    def default_of(self, user: User) -> PlaygroundSession:
        """The session that a run without a session goes to; made at its first use."""
        if (found := self.alive().filter(user=user, is_default=True).first()) is not None:
            return found
        with transaction.atomic():
            session, is_new = self.alive().get_or_create(user=user, is_default=True, defaults={"name": "Playground"})
            if is_new:
                tell("created", session, by=user.id)
        return session


class PlaygroundSession(models.Model):
    """One user's working place; its counters are kept in step by every execution's end.

    Description, purpose and metadata are sealed; name, project and tags are what SQL finds it by.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    description: Any = SealedTextField()
    project_id = models.CharField(max_length=255, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    is_default = models.BooleanField(default=False)
    is_hidden = models.BooleanField(default=False, db_default=False, editable=False)
    """Made by the service to keep executions in that have a page of their own, such as a test's: no list shows it."""
    execution_count = models.PositiveIntegerField(default=0)
    total_cost = models.DecimalField(max_digits=20, decimal_places=8, default=Decimal(0))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_executed = models.DateTimeField(null=True, blank=True)
    metadata: Any = SealedJSONField(empty=dict)
    purpose: Any = SealedTextField()
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    """Counts every change but those of counters: what ETags are made of."""

    objects = SessionQuerySet.as_manager()

    class Meta:
        db_table = "playground_sessions"
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(is_default=True), name="one_default_session_per_user")
        ]
        indexes = [
            models.Index(fields=["user", "-last_executed"], name="sessions_by_recency"),
            models.Index(fields=["project_id"], condition=~Q(project_id=""), name="sessions_by_project"),
        ]

    def __str__(self) -> str:
        return self.name


class SessionMember(Membership):
    """Somebody whom a session is shared with."""

    id = models.BigAutoField(primary_key=True)
    session = models.ForeignKey(PlaygroundSession, on_delete=models.CASCADE, related_name="members")

    class Meta(Membership.Meta):
        db_table = "session_members"
        constraints = [
            *Membership.Meta.constraints,
            models.UniqueConstraint(fields=["session", "user"], name="session_shared_once_per_user"),
            models.UniqueConstraint(fields=["session", "team"], name="session_shared_once_per_team"),
        ]
