"""What each execution used: figures and ids, kept when the execution itself is gone."""

from __future__ import annotations

import uuid
from typing import ClassVar, Final

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

READ_OF_PEOPLE: Final = (
    "is_copy", "is_cached", "is_unpriced", "is_rolled_up", "model_id", "origin", "status", "error_code",
    "prompt_tokens", "completion_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cost",
    "input_cost", "cache_read_cost", "cache_write_cost", "output_cost", "reasoning_cost", "attempt_cost",
    "latency_bucket", "first_token_bucket",
)  # fmt: skip
"""What sums are made of: a person's runs of a year are read from an index where they stand side by side, and not from
pages all over the table.
"""


class ExecutionUsage(models.Model):
    """What one ended execution used, written in the statement that ended it (`playground.usage.recording`).

    Nothing in it points to a row that must be there: sums outlive sessions, templates and people. Costs are in
    hundred-millionths of a dollar, the smallest a bill knows, since adding whole numbers is fast and exact.
    """

    execution_id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    began_at = models.DateTimeField()
    user_id = models.UUIDField(null=True)
    """None: the person was erased."""
    session_id = models.UUIDField(null=True)
    project_id = models.CharField(max_length=255, blank=True, default="")
    """The session's, at the end of the run."""
    template_version_id = models.UUIDField(null=True)
    token_id = models.UUIDField(null=True)
    """The API token that asked; None: a person's session."""
    model_id = models.CharField(max_length=255)
    """The model that was asked last."""
    origin = models.CharField(max_length=20)
    status = models.CharField(max_length=20)
    error_code = models.CharField(max_length=50, blank=True, default="")
    is_copy = models.BooleanField(default=False)
    """Of a forked or imported session: nothing was asked, and nothing spent, for this row."""
    is_cached = models.BooleanField(default=False)
    """Answered out of the cache."""
    is_unpriced = models.BooleanField(default=False, db_default=False)
    """It used tokens whose price was not known, so that `cost` leaves them out."""
    prompt_tokens = models.BigIntegerField(default=0)
    completion_tokens = models.BigIntegerField(default=0)
    cache_read_tokens = models.BigIntegerField(default=0)
    cache_write_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    """The whole; what no line below tells was billed before lines were kept."""
    input_cost = models.BigIntegerField(default=0)
    cache_read_cost = models.BigIntegerField(default=0)
    cache_write_cost = models.BigIntegerField(default=0)
    output_cost = models.BigIntegerField(default=0)
    reasoning_cost = models.BigIntegerField(default=0)
    """0 where reasoning has no price of its own: it is in the output's."""
    attempt_cost = models.BigIntegerField(default=0)
    """Of attempts that failed before the one that answered."""
    latency = models.IntegerField(null=True)
    """Milliseconds, of completed runs."""
    first_token = models.IntegerField(null=True)
    """Milliseconds to the first token, of completed runs that streamed."""
    latency_bucket = models.SmallIntegerField(null=True)
    """`playground.usage.sketch`"""
    first_token_bucket = models.SmallIntegerField(null=True)
    is_rolled_up = models.BooleanField(default=False)
    """Whether it is counted in the figures by hour (`analytics.usage.rolling_up`). Copies never are."""

    class Meta:
        db_table = "execution_usage"
        indexes: ClassVar = [
            models.Index(fields=["user_id", "began_at"], include=READ_OF_PEOPLE, name="usage_of_people"),
            models.Index(fields=["session_id", "began_at"], name="usage_by_session"),
            BrinIndex(fields=["began_at"], autosummarize=True, name="usage_by_time"),
            # What is not in the figures by hour yet: the last hour or two.
            models.Index(
                fields=["began_at"], condition=Q(is_rolled_up=False, is_copy=False), name="usage_not_rolled_up"
            ),
            models.Index(
                fields=["template_version_id", "began_at"],
                condition=Q(template_version_id__isnull=False, is_copy=False),
                name="usage_by_version",
            ),
            models.Index(
                fields=["token_id", "began_at"],
                condition=Q(token_id__isnull=False, is_copy=False),
                name="usage_by_token",
            ),
            models.Index(
                fields=["project_id", "began_at"],
                condition=~Q(project_id="") & Q(is_copy=False),
                name="usage_by_project",
            ),
            models.Index(
                fields=["began_at"],
                include=(
                    "error_code",
                    "status",
                    "model_id",
                    "origin",
                    "user_id",
                    "session_id",
                    "project_id",
                    "template_version_id",
                    "token_id",
                ),
                condition=Q(status="failed", is_copy=False),
                name="failed_usage",
            ),
        ]

    def __str__(self) -> str:
        return f"usage of {self.execution_id}"
