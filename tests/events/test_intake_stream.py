"""F39: events of a stream are taken over once each and in order, also after a reader that died or a Valkey that did."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from django.db import OperationalError
from pytest_django.fixtures import Settings
from redis import Redis

from accounts.models import User
from events.intake import reading
from events.models import ConsumedEvent
from events.tasks import do_consumed, read_stream
from tests.events.conftest import configure
from tests.servers.embedded import EmbeddedServers

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def stream(settings: Settings, embedded_servers: EmbeddedServers) -> Iterator[Redis]:
    """Named by the environment, and not there yet."""
    name = f"events-for-us-{uuid.uuid4()}"
    configure(settings, event_intake_stream=name)
    with Redis.from_url(embedded_servers.redis_url) as redis:
        yield redis
        redis.delete(name)


def name_of(settings: Settings) -> str:
    return str(settings.ENV.event_intake_stream)


def event(number: int, type_: str = "toy.wound", **payload: Any) -> dict[str, Any]:
    """One, as an envelope has it."""
    return {"id": f"id-{number}", "type": type_, "payload": {"number": number, **payload}}


def kept() -> list[int]:
    """The numbers of what was taken over, in order."""
    return [each.payload["number"] for each in ConsumedEvent.objects.order_by("received_at")]


def test_what_is_added_is_taken_over_once_and_given_back(stream: Redis, settings: Settings) -> None:
    name = name_of(settings)
    for number in range(250):
        stream.xadd(name, {"event": orjson.dumps(event(number))})
    stream.xadd(name, {"event": orjson.dumps([event(250), event(7), event(251)])})
    assert reading.read(now=NOW) == 252
    assert sorted(kept()) == list(range(252))
    pending: Any = stream.xpending(name, reading.GROUP)
    assert pending["pending"] == 0
    assert reading.read(now=NOW) == 0
    stream.xadd(name, {"event": orjson.dumps(event(3))})
    assert reading.read(now=NOW) == 0


def test_it_does_what_an_event_by_http_does(stream: Redis, settings: Settings) -> None:
    id_ = str(uuid.uuid4())
    created = event(1, "user.created", user_id=id_, email="ada@example.org", name="Ada", roles=["user"])
    renamed = event(2, "user.updated", user_id=id_, name="Ada L.")
    for each in (created, renamed):
        stream.xadd(name_of(settings), {"event": orjson.dumps(each)})
    read_stream()
    do_consumed()
    assert User.objects.get(id=id_).name == "Ada L."
    assert set(ConsumedEvent.objects.values_list("fate", flat=True)) == {"done"}


def test_f39_what_a_reader_that_died_had_read_is_read_again(
    stream: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.xadd(name_of(settings), {"event": orjson.dumps(event(1))})

    def away(*args: Any, **kwargs: Any) -> int:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(reading, "receive", away)
        with pytest.raises(OperationalError):
            reading.read(now=NOW)
    assert kept() == []
    stream.xadd(name_of(settings), {"event": orjson.dumps(event(2))})
    assert reading.read(now=NOW) == 2
    assert sorted(kept()) == [1, 2]


def test_f39_what_was_kept_and_not_given_back_is_not_kept_twice(
    stream: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.xadd(name_of(settings), {"event": orjson.dumps(event(1))})

    class Crash(BaseException):
        """As if the process ended here."""

    def crash(*args: Any) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Redis, "xack", crash)
        with pytest.raises(Crash):
            reading.read(now=NOW)
    assert kept() == [1]
    assert reading.read(now=NOW) == 0
    pending: Any = stream.xpending(name_of(settings), reading.GROUP)
    assert pending["pending"] == 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"other": b"{}"}, "no_event"),
        ({"event": b"{"}, "malformed_json"),
        ({"event": b"[]"}, "invalid"),
        ({"event": b'{"id": 7, "type": "t"}'}, "invalid"),
        ({"event": b'{"id": "a", "type": "t", "payload": {"secret-word": "\\u0000"}}'}, ""),
        ({"event": b"[" * 100_000}, ""),
    ],
)
def test_t12_what_is_no_event_is_told_without_its_words_and_holds_nothing_up(
    stream: Redis, settings: Settings, caplog: pytest.LogCaptureFixture, fields: dict[str, bytes], reason: str
) -> None:
    for each in (fields, {"event": orjson.dumps(event(1))}):
        stream.xadd(name_of(settings), each)  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING):
        assert reading.read(now=NOW) == 1
    (told,) = [each for each in caplog.records if each.message == "event_intake_entry_refused"]
    assert reason in told.__dict__["reason"]
    assert "secret-word" not in str(told.__dict__)
    assert reading.read(now=NOW) == 0


def test_an_entry_that_was_trimmed_after_it_was_read_is_given_back(stream: Redis, settings: Settings) -> None:
    name = name_of(settings)
    stream.xadd(name, {"event": orjson.dumps(event(1))})
    stream.xgroup_create(name, reading.GROUP, id="0")
    stream.xreadgroup(reading.GROUP, reading.READER, {name: ">"})
    stream.xtrim(name, maxlen=0)
    assert reading.read(now=NOW) == 0
    pending: Any = stream.xpending(name, reading.GROUP)
    assert pending["pending"] == 0


def test_f19_a_valkey_that_is_away_is_told_and_harms_nothing(
    stream: Redis, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    with caplog.at_level(logging.WARNING):
        assert reading.read(now=NOW) == 0
    assert "event_intake_stream_unreadable" in caplog.text


def test_without_a_name_nothing_is_read(stream: Redis, settings: Settings) -> None:
    stream.xadd(name_of(settings), {"event": orjson.dumps(event(1))})
    configure(settings, event_intake_stream="")
    read_stream()
    assert kept() == []
