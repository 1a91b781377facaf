"""What is live: only for administrators, gathered once for all of them, and not at all while nobody looks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from redis.exceptions import RedisError

from accounts.models import Role, User
from foundation.database.threads import in_database_thread
from monitoring.live import looking, socket
from monitoring.live.fragment import context_of
from monitoring.live.looking import Look
from monitoring.live.socket import MonitoringConsumer
from monitoring.live.tiles import tiles_of
from monitoring.live.troubles import NOT_TOLD, troubles_of
from monitoring.models import Alert, AlertState
from tests.cast import Person, new_user
from tests.doors.browser import Browser, browser_of
from tests.monitoring.rows import a_rule, no_rules
from tests.servers.service import Service
from tests.waiting import until

PAGES = (
    "/monitoring",
    "/monitoring/now",
    "/monitoring/curves",
    "/monitoring/objectives",
    "/monitoring/slow-calls",
    "/monitoring/providers/openai",
)
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WELL: dict[str, Any] = {
    "workers_alive": 1, "webs_alive": 1, "queue_waiting": 0, "queue_oldest": 0, "breaker_open": {"openai": 0},
    "outbox_parked": 0, "outbox_undelivered": {"event_manager": 0}, "disk_free": 50, "disk_size": 100,
}  # fmt: skip


def a_look(added: dict[str, Any] | None = None, *, pulse_age: float | None = 1.0, **figures: Any) -> Look:
    """One at which all is well, but for what is told; None leaves a figure out."""
    told = {name: value for name, value in {**WELL, **figures}.items() if value is not None}
    return Look(NOW, told, NOW - timedelta(minutes=1), added or {}, pulse_age)


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (a_look(), None),
        (a_look({"requests": 1000, "requests_failed": 10}), None),
        (a_look({"requests": 1000, "requests_failed": 11}), "1.1"),
        (a_look(workers_alive=0), "No worker is alive"),
        (a_look(queue_oldest=61), "waits for a worker"),
        (a_look(breaker_open={"openai": 1, "ollama": 0}), "The breaker of openai is open."),
        (a_look(models_resting={"openai": 2}), "2 models of openai rest."),
        (a_look(outbox_oldest={"event_manager": 301}), "event_manager has not been told"),
        (a_look(outbox_parked=1), "1 delivery was given up"),
        (a_look(pool_waiting=3), "3 threads wait"),
        (a_look(disk_free=9), "of the disk is free"),
        (a_look(pulse_age=61), "one of its duties"),
        *((a_look(**{name: None}), f"It could not be told {what}.") for name, what in NOT_TOLD.items()),
    ],
)
def test_what_is_wrong_is_said(look: Look, words: str | None) -> None:
    told = troubles_of(look)
    assert len(told) == (0 if words is None else 1), told
    assert words is None or words in told[0]


def test_tiles_by_hand() -> None:
    added = {
        "requests": 120, "requests_failed": 3, "requests_timed": 120, "requests_quick": 117,
        "executions_completed": {"openai": 4}, "executions_failed": {"openai": 1}, "executions_cancelled": {},
        "tokens": 300, "cost_usd": 0.5, "first_token": [0, 0, 19, 20, 20, 20, 20, 20, 20],
    }  # fmt: skip
    tiles = {
        tile.name: (tile.value.replace("\N{NARROW NO-BREAK SPACE}", " "), tile.note) for tile in tiles_of(a_look(added))
    }
    assert tiles["Requests"] == ("120 / min", "3 of 120 failed")
    assert tiles["Over 500 ms of our own"][0] == "2.5 %"
    assert tiles["Over 500 ms of our own"][1].startswith("3 of 120, 2.5\u202f% (")
    assert tiles["Executions"] == ("5.0 / min", "4 completed, 1 failed, 0 cancelled")
    assert tiles["First token"][0] == "≤ 500 ms"
    assert tiles["Disk free"][0] == "50 %"
    unknown = {tile.name: tile.value for tile in tiles_of(Look(NOW, {}, None, {}, None))}
    assert {unknown[name] for name in ("Requests", "Executions", "First token")} == {"not enough data"}
    assert {unknown[name] for name in ("Queue", "Workers", "Outbox", "Open breakers", "Pulse", "Disk free")} == {
        "not known"
    }


@pytest.mark.django_db(transaction=True)
def test_alerts_that_fire_are_said_and_muted_ones_only_listed() -> None:
    no_rules()
    loud, muted = a_rule("Queue"), a_rule("Breaker", figure="breaker_open")
    fires = {"state": AlertState.FIRING, "since": NOW, "value": 90}
    Alert.objects.create(rule=loud, **fires)
    Alert.objects.create(rule=muted, subject="openai", muted_until=datetime.now(UTC) + timedelta(hours=1), **fires)
    told = context_of(a_look())
    assert told["troubles"] == ["1 alert fires."]
    assert {(each.rule.name, each.subject) for each in told["alerts"]} == {("Queue", ""), ("Breaker", "openai")}
    page = render_to_string("monitoring/_now.html", told)
    assert "Breaker: openai" in page
    assert "All well" not in page


async def test_everybody_who_looks_has_the_same_look(monkeypatch: pytest.MonkeyPatch) -> None:
    gathered = 0

    async def gather() -> Look:
        nonlocal gathered
        gathered += 1
        await asyncio.sleep(0)
        return a_look()

    monkeypatch.setattr(looking, "gather", gather)
    monkeypatch.setattr(looking, "_looks", type(looking._looks)())
    assert len({id(each) for each in await asyncio.gather(*(looking.look() for _ in range(20)))}) == 1
    await looking.look()
    assert gathered == 1


class Watched:
    """A watch whose rights stay."""

    is_over = False

    @contextmanager
    def kept(self) -> Iterator[None]:
        yield


async def test_who_has_gone_has_nothing_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, sent = 0, []

    async def fragment() -> str:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise RedisError
        return "<p>"

    async def send(*, text_data: str) -> None:
        sent.append(text_data)

    monkeypatch.setattr(socket, "fragment", fragment)
    monkeypatch.setattr(socket, "EVERY", 0.0)
    monkeypatch.setattr(socket, "LOOK_EVERY", 0.001)
    consumer = MonitoringConsumer()
    monkeypatch.setattr(consumer, "send", send)
    telling = consumer._telling = asyncio.create_task(consumer._tell(Watched()))  # type: ignore[arg-type]

    async def told() -> bool:
        return len(sent) >= 2

    await until(told)
    # What failed once is asked again.
    assert asked > len(sent)
    await consumer.disconnect(1000)
    await asyncio.gather(telling, return_exceptions=True)
    assert telling.cancelled()


async def test_pages_and_socket_are_for_administrators(service: Service) -> None:
    stranger = await in_database_thread(lambda: browser_of(Person(service.url, new_user())))
    for page in PAGES:
        assert (await stranger.get(page)).status == 403
        assert (await Browser(service.url).get(page)).status == 302
    for browser, code in ((stranger, 4403), (Browser(service.url), 4401)):
        async with browser.socket("/ws/monitoring") as open_socket:
            assert (await open_socket.receive()).data == code


async def test_pages_tell_without_a_socket(service: Service) -> None:
    admin = await in_database_thread(lambda: browser_of(Person(service.url, new_user(roles=[Role.ADMIN]))))
    for page in PAGES:
        assert (await admin.get(page)).status == 200, page
    assert "Calls in flight" in (await admin.get("/monitoring/now")).text
    assert (await admin.get("/monitoring/providers/nobody-here")).status == 404


async def test_a_real_run_is_seen_and_a_revoked_administrator_is_cut_off(service: Service) -> None:
    web = await asyncio.to_thread(service.start_web)
    user = await in_database_thread(lambda: new_user(roles=[Role.ADMIN]))
    person = Person(web.url, user)
    browser = await in_database_thread(browser_of, person)

    async with browser.socket("/ws/monitoring") as open_socket:

        async def completed() -> int | None:
            told = await open_socket.receive_json()
            assert told["event"] == "figures"
            found = re.search(r"(\d+) completed,", told["data"]["html"])
            return int(found[1]) if found and "is counted since" in told["data"]["html"] else None

        async def is_counted() -> bool:
            return await completed() == 0

        async def is_seen() -> bool:
            return await completed() == 1

        await until(is_counted)
        await person.execute("openai/echo")
        await until(is_seen)
        await in_database_thread(User.objects.filter(id=user.id).update, roles=[])
        async for _ in open_socket:
            pass
        assert open_socket.close_code == 4403
