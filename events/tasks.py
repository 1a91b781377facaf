"""Background work of the events; harmless when run twice."""

from __future__ import annotations

from typing import Any, Final

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from events import keeping
from events.intake import reading
from events.intake.working import do_waiting
from events.models import Destination
from events.outbox import destinations
from events.outbox.destinations import EVENT_MANAGER, EVENT_STREAM
from events.outbox.publishing import ring
from events.relay import queue
from events.relay.event_manager import configured
from events.relay.relaying import LARGEST
from events.relay.relaying import relay as relay_to
from events.relay.subscribing import subscribe as subscribe_at
from events.stream.adding import add
from events.webhooks import telling as webhooks
from foundation.tasks import send_task

TELL: Final = "events.tasks.tell_webhooks"
ADD: Final = "events.tasks.add_to_stream"
TURN: Final = 45.0
"""Seconds that one task tells for; the next one goes on."""


@shared_task
def relay(**kwargs: Any) -> None:
    """Tells the EventManager what is due, and has other tasks tell the webhooks and the stream."""
    if webhooks.due():
        send_task(TELL, expires=5.0)
    if settings.ENV.event_stream and queue.is_waiting(EVENT_STREAM):
        send_task(ADD, expires=5.0)
    if not settings.ENV.event_manager_url:
        return
    with configured() as manager:
        told = relay_to(EVENT_MANAGER, lambda events, name: manager.send(events, name=name), seconds=TURN)
    if told >= LARGEST and queue.is_waiting(EVENT_MANAGER):
        ring()


@shared_task
def tell_webhooks(**kwargs: Any) -> None:
    """Tells webhooks what is due for them, and goes on while something is."""
    if webhooks.tell_all() and webhooks.due():
        send_task(TELL, expires=5.0)


@shared_task
def add_to_stream(**kwargs: Any) -> None:
    """Adds to the stream what is due for it."""
    if settings.ENV.event_stream:
        relay_to(EVENT_STREAM, add, seconds=TURN)


@shared_task
def subscribe(at_start: bool = False, **kwargs: Any) -> None:
    """Subscribes, unless it has since the last start."""
    destinations.keep()
    if not settings.ENV.event_manager_url:
        return
    row = Destination.objects.filter(name=EVENT_MANAGER)
    if at_start:
        row.update(subscribed_at=None)
    if row.filter(subscribed_at=None).exists():
        with configured() as manager:
            subscribe_at(manager)


@shared_task
def read_stream(**kwargs: Any) -> None:
    """Takes over the events of the stream that others write."""
    if settings.ENV.event_intake_stream:
        reading.read(now=timezone.now())


@shared_task
def do_consumed(**kwargs: Any) -> None:
    """Does what events of the services around ask for."""
    do_waiting(now=timezone.now())


@shared_task
def forget_old(**kwargs: Any) -> None:
    """Removes events of long ago."""
    keeping.forget_old(now=timezone.now())
