"""Subscriptions are asked for at each start, once, again until they are taken; and `/health` says how that stands."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from events import keeping
from events.models import ConsumedEvent, Delivery, Destination, Event
from events.standing import services
from events.tasks import relay, subscribe
from tests.events.conftest import configure, happen, later
from tests.servers.event_manager import EventManagerServer

pytestmark = pytest.mark.django_db


def test_it_is_asked_for_our_topics_once_a_start(manager: EventManagerServer, settings: Settings) -> None:
    configure(settings, event_endpoint="http://playground:3006/api/events")
    for at_start in (True, False, False):
        subscribe(at_start=at_start)
    assert [each["topic"] for each in manager.subscriptions] == ["project/#", "user/#", "system/#", "cost/#"]
    first = manager.subscriptions[0]
    assert first == {
        "topic": "project/#",
        "endpoint": "http://playground:3006/api/events",
        "connection_type": "webhook",
        "filter": {"types": ["project.*"]},
        "options": {"batch_size": 100},
        "description": "LLM Playground Service",
    }
    assert manager.faults == []
    subscribe(at_start=True)
    assert len(manager.subscriptions) == 8


@pytest.mark.parametrize("status", [0, 500, 401])
def test_one_that_does_not_take_them_is_asked_again_and_shown(manager: EventManagerServer, status: int) -> None:
    if status:
        manager.status = status
    else:
        manager.go()
    subscribe(at_start=True)
    assert services() == {"event_manager": "unhealthy"}
    if status:
        manager.status = 200
    else:
        manager.come()
    subscribe()
    assert services() == {"event_manager": "healthy"}
    assert len(manager.subscriptions) == 4


def test_one_that_has_them_already_says_so_and_is_well(manager: EventManagerServer) -> None:
    manager.status = 409
    subscribe(at_start=True)
    assert services() == {"event_manager": "healthy"}


def test_one_that_takes_no_events_is_shown(manager: EventManagerServer) -> None:
    subscribe(at_start=True)
    happen("session:a")
    manager.go()
    relay()
    assert services() == {"event_manager": "unhealthy"}
    manager.come()
    later(1)
    relay()
    assert services() == {"event_manager": "healthy"}


def test_without_one_there_is_nothing_to_ask_and_to_show(settings: Settings) -> None:
    configure(settings, event_manager_url=None)
    subscribe(at_start=True)
    relay()
    assert (services(), Destination.objects.count()) == ({"event_manager": "not_configured"}, 0)


def test_what_was_told_goes_after_a_week_and_what_waits_after_a_month(manager: EventManagerServer) -> None:
    happen("session:a")
    relay()
    happen("session:b")
    now = timezone.now()
    ConsumedEvent.objects.create(event_id="x", type="t", subject="event:x", fate="done", received_at=now)
    assert keeping.forget_old(now=now + keeping.KEPT / 2) == 0
    assert keeping.forget_old(now=now + keeping.KEPT * 1.1) == 2
    assert [each.aggregate for each in Event.objects.all()] == ["session:b"]
    assert keeping.forget_old(now=now + keeping.KEPT_WAITING * 1.1) == 1
    assert not Delivery.objects.exists()
