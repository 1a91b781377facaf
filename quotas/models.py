"""The ledger of quotas: what may be used, what was used, and what is set aside for runs that go on."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

EVERY: Final = "*"
"""In place of a subject's id: whoever of the kind has no limit of their own for the period."""


class SubjectKind(models.TextChoices):
    """Whose use is counted together."""

    USER = "user"
    TEAM = "team"
    ORGANISATION = "organisation"
    PROJECT = "project"
    TOKEN = "token"  # noqa: S105 - a word
    THROTTLE = "throttle"
    """A user, from when their use is unlike before until that is over (`ledger/throttling.py`)."""


SETTABLE: Final = tuple(kind for kind in SubjectKind if kind != SubjectKind.THROTTLE)
"""Whose limits people set."""


class Period(models.TextChoices):
    """How long is counted before it begins anew."""

    DAY = "day"
    MONTH = "month"


class Measure(models.TextChoices):
    """What is counted."""

    EXECUTIONS = "executions"
    TOKENS = "tokens"
    COST = "cost"


class QuotaLimit(models.Model):
    """What a subject may use in a period; a measure without a number is without a limit."""

    id = models.BigAutoField(primary_key=True)
    subject_kind = models.CharField("whose", max_length=20, choices=SubjectKind.choices)
    subject_id = models.CharField("ID or key", max_length=255)
    """The id of a user, team or token; the key of an organisation; a session's `project_id`; or EVERY."""
    period = models.CharField(max_length=10, choices=Period.choices)
    executions = models.BigIntegerField(null=True, blank=True, validators=[MinValueValidator(0)])
    tokens = models.BigIntegerField(null=True, blank=True, validators=[MinValueValidator(0)])
    cost = models.DecimalField(
        "cost, USD", max_digits=20, decimal_places=8, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )
    is_hard = models.BooleanField("refused beyond it", default=True)
    """Whether a run beyond it is refused; otherwise it is only told."""
    is_from_environment = models.BooleanField("from the environment", default=False, editable=False)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    ends_at = models.DateTimeField(null=True, editable=False)
    """Of a throttle: when it is over though nobody ends it. None: until it is taken away."""

    class Meta:
        db_table = "quota_limits"
        verbose_name = "quota"
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "period"], name="one_quota_a_period"),
            models.CheckConstraint(condition=Q(subject_kind__in=SubjectKind.values), name="quota_subject_known"),
            models.CheckConstraint(condition=Q(period__in=Period.values), name="quota_period_known"),
            models.CheckConstraint(condition=~Q(subject_id=""), name="quota_has_a_subject"),
            models.CheckConstraint(
                condition=(Q(executions=None) | Q(executions__gte=0))
                & (Q(tokens=None) | Q(tokens__gte=0))
                & (Q(cost=None) | Q(cost__gte=0)),
                name="quota_is_no_debt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} a {self.period}"


class QuotaUsage(models.Model):
    """What a subject's ended executions used in one period; kept while the subject has a limit for it."""

    id = models.BigAutoField(primary_key=True)
    subject_kind = models.CharField(max_length=20, choices=SubjectKind.choices)
    subject_id = models.CharField(max_length=255)
    period = models.CharField(max_length=10, choices=Period.choices)
    starts_on = models.DateField()
    """In the time zone of the subject's organisation."""
    time_zone = models.CharField(max_length=64)
    executions = models.BigIntegerField(default=0, db_default=0)
    tokens = models.BigIntegerField(default=0, db_default=0)
    cost = models.DecimalField(max_digits=20, decimal_places=8, default=0, db_default=0)
    counted_from = models.DateTimeField(default=timezone.now)
    """Executions begun before it, in the same period, are not in it until `is_whole`."""
    is_whole = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "quota_usage"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "period", "starts_on"], name="one_usage_a_period"
            )
        ]
        indexes = [models.Index(fields=["id"], condition=Q(is_whole=False), name="usage_to_be_made_whole")]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} a {self.period} from {self.starts_on}"


class QuotaHold(models.Model):
    """What is set aside for an execution that goes on; gone with its end."""

    id = models.BigAutoField(primary_key=True)
    execution_id = models.UUIDField()
    usage = models.ForeignKey(QuotaUsage, on_delete=models.CASCADE, related_name="holds")
    tokens = models.BigIntegerField()
    cost = models.DecimalField(max_digits=20, decimal_places=8)
    created_at = models.DateTimeField(default=timezone.now)
    held_until = models.DateTimeField(null=True)
    """Of one that is asked elsewhere and has no row until its answer comes: when it is taken for lost."""

    class Meta:
        db_table = "quota_holds"
        constraints = [models.UniqueConstraint(fields=["execution_id", "usage"], name="one_hold_a_usage")]

    def __str__(self) -> str:
        return f"{self.execution_id} at {self.usage_id}"


class QuotaAlert(models.Model):
    """A share of a limit that was reached in a period, told once."""

    id = models.BigAutoField(primary_key=True)
    usage = models.ForeignKey(QuotaUsage, on_delete=models.CASCADE, related_name="alerts")
    usage_id: int
    measure = models.CharField(max_length=20, choices=Measure.choices)
    percent = models.PositiveSmallIntegerField()
    reached_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)
    """When a mail to ALERT_EMAIL told of it."""
    person_told_at = models.DateTimeField(null=True)
    """When a mail told the person whose own limit it is."""

    class Meta:
        db_table = "quota_alerts"
        constraints = [models.UniqueConstraint(fields=["usage", "measure", "percent"], name="one_alert_a_share")]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.measure} at {self.usage_id}"
