"""What a person is told in the page and by mail, and what of it they want."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.database.json_field import JSONField
from foundation.sealing.fields import SealedJSONField


class Kind(models.TextChoices):
    """What a person is told of; the words are those of the page of preferences."""

    LABEL_MOVED = "label_moved", "A label is moved of a template of mine, or of one shared with me"
    SPLIT_ENDED = "split_ended", "A split of the traffic ends of such a template"
    APPROVAL_ASKED = "approval_asked", "Somebody asks for something of a protected label that I may approve"
    REQUEST_DECIDED = "request_decided", "What I asked of a protected label is decided"
    SHARED = "shared", "A template, a session or a test is shared with me"
    TEST_COMPLETED = "test_completed", "A test of mine has completed"
    TEST_FAILED = "test_failed", "A test of mine ends without completing"
    TEST_REGRESSED = "test_regressed", "A test of mine is worse than its baseline"
    SUITE_ENDED = "suite_ended", "A run of a suite of mine has ended"
    QUOTA = "quota", "A share of a limit of mine is used, or of what I see to"
    ANOMALY = "anomaly", "My use is unlike before, or that of what I see to"
    WEBHOOK_STOPPED = "webhook_stopped", "A webhook of mine is stopped"
    ALERT = "alert", "An alert of the installation begins or is over, for administrators"
    ERROR_RETURNED = "error_returned", "An error of the service that was resolved is back, for administrators"
    MODEL_RETIRES = "model_retires", "A model retires that a template or a suite of mine asks"
    WEEKLY_REPORT = "weekly_report", "My report of the week that is over, on Mondays"


class Notification(models.Model):
    """One person is told of one event. Ids and figures stand in clear, what people wrote is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_id = models.UUIDField()
    event_id = models.UUIDField()
    """The event that it is of, which is kept for others only, and only while it is told them."""
    kind = models.CharField(max_length=30, choices=Kind.choices)
    payload: Any = JSONField(default=dict)
    words: Any = SealedJSONField(empty=dict)
    by_id = models.UUIDField(null=True)
    """Who did it, where that was a person."""
    owner_id = models.UUIDField(null=True)
    """Whose words these are: they go with that person."""
    is_shown = models.BooleanField(default=True, db_default=True)
    """In the page; else it is for mail alone."""
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    mail_due_at = models.DateTimeField(null=True)
    """When it is mailed, or tried again; none where no mail is wanted, or it was given up."""
    mail_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notifications"
        constraints = [models.UniqueConstraint(fields=["event_id", "user_id"], name="one_notification_of_an_event")]
        indexes = [
            models.Index(fields=["user_id", "-created_at", "-id"], name="notifications_newest"),
            models.Index(fields=["user_id"], condition=Q(read_at=None, is_shown=True), name="notifications_unread"),
            models.Index(
                fields=["mail_due_at"],
                condition=Q(mailed_at=None) & ~Q(mail_due_at=None),
                name="notifications_to_mail",
            ),
            models.Index(fields=["created_at"], name="notifications_by_time"),
            models.Index(fields=["owner_id"], condition=~Q(owner_id=None), name="notifications_by_owner"),
            models.Index(fields=["by_id"], condition=~Q(by_id=None), name="notifications_by_doer"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class NotificationPreference(models.Model):
    """How a person is told of one kind; where there is no row, in the page alone."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.UUIDField()
    kind = models.CharField(max_length=30, choices=Kind.choices)
    page = models.BooleanField()
    mail = models.BooleanField()

    class Meta:
        db_table = "notification_preferences"
        constraints = [models.UniqueConstraint(fields=["user_id", "kind"], name="one_preference_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"
