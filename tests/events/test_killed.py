"""F22, F38: a relay that is killed is followed by another, and a long absence is made up for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from pytest_django.fixtures import Settings

from events.models import Delivery
from events.outbox import destinations
from events.relay import lease
from events.tasks import relay
from tests.events.conftest import SECRET, TOKEN, happen, later, states
from tests.events.outbox_rows import fill, is_in_order
from tests.servers.embedded import EmbeddedServers
from tests.servers.event_manager import EventManagerServer
from tests.waiting import PATIENCE

RELAY = "import django; django.setup(); from events.tasks import relay; relay()"


@pytest.mark.django_db(transaction=True)
def test_f38_a_relay_killed_in_the_middle_of_a_batch_loses_nothing(
    manager: EventManagerServer, embedded_servers: EmbeddedServers
) -> None:
    ids = happen(*(f"session:{number % 7}" for number in range(20)))
    manager.pause_after_taking = 2 * PATIENCE
    environment = os.environ | {
        "DATABASE_URL": embedded_servers.database_url,
        "EVENT_MANAGER_URL": manager.url,
        "EVENT_SIGNING_SECRET": SECRET,
        "EVENT_MANAGER_TOKEN": TOKEN,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    process = subprocess.Popen([sys.executable, "-c", RELAY], env=environment)
    try:
        until = time.monotonic() + PATIENCE
        while not manager.events and time.monotonic() < until:
            assert process.poll() is None, "the relay ended by itself"
            time.sleep(0.02)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert len(manager.events) == 7
    assert states() == ["due"] * 20
    manager.pause_after_taking = 0
    relay()
    assert len(manager.events) == 7, "its lease was still held"
    later(lease.LEASE)
    relay()
    assert states() == ["delivered"] * 20
    assert sorted(manager.ids) == sorted(ids)
    assert [event["id"] for event in manager.events[7:14]] == [event["id"] for event in manager.events[:7]]
    order = {id_: place for place, id_ in enumerate(manager.ids)}
    for number in range(7):
        of_one = ids[number::7]
        assert [order[id_] for id_ in of_one] == sorted(order[id_] for id_ in of_one)


@pytest.mark.django_db
def test_f22_thousands_of_events_drain_in_order_when_it_is_back(
    manager: EventManagerServer, settings: Settings
) -> None:
    fill(4_000, destination=destinations.EVENT_MANAGER)
    manager.go()
    relay()
    assert Delivery.objects.filter(state="due").count() == 4_000
    manager.come()
    later(60)
    relay()
    assert set(states()) == {"delivered"}
    assert len(manager.events) == 4_000
    assert is_in_order(manager.events)
    assert manager.faults == []
