"""An EventManager that is configured, and events in the outbox."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from pydantic import SecretStr
from pytest_django.fixtures import Settings

from events.models import Delivery, Destination, Event
from events.outbox import destinations
from events.outbox.publishing import publish
from events.tasks import relay
from tests.servers.event_manager import EventManagerServer

SECRET = "a secret of the test that is long enough"
TOKEN = "a-token-of-the-test"


def configure(settings: Settings, **given: Any) -> None:
    """As if the environment said so."""
    settings.ENV = settings.ENV.model_copy(update=given)


@pytest.fixture
def manager(settings: Settings, db: None) -> Iterator[EventManagerServer]:
    """There, and known."""
    with EventManagerServer(secret=SECRET.encode(), token=TOKEN) as server:
        given = {"event_signing_secret": SecretStr(SECRET), "event_manager_token": SecretStr(TOKEN)}
        configure(settings, event_manager_url=server.url, **given)
        destinations.keep()
        yield server


def happen(*aggregates: str, kind: str = "session.created") -> list[str]:
    """One event of each aggregate; their ids in order."""
    for aggregate in aggregates:
        publish(kind, aggregate=aggregate, payload={"session_id": aggregate}, user_id=uuid.uuid4())
    last = Delivery.objects.order_by("-id").values_list("event_id", flat=True)[: len(aggregates)]
    return [str(each) for each in reversed(last)]


def later(seconds: float) -> None:
    """So much time goes by for everything that waits."""
    with connection.cursor() as cursor:
        for table, column in (
            ("event_deliveries", "due_at"),
            ("event_deliveries", "first_failed_at"),
            ("event_destinations", "paused_until"),
            ("event_destinations", "held_until"),
        ):
            cursor.execute(f"UPDATE {table} SET {column} = {column} - make_interval(secs => %s)", [seconds])


def states() -> list[str]:
    """Of the deliveries, in order."""
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def waits() -> float:
    """Seconds that the destination rests for, from now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM paused_until - statement_timestamp()) FROM event_destinations")
        return float(cursor.fetchone()[0])


__all__ = ["Delivery", "Destination", "Event", "configure", "happen", "later", "relay", "states", "waits"]
