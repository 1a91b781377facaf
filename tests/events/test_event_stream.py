"""F22: every event in a stream of a real Valkey, in order; away, it waits, and comes when the server is back."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError
from pytest_django.fixtures import Settings
from redis import Redis

from config.environment import Environment
from events.models import Delivery, Destination
from events.outbox import destinations
from events.outbox.destinations import EVENT_STREAM
from events.standing import services
from events.stream import adding
from events.tasks import add_to_stream, relay
from foundation.servers import addresses
from foundation.servers.folder import DataFolder
from foundation.servers.valkey import Valkey
from tests.events.conftest import configure, happen, later, states
from tests.servers.event_manager import EventManagerServer

pytestmark = pytest.mark.django_db
STREAM = "dadms:llm-playground"


class Own:
    """A Valkey that can be stopped and started again."""

    def __init__(self, folder: DataFolder) -> None:
        self._server = Valkey(folder)
        self.url = addresses.redis_url(folder.path)
        self.start()

    def start(self) -> None:
        """It answers."""
        self._process = self._server.start()

    def stop(self) -> None:
        """Its file is written."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)

    def end(self) -> None:
        """For good."""
        self._server.end(self._process)


@pytest.fixture(scope="module")
def own() -> Iterator[Own]:
    """Beside the shared one."""
    with tempfile.TemporaryDirectory(prefix="playground-stream-") as name:
        folder = DataFolder.take(Path(name))
        server = Own(folder)
        yield server
        server.end()
        folder.release()


@pytest.fixture
def stream(settings: Settings, own: Own) -> Iterator[Redis]:
    """Configured, and empty."""
    settings.REDIS_URL = own.url
    configure(settings, event_stream=STREAM, event_manager_url=None)
    destinations.keep()
    with Redis.from_url(own.url) as redis:
        redis.flushall()
        yield redis


def entries(redis: Redis) -> list[dict[str, Any]]:
    """The events, in the order of the stream."""
    rows: Any = redis.xrange(STREAM)
    assert all(list(fields) == [b"event"] for _, fields in rows)
    return [orjson.loads(fields[b"event"]) for _, fields in rows]


def test_every_event_is_added_as_the_event_manager_gets_it(stream: Redis) -> None:
    ids = happen("session:a", "session:b", "session:a")
    add_to_stream()
    found = entries(stream)
    assert [each["id"] for each in found if each["payload"]["session_id"] == "session:a"] == [ids[0], ids[2]]
    assert {each["id"] for each in found} == set(ids)
    first = found[0]
    assert (first["type"], first["topic"]) == ("llm_playground.session.created", "llm_playground/session/created")
    assert (first["source"], first["version"], first["priority"]) == ("llm-playground", "1.0", "NORMAL")
    assert first["metadata"]["tags"] == ["session"]
    assert states() == ["delivered"] * 3
    add_to_stream()
    assert len(entries(stream)) == 3


def test_a_stopped_server_gets_all_of_it_in_order_when_it_is_back(stream: Redis, own: Own) -> None:
    happen("session:a")
    add_to_stream()
    own.stop()
    try:
        happen(*["session:a", "session:b"] * 20)
        add_to_stream()
        row = Destination.objects.get(name=EVENT_STREAM)
        assert (row.failures, row.is_active) == (1, True)
        assert row.last_error.startswith("The stream did not take them")
        assert states() == ["delivered"] + ["due"] * 40
        assert services()["event_stream"] == "unhealthy"
        add_to_stream()  # it rests
        assert Destination.objects.get(name=EVENT_STREAM).failures == 1
    finally:
        own.start()
    later(5)
    add_to_stream()
    found = entries(stream)
    assert len(found) == len({each["id"] for each in found}) == 41
    wanted = [str(each) for each in Delivery.objects.order_by("id").values_list("event_id", flat=True)]
    for aggregate in ("session:a", "session:b"):
        told = [each["id"] for each in found if each["payload"]["session_id"] == aggregate]
        assert told == [each for each in wanted if each in told]
    assert set(states()) == {"delivered"}
    assert services()["event_stream"] == "healthy"
    assert Destination.objects.get(name=EVENT_STREAM).failures == 0


def test_a_key_of_another_kind_is_told_and_nothing_is_lost(stream: Redis) -> None:
    stream.set(STREAM, "x")
    happen("session:a", "session:b")
    add_to_stream()
    assert "ResponseError" in Destination.objects.get(name=EVENT_STREAM).last_error
    assert states() == ["due", "due"]
    stream.delete(STREAM)
    later(5)
    add_to_stream()
    later(1)
    add_to_stream()
    assert states() == ["delivered", "delivered"]


def test_the_oldest_entries_go(stream: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding, "LENGTH", 100)
    adding.add([{"id": str(number)} for number in range(1_000)], "x")
    assert 100 <= len(entries(stream)) < 400
    assert entries(stream)[-1] == {"id": "999"}


def test_without_a_name_there_is_no_destination(stream: Redis, settings: Settings) -> None:
    configure(settings, event_stream="")
    destinations.keep()
    assert destinations.of("llm_playground.session.created", people=(), project_id="") == []
    add_to_stream()
    assert entries(stream) == []


def test_both_are_told_each_in_its_own_time(stream: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr("events.tasks.send_task", lambda name, **_: rung.append(name))
    with EventManagerServer() as manager:
        configure(settings, event_manager_url=manager.url, event_signing_secret=None, event_manager_token=None)
        destinations.keep()
        (id_,) = happen("session:a")
        relay()
        assert rung == ["events.tasks.add_to_stream"]
        assert Delivery.objects.filter(state="delivered").count() == 1
        add_to_stream()
    assert [each["id"] for each in entries(stream)] == [id_]


@pytest.mark.parametrize("name", ["with space", "x" * 101, "line\nbreak"])
def test_odd_names_stop_the_start(name: str) -> None:
    with pytest.raises(ValidationError):
        Environment(event_stream=name)
