"""Rules of alerts, how each stands, and when each was firing."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Comparison(models.TextChoices):
    """On which side of its threshold a figure must not be."""

    ABOVE = "above"
    BELOW = "below"


class Severity(models.TextChoices):
    """How soon somebody has to look."""

    CRITICAL = "critical"
    WARNING = "warning"


class AlertState(models.TextChoices):
    """ok → pending → firing → ok; unknown: nothing could be told of the figure for some minutes."""

    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    UNKNOWN = "unknown"


class AlertRule(models.Model):
    """When a figure is an alert. What an administrator set."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100, unique=True)
    figure = models.CharField(max_length=40)
    """One of `monitoring.alerts.measures`."""
    provider = models.CharField(max_length=64, blank=True, default="")
    """The one that is watched; empty for each of them."""
    comparison = models.CharField(max_length=10, choices=Comparison.choices)
    threshold = models.FloatField()
    minutes = models.PositiveIntegerField()
    """For how long it must be so; 0: at once."""
    severity = models.CharField(max_length=10, choices=Severity.choices)
    is_enabled = models.BooleanField(default=True)

    class Meta:
        db_table = "alert_rules"
        constraints = [
            models.CheckConstraint(condition=models.Q(comparison__in=Comparison.values), name="alert_rule_compares"),
            models.CheckConstraint(condition=models.Q(severity__in=Severity.values), name="alert_rule_is_so_grave"),
        ]

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """How one rule stands for one subject. Every write is a conditional UPDATE of `monitoring.alerts.lifecycle`."""

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    subject = models.CharField(max_length=64, blank=True, default="")
    """A provider, a destination of events, or an error's id; empty where the figure is one number."""
    state = models.CharField(max_length=10, choices=AlertState.choices, default=AlertState.OK)
    since = models.DateTimeField()
    """Of the state."""
    value = models.FloatField(null=True)
    looked_at = models.DateTimeField(null=True)
    """The minute that was judged last."""
    missing_since = models.DateTimeField(null=True)
    """Since when nothing is told of the figure."""
    muted_until = models.DateTimeField(null=True)
    muted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        db_table = "alerts"
        constraints = [
            models.UniqueConstraint(fields=["rule", "subject"], name="one_alert_a_rule_and_subject"),
            models.CheckConstraint(condition=models.Q(state__in=AlertState.values), name="alert_is_in_a_state"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.subject} {self.state}"


class Firing(models.Model):
    """From when to when an alert was firing; it stays when its rule goes."""

    id = models.BigAutoField(primary_key=True)
    alert = models.ForeignKey(Alert, on_delete=models.SET_NULL, null=True, related_name="firings")
    name = models.CharField(max_length=100)
    subject = models.CharField(max_length=64, blank=True, default="")
    figure = models.CharField(max_length=40)
    comparison = models.CharField(max_length=10, choices=Comparison.choices)
    threshold = models.FloatField()
    severity = models.CharField(max_length=10, choices=Severity.choices)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    worst = models.FloatField()
    told_at = models.DateTimeField(null=True)
    """When administrators were told; never while it is muted."""

    class Meta:
        db_table = "alert_firings"
        constraints = [
            models.UniqueConstraint(
                fields=["alert"], condition=models.Q(ended_at=None), name="one_firing_of_an_alert_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["-began_at", "-id"], name="alert_firings_by_start")]

    def __str__(self) -> str:
        return f"{self.name} {self.subject} {self.began_at}"
