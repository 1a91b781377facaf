"""What was used by hour, and what of it was unusual."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db import models
from django.utils import timezone

from foundation.database.json_field import JSONField


class WholeNumberField(models.Field):  # type: ignore[type-arg]
    """A whole number of any length."""

    def db_type(self, connection: Any) -> str:
        """Without a precision it takes 131,072 digits."""
        return "numeric"


class SubjectKind(models.TextChoices):
    """Whose use is watched."""

    INSTALLATION = "installation"
    ORGANISATION = "organisation"
    USER = "user"


class UsageHour(models.Model):
    """What a user used of a model in a finished hour (UTC): figures and ids, no content."""

    id = models.BigAutoField(primary_key=True)
    hour = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    model_id = models.CharField(max_length=255)
    calls = models.PositiveIntegerField()
    errors = models.PositiveIntegerField()
    cost = models.DecimalField(max_digits=20, decimal_places=8)

    class Meta:
        db_table = "usage_hours"
        constraints = [models.UniqueConstraint(fields=["hour", "user", "model_id"], name="one_usage_an_hour")]
        indexes = [models.Index(fields=["user", "hour"], name="usage_hours_by_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.model_id} {self.hour}"


class UsageRollup(models.Model):
    """Up to which hour usage is rolled up and looked at; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    done_until = models.DateTimeField(null=True)
    """Hours before this one are."""
    looked_at = models.DateTimeField(null=True)
    """When that was: runs that end later are added to the hours in which they began."""

    class Meta:
        db_table = "usage_rollups"

    def __str__(self) -> str:
        return str(self.done_until)


class UsageCell(models.Model):
    """What runs that began in an hour (UTC) used, of a model, origin, status and error: sums of `ExecutionUsage`.

    Costs are in hundred-millionths of a dollar, as there. A sketch (`playground.usage.sketch`) is one whole number
    whose digits are the counts, `analytics.usage.sketches.DIGITS` a bucket: PostgreSQL adds many up with `sum`.
    """

    id = models.BigAutoField(primary_key=True)
    hour = models.DateTimeField()
    model_id = models.CharField(max_length=255)
    origin = models.CharField(max_length=20)
    status = models.CharField(max_length=20)
    error_code = models.CharField(max_length=50, blank=True, default="")
    executions = models.BigIntegerField(default=0)
    cached = models.BigIntegerField(default=0)
    prompt_tokens = models.BigIntegerField(default=0)
    completion_tokens = models.BigIntegerField(default=0)
    cache_read_tokens = models.BigIntegerField(default=0)
    cache_write_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    input_cost = models.BigIntegerField(default=0)
    cache_read_cost = models.BigIntegerField(default=0)
    cache_write_cost = models.BigIntegerField(default=0)
    output_cost = models.BigIntegerField(default=0)
    reasoning_cost = models.BigIntegerField(default=0)
    attempt_cost = models.BigIntegerField(default=0)
    unpriced = models.BigIntegerField(default=0)
    """Runs with tokens whose price was not known."""
    latency_sketch = WholeNumberField(default=0)
    first_token_sketch = WholeNumberField(default=0)

    class Meta:
        db_table = "usage_cells"
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "model_id", "origin", "status", "error_code"], name="one_cell_an_hour"
            )
        ]
        indexes = [
            models.Index(
                fields=["hour"],
                include=("model_id", "origin", "status", "error_code", "executions"),
                condition=models.Q(status="failed"),
                name="failed_cells",
            )
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.origin} {self.status} {self.hour}"


SUMS_OF_DAYS: Final = (
    "executions", "completed", "failed", "cancelled", "cached", "prompt_tokens", "completion_tokens",
    "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "spent", "spent_elsewhere", "unpriced", "input",
    "cache_read", "cache_write", "output", "reasoning", "attempt",
)  # fmt: skip


class UsageDay(models.Model):
    """What runs that began on a day (UTC) used, of one person, session, project, version or token: sums as in
    `UsageCell`, over all models.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    kind = models.CharField(max_length=10)
    """`analytics.usage.rolling_up.KINDS`, or `QUARTER`"""
    key = models.CharField(max_length=255, blank=True)
    """Its id, or moment; empty: of none, or of people who were erased."""
    executions = models.BigIntegerField(default=0)
    completed = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    cancelled = models.BigIntegerField(default=0)
    cached = models.BigIntegerField(default=0)
    prompt_tokens = models.BigIntegerField(default=0)
    completion_tokens = models.BigIntegerField(default=0)
    cache_read_tokens = models.BigIntegerField(default=0)
    cache_write_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    """What was spent here, which is the sum of the lines and of what was billed before there were lines."""
    spent_elsewhere = models.BigIntegerField(default=0)
    input = models.BigIntegerField(default=0)
    cache_read = models.BigIntegerField(default=0)
    cache_write = models.BigIntegerField(default=0)
    output = models.BigIntegerField(default=0)
    reasoning = models.BigIntegerField(default=0)
    attempt = models.BigIntegerField(default=0)
    unpriced = models.BigIntegerField(default=0)
    latency_sketch = WholeNumberField(default=0)
    first_token_sketch = WholeNumberField(default=0)

    class Meta:
        db_table = "usage_days"
        constraints = [models.UniqueConstraint(fields=["kind", "day", "key"], name="one_sum_a_day")]
        # The sums without the sketches, which are most of a row.
        indexes = [models.Index(fields=["kind", "day"], include=("key", *SUMS_OF_DAYS), name="sums_of_days")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.day}"


class WeeklyReport(models.Model):
    """That somebody was told of a week, once, however often is looked for whom to tell."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    week = models.DateField()
    """Its Monday."""
    due_at = models.DateTimeField(null=True)
    """When it is mailed, or tried again; none where it is not wanted, was sent, or was given up."""
    sent_at = models.DateTimeField(null=True)
    """When the mail was handed to the server: before it is, so that nobody gets it twice."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "weekly_reports"
        constraints = [models.UniqueConstraint(fields=["user", "week"], name="one_report_a_week")]
        indexes = [
            models.Index(fields=["due_at"], condition=~models.Q(due_at=None), name="weekly_reports_to_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.week} for {self.user_id}"


class Anomaly(models.Model):
    """A run of hours that are unlike before, with what shows it: figures and ids, no content."""

    id = models.BigAutoField(primary_key=True)
    subject_kind = models.CharField(max_length=20, choices=SubjectKind.choices)
    subject_id = models.CharField(max_length=255, blank=True)
    """Empty for the installation."""
    metric = models.CharField(max_length=20)
    """`analytics.anomalies.baseline.Metric`"""
    detail = models.CharField(max_length=255, blank=True, default="")
    """The model or network of a new one."""
    first_hour = models.DateTimeField()
    last_hour = models.DateTimeField()
    """The last one that is unusual."""
    evidence: Any = JSONField(default=dict)
    """Of its most unusual hour: hour, span, value, median, mad, score, count, contributors; of a new network by."""
    closed_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    dismissal = models.CharField(max_length=200, blank=True, default="")
    """Why."""
    throttled_to = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    """USD or calls a day that the user was held to while it was open; None: they were not (ANOMALY_THROTTLE)."""
    told_at = models.DateTimeField(null=True)
    """When a mail to ALERT_EMAIL told of it."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "anomalies"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "metric", "detail"],
                condition=models.Q(closed_at=None),
                name="one_open_anomaly",
            )
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id", "-id"], name="anomalies_by_subject")]

    def __str__(self) -> str:
        return f"{self.metric} of {self.subject_kind} {self.subject_id}"

    @property
    def held_to(self) -> str:
        """What the user was held to, without zeros at its end; empty where they were not."""
        return "" if self.throttled_to is None else f"{self.throttled_to.normalize():f}"
