"""How the outbox stands, as `/metrics` and the monitoring tell it, from rows of each state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Delivery, Destination, Event, State
from events.outbox.undelivered import _undelivered

pytestmark = pytest.mark.django_db


def deliveries(destination: str, *ages: int, state: State = State.DUE) -> None:
    """Of events that are so many seconds old."""
    Destination.objects.get_or_create(name=destination)
    for age in ages:
        event = Event.objects.create(type="x", aggregate="x:1", created_at=timezone.now() - timedelta(seconds=age))
        Delivery.objects.create(event=event, destination_id=destination, aggregate="x:1", state=state)


def told() -> dict[str, dict[str, float]]:
    """By family, then by destination."""
    return {
        family.name.removeprefix("playground_"): {
            sample.labels.get("destination", ""): round(sample.value) for sample in family.samples
        }
        for family in _undelivered()
    }


def test_an_empty_outbox_is_told_with_all_its_destinations() -> None:
    nothing = {"event_manager": 0, "event_stream": 0, "webhooks": 0}
    assert told() == {"outbox_undelivered": nothing, "outbox_oldest_age_seconds": nothing, "outbox_parked": {"": 0}}


def test_what_is_due_is_told_by_destination_and_all_webhooks_as_one() -> None:
    deliveries("event_manager", 10, 400)
    deliveries("webhook-1", 50)
    deliveries("webhook-2", 70, 20)
    deliveries("webhook-2", 9000, state=State.PARKED)
    deliveries("event_manager", 9000, state=State.DELIVERED)
    found = told()
    assert found["outbox_undelivered"] == {"event_manager": 2, "event_stream": 0, "webhooks": 3}
    ages = found["outbox_oldest_age_seconds"]
    assert ages == {
        "event_manager": pytest.approx(400, abs=5), "event_stream": 0, "webhooks": pytest.approx(70, abs=5)
    }  # fmt: skip
    assert found["outbox_parked"] == {"": 1}
