"""Events to be told and their deliveries, a row a destination."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from foundation.database.json_field import JSONField
from foundation.sealing.fields import SealedJSONField, SealedTextField


class Destination(models.Model):
    """Where events go, and who is telling it now."""

    name = models.CharField(max_length=100, primary_key=True)
    is_active = models.BooleanField(default=True, db_default=True)
    """Nothing is written for one that is not; what is waiting for it stays."""
    holder = models.UUIDField(null=True)
    held_until = models.DateTimeField(null=True)
    """The lease of the relay that tells it, by the database's clock."""
    failures = models.PositiveIntegerField(default=0, db_default=0)
    """In a row, since it last took something."""
    paused_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True, default="", db_default="")
    last_success_at = models.DateTimeField(null=True)
    subscribed_at = models.DateTimeField(null=True)
    """When it last took our subscriptions."""
    user_id = models.UUIDField(null=True)
    """Whose events it gets; everybody's where there is none."""
    types = ArrayField(models.CharField(max_length=80), null=True)
    """Of which types; of all where there are none."""
    project_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    """Of which project; of all where it is empty."""
    failing_since = models.DateTimeField(null=True)
    """The first failure since it last took something."""

    class Meta:
        db_table = "event_destinations"

    def __str__(self) -> str:
        return self.name


class Format(models.TextChoices):
    """In which shape a webhook gets an event."""

    CLOUDEVENTS = "cloudevents", "CloudEvents, for programs"
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Microsoft Teams"


class Webhook(models.Model):
    """An address of a person's own that gets their events; what is waiting for it hangs on its destination."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    destination = models.OneToOneField(Destination, on_delete=models.CASCADE, related_name="webhook")
    owner_id = models.UUIDField(db_index=True)
    name: Any = SealedTextField()
    format = models.CharField(max_length=20, choices=Format.choices, default=Format.CLOUDEVENTS)
    url: Any = SealedTextField()
    """Sealed: addresses of chats are secrets themselves."""
    secret: Any = SealedTextField()
    old_secret: Any = SealedTextField(null=True)
    old_secret_until = models.DateTimeField(null=True)
    """Until then calls bear the signature of the secret before as well."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "webhooks"

    def __str__(self) -> str:
        return str(self.id)


class Event(models.Model):
    """Something that happened here. Ids and figures stand in clear, what people wrote is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=80)
    aggregate = models.CharField(max_length=300)
    """The thing whose events are told in order, such as `execution:<id>`."""
    user_id = models.UUIDField(null=True)
    session_id = models.UUIDField(null=True)
    project_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    payload: Any = JSONField(default=dict)
    words: Any = SealedJSONField(empty=dict)
    """What of the payload people wrote: names."""
    request_id = models.CharField(max_length=100, blank=True, default="", db_default="")
    cause_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    """The event that has caused it, where one has."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "events"
        indexes = [
            models.Index(fields=["created_at"], name="events_by_time"),
            models.Index(fields=["user_id"], condition=~models.Q(user_id=None), name="events_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class State(models.TextChoices):
    """Of a delivery."""

    DUE = "due"
    PARKED = "parked"
    DELIVERED = "delivered"


class Delivery(models.Model):
    """One event for one destination; the ids are the order in which they are told."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    event_id: uuid.UUID
    destination = models.ForeignKey(
        Destination, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    """Not held by the database: a webhook that is removed meanwhile must not undo the change that an event is of."""
    destination_id: str
    aggregate = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE, db_default=State.DUE)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(db_default=Now())
    first_failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True, default="", db_default="")
    """In words of our own."""
    ended_at = models.DateTimeField(null=True)
    """Delivered, or parked."""

    class Meta:
        db_table = "event_deliveries"
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["destination", "id"], condition=models.Q(state="due"), name="deliveries_due"),
            models.Index(
                fields=["destination", "aggregate", "id"], condition=models.Q(state="due"), name="deliveries_in_order"
            ),
            models.Index(fields=["state", "ended_at"], condition=~models.Q(ended_at=None), name="deliveries_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.destination_id}"
