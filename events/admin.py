"""Events in the admin: what waits, what was parked, what came in; told or done once more by an administrator."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from audit.acts import Act
from audit.recording import record
from events.intake import working
from events.models import ConsumedEvent, Delivery, Destination
from events.outbox.publishing import ring
from events.relay import queue
from events.vocabulary import sentence_of
from foundation.words import counted


class _ToBeRead(admin.ModelAdmin):  # type: ignore[type-arg]
    """Nobody adds, changes or removes any of it."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Events are written by what happens."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An event stays as it is."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An event goes by its clock."""
        return False

    def has_again_permission(self, request: HttpRequest) -> bool:
        """Administrators only: what is told once more is done once more elsewhere."""
        return bool(request.user.is_superuser)


@admin.register(Destination)
class DestinationAdmin(_ToBeRead):
    """Where events go, and how that goes."""

    list_display = ("name", "is_active", "failures", "last_error", "last_success_at", "paused_until", "subscribed_at")


@admin.register(Delivery)
class DeliveryAdmin(_ToBeRead):
    """The outbox: an event for a destination a row. Payloads are not shown."""

    list_display = ("id", "what", "type", "aggregate", "destination", "state", "attempts", "due_at", "last_error")
    list_filter = ("state", "destination")
    list_select_related = ("event", "destination")
    search_fields = ("=event__id", "=aggregate")
    ordering = ("-id",)
    actions = ("tell_again",)

    @admin.display(ordering="event__type")
    def what(self, delivery: Delivery) -> str:
        """The event in words."""
        return sentence_of(delivery.event.type)

    @admin.display(ordering="event__type")
    def type(self, delivery: Delivery) -> str:
        """The event's."""
        return delivery.event.type

    @admin.action(description="Tell once more, under the same id", permissions=["again"])
    def tell_again(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        """Parked and delivered ones become due; what is due already stays."""
        chosen = list(rows.exclude(state="due"))
        with transaction.atomic():
            count = queue.again([each.id for each in chosen])
            for each in chosen:
                record(act=Act.EVENT_REPLAYED, kind="event", object_id=each.event_id)
            transaction.on_commit(ring)
        self.message_user(request, f"{counted(count, 'event')} will be told once more.")


@admin.register(ConsumedEvent)
class ConsumedEventAdmin(_ToBeRead):
    """What came in. Payloads are not shown."""

    list_display = ("received_at", "type", "subject", "fate", "attempts", "reason", "event_id")
    list_filter = ("fate",)
    search_fields = ("=event_id", "=subject")
    ordering = ("-received_at",)
    fields = ("event_id", "type", "subject", "fate", "attempts", "reason", "due_at", "received_at")
    actions = ("do_again",)

    @admin.action(description="Do once more", permissions=["again"])
    def do_again(self, request: HttpRequest, rows: QuerySet[ConsumedEvent]) -> None:
        """Those that have come to an end wait again."""
        chosen = list(rows.exclude(fate="waiting"))
        with transaction.atomic():
            count = working.again([each.id for each in chosen], now=timezone.now())
            for each in chosen:
                record(act=Act.EVENT_REPLAYED, kind="consumed_event", object_id=each.id)
        self.message_user(request, f"{counted(count, 'event')} will be done once more.")
