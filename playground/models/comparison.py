"""One prompt sent to several models or with several parameter sets at once."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from foundation.sealing.fields import SealedTextField
from sessions_app.models import PlaygroundSession

if TYPE_CHECKING:
    from accounts.models import User


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    """Who sees which comparison: whoever sees its session."""

    def visible_to(self, user: User) -> ComparisonQuerySet:
        """Comparisons in the sessions that `user` may read."""
        return self.filter(session__in=PlaygroundSession.objects.visible_to(user))


class Comparison(models.Model):
    """What keeps the executions of one comparison together; each knows its place (`comparison_position`)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(PlaygroundSession, on_delete=models.CASCADE, related_name="+")
    session_id: UUID
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    created_at = models.DateTimeField(default=timezone.now)
    copy_of = models.UUIDField(null=True)
    """The first of which this one is a copy, by a fork or an import: votes of both are the same people's."""

    name: Any = SealedTextField()
    """What people call it; empty until somebody names it."""

    objects = ComparisonQuerySet.as_manager()

    class Meta:
        db_table = "comparisons"
        indexes = [models.Index(fields=["session", "-created_at"], name="comparisons_by_session")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def title(self) -> str:
        """Its name, else when it was made."""
        return str(self.name or "") or f"Comparison of {self.created_at:%Y-%m-%d %H:%M} UTC"


class ComparisonVote(models.Model):
    """Whom one user found best; without an execution it is a tie. Imported ones may be nobody's who is known here."""

    id = models.BigAutoField(primary_key=True)
    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="votes")
    comparison_id: UUID
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    user_id: UUID | None
    execution = models.ForeignKey("PromptExecution", on_delete=models.CASCADE, null=True, related_name="+")
    execution_id: UUID | None
    voted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "comparison_votes"
        constraints = [models.UniqueConstraint(fields=["comparison", "user"], name="one_vote_per_user")]

    def __str__(self) -> str:
        return str(self.execution_id or "tie")
