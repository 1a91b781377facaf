"""What a webhook's owner does with it: stops it, lets it go on, tries it, has events told again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from events.models import Delivery, Destination, Event, State, Webhook
from events.outbox.publishing import ring
from events.vocabulary import PREFIX
from events.webhooks import hearing
from events.webhooks.setting_up import refuse_address, refuse_types_of_team
from foundation.problems import not_found


def of(owner_id: UUID, webhook_id: UUID) -> Webhook:
    """The owner's webhook; a 404 problem where it is not theirs."""
    found = Webhook.objects.select_related("destination").filter(id=webhook_id, owner_id=owner_id).first()
    if found is None:
        raise not_found("The webhook")
    return found


def all_of(owner_id: UUID) -> list[Webhook]:
    """The oldest first."""
    return list(Webhook.objects.select_related("destination").filter(owner_id=owner_id).order_by("created_at", "id"))


@transaction.atomic
def change(webhook: Webhook, given: dict[str, Any]) -> None:
    """`name, url, format` of the webhook; `types, project_id, is_active` of its destination."""
    if "url" in given:
        refuse_address(given["url"])
    if given.get("types") and hearing.team_of(webhook) is not None:
        refuse_types_of_team(given["types"])
    own = {name: given[name] for name in ("name", "url", "format") if name in given}
    if own:
        for name, value in own.items():
            setattr(webhook, name, value)
        webhook.save(update_fields=list(own))
    theirs: dict[str, Any] = {name: given[name] for name in ("types", "project_id", "is_active") if name in given}
    if given.get("is_active"):
        hearing.refuse(webhook.owner_id, webhook.destination.user_id)
        theirs |= {"failures": 0, "paused_until": None, "failing_since": None, "last_error": ""}
    if theirs:
        Destination.objects.filter(name=webhook.destination_id).update(**theirs)
        webhook.destination.refresh_from_db()
    if theirs.get("is_active"):
        transaction.on_commit(ring)


def delete(webhook: Webhook) -> None:
    """With all that waits for it."""
    webhook.destination.delete()


@transaction.atomic
def try_out(webhook: Webhook) -> Delivery:
    """An event of the kind `webhook.tried`, for this one alone."""
    event = Event(
        type=f"{PREFIX}webhook.tried",
        aggregate=f"webhook:{webhook.id}",
        user_id=webhook.owner_id,
        payload={"webhook_id": str(webhook.id)},
    )
    event.save(force_insert=True)
    made = Delivery.objects.create(event=event, destination=webhook.destination, aggregate=event.aggregate)
    transaction.on_commit(ring)
    return made


def deliveries_of(webhook: Webhook) -> QuerySet[Delivery]:
    """The log of the last seven days, the newest first."""
    return Delivery.objects.filter(destination=webhook.destination_id).select_related("event").order_by("-id")


def counts_of(webhooks: Sequence[Webhook]) -> dict[str, dict[str, int]]:
    """By destination, how many events wait for it and how many were given up."""
    rows = Delivery.objects.filter(destination__in=[each.destination_id for each in webhooks])
    told = rows.exclude(state=State.DELIVERED).values("destination").annotate(
        waiting=Count("id", filter=Q(state=State.DUE)), parked=Count("id", filter=Q(state=State.PARKED))
    )  # fmt: skip
    return {row["destination"]: {"waiting": row["waiting"], "parked": row["parked"]} for row in told.order_by()}


@transaction.atomic
def replay(webhook: Webhook, *, now: datetime, delivery_id: int | None = None) -> int:
    """Has one event told again, else all that were given up; how many."""
    rows = Delivery.objects.filter(destination=webhook.destination_id)
    rows = rows.filter(state=State.PARKED) if delivery_id is None else rows.filter(id=delivery_id)
    again = rows.update(state=State.DUE, due_at=now, attempts=0, first_failed_at=None, ended_at=None, last_error="")
    if delivery_id is not None and not again:
        raise not_found("The delivery")
    transaction.on_commit(ring)
    return again
