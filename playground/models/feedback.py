"""What people say of an execution: comments and ratings.

What an import brought says so in `imported_author`: `{"name", "email"?}` as the file has it. It is a user's own where
the file names one who is known here, and nobody's otherwise.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.sealing.fields import UNREADABLE, SealedJSONField
from playground.models.execution import PromptExecution

if TYPE_CHECKING:
    from accounts.models import User

NOBODY: Final = "Somebody"
"""Of whom a file says nothing."""


class CommentQuerySet(models.QuerySet["ExecutionComment"]):
    """Who sees which comment: whoever sees its execution."""

    def visible_to(self, user: User) -> CommentQuerySet:
        """Comments on the executions that `user` may read."""
        return self.filter(execution__in=PromptExecution.objects.visible_to(user))


class ExecutionComment(models.Model):
    """What somebody wrote; `sealed` keeps its text, since it may quote a prompt."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    execution = models.ForeignKey(PromptExecution, on_delete=models.CASCADE, related_name="comments")
    execution_id: UUID
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    author_id: UUID | None
    imported_author: Any = SealedJSONField(null=True, unreadable=dict)
    sealed: Any = SealedJSONField(unreadable=lambda: UNREADABLE)
    mentions = ArrayField(models.UUIDField(), default=list)
    """Users whom the text names and who may read it."""
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        db_table = "execution_comments"
        indexes = [models.Index(fields=["execution", "created_at"], name="comments_by_execution")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def text(self) -> str:
        """The text, opened."""
        return str(self.sealed)

    @property
    def person(self) -> dict[str, Any]:
        """Who wrote it, as the API tells people."""
        return _person(self.author, self.imported_author)


class ExecutionRating(models.Model):
    """One user's judgement of one answer: 1 to 5, or a thumb; `sealed` keeps the note."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    execution = models.ForeignKey(PromptExecution, on_delete=models.CASCADE, related_name="ratings")
    execution_id: UUID
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    user_id: UUID | None
    imported_author: Any = SealedJSONField(null=True, unreadable=dict)
    value = models.PositiveSmallIntegerField(null=True)
    thumb = models.CharField(max_length=4, blank=True, choices=[("up", "up"), ("down", "down")])
    sealed: Any = SealedJSONField(null=True, unreadable=lambda: UNREADABLE)
    rated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "execution_ratings"
        constraints = [
            models.UniqueConstraint(fields=["execution", "user"], name="one_judgement_per_user"),
            models.CheckConstraint(
                condition=Q(value__gte=1, value__lte=5, thumb="") | Q(value__isnull=True, thumb__in=("up", "down")),
                name="a_value_or_a_thumb",
            ),
        ]

    def __str__(self) -> str:
        return str(self.value or self.thumb)

    @property
    def person(self) -> dict[str, Any]:
        """Who rated, as the API tells people."""
        return _person(self.user, self.imported_author)


def _person(user: User | None, imported: dict[str, Any] | None) -> dict[str, Any]:
    """`{id, name}`, and whether an import says so; who is no user here has no id."""
    told = {"id": user.id, "name": str(user)} if user else {"id": None, "name": (imported or {}).get("name") or NOBODY}
    return told if imported is None else {**told, "imported": True}
