"""T19, F39: what other services tell is taken when it shows who sent it, and done once."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import AsyncClient
from django.utils import timezone
from pydantic import SecretStr
from pytest_django.fixtures import Settings

from accounts.bearer.web_tokens import issue
from events.api import intake
from events.intake import consumers
from events.intake.incoming import Incoming, Unusable
from events.intake.working import do_waiting
from events.models import ConsumedEvent
from foundation.database.threads import in_database_thread
from foundation.http.standard_webhooks import signed
from sessions_app.models import PlaygroundSession
from tests.cast import new_user
from tests.events.conftest import SECRET, configure

pytestmark = pytest.mark.django_db(transaction=True)
AHEAD = timezone.now() + timedelta(days=1)
"""When events of these tests come: a worker that runs beside them, and knows no toys, leaves them alone until then."""


@pytest.fixture(autouse=True)
def ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is that late at the door."""
    monkeypatch.setattr(intake, "timezone", SimpleNamespace(now=lambda: AHEAD))


class Sender:
    """Somebody who sends events."""

    def __init__(self, secret: str = SECRET) -> None:
        self._secret = secret.encode()

    async def send(self, *events: dict[str, Any], age: int = 0, **changes: Any) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer to one call, signed so many seconds ago."""
        body = json.dumps(list(events) if len(events) != 1 else events[0]).encode()
        headers = signed(self._secret, name="call", timestamp=int(time.time()) - age, body=body)
        headers |= changes.get("headers", {})
        said = await AsyncClient(enforce_csrf_checks=True).post(
            "/api/events", changes.get("body", body), content_type="application/json", headers=headers
        )
        return said.status_code, said.json()


@pytest.fixture
def sender(settings: Settings) -> Sender:
    """One whose secret is ours."""
    configure(settings, event_signing_secret=SecretStr(SECRET))
    return Sender()


@pytest.fixture
def heard() -> Iterator[list[Incoming]]:
    """What a consumer of `toy.*` was given."""
    before = list(consumers._consumers)
    kept: list[Incoming] = []
    consumers.consumes("toy.*", kept.append)
    yield kept
    consumers._consumers[:] = before


def event(type_: str = "toy.wound", id_: str = "", **payload: Any) -> dict[str, Any]:
    """One."""
    return {"id": id_ or str(uuid.uuid4()), "type": type_, "source": "elsewhere", "payload": payload}


async def done() -> list[tuple[str, str]]:
    """What became of everything that came: types with fates."""
    await in_database_thread(do_waiting, now=AHEAD)
    return await in_database_thread(
        lambda: list(ConsumedEvent.objects.order_by("received_at").values_list("type", "fate"))
    )


async def test_t19_what_is_signed_is_taken_and_done_once(sender: Sender, heard: list[Incoming]) -> None:
    first, second = event(number=1), event(number=2)
    assert await sender.send(first, second) == (202, {"accepted": 2, "known": 0})
    assert await sender.send(second, second) == (202, {"accepted": 0, "known": 2})
    assert await done() == [("toy.wound", "done")] * 2
    assert await sender.send(first) == (202, {"accepted": 0, "known": 1})
    assert await done() == [("toy.wound", "done")] * 2
    assert [each.payload["number"] for each in heard] == [1, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"age": 301},
        {"age": -301},
        {"headers": {"webhook-signature": "v1,AAAA"}},
        {"headers": {"webhook-signature": "v2,AAAA"}},
        {"headers": {"webhook-signature": ""}},
        {"headers": {"webhook-timestamp": "soon"}},
        {"headers": {"webhook-timestamp": "²"}},
        {"headers": {"webhook-id": "another"}},
        {"body": b'{"id": "x", "type": "toy.wound"}'},
    ],
)
async def test_t19_forged_replayed_old_and_changed_ones_are_turned_away(sender: Sender, wrong: dict[str, Any]) -> None:
    status, body = await sender.send(event(), **wrong)
    assert (status, body["code"]) == (401, "not_authenticated")
    assert not await ConsumedEvent.objects.aexists()


async def test_t19_another_secret_is_turned_away_and_so_is_everybody_without_one(
    sender: Sender, settings: Settings
) -> None:
    assert (await Sender("another secret of somebody else, as long").send(event()))[0] == 401
    configure(settings, event_signing_secret=None)
    assert (await sender.send(event()))[0] == 401
    assert (await Sender("").send(event()))[0] == 401
    assert not await ConsumedEvent.objects.aexists()


async def test_t19_one_good_signature_among_several_will_do(sender: Sender, heard: list[Incoming]) -> None:
    body = json.dumps(event()).encode()
    headers = signed(SECRET.encode(), name="call", timestamp=int(time.time()), body=body)
    headers["webhook-signature"] = f"v1,AAAA {headers['webhook-signature']} v1a,BBBB"
    assert (await sender.send(body=body, headers=headers))[0] == 202


async def test_service_accounts_send_without_a_signature_and_nobody_else_does(settings: Settings) -> None:
    configure(settings, event_signing_secret=None)
    people = {
        "service": (await in_database_thread(new_user, is_service=True), 202),
        "admin": (await in_database_thread(new_user, is_superuser=True, roles=["admin"]), 202),
        "somebody": (await in_database_thread(new_user), 403),
    }
    for name, (user, status) in people.items():
        bearer = {"Authorization": f"Bearer {issue(str(user.id), use='access', lifetime=60)}"}
        assert (await Sender().send(event(), headers=bearer))[0] == status, name
    assert (await Sender().send(event(), headers={"Authorization": "Bearer abc"}))[0] == 401


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ([], ""),
        ([{"id": "a"}], "type"),
        ([{"id": 7, "type": "t"}], "id"),
        ([{"id": "a", "type": "t", "payload": [1]}], "payload"),
        ([{"id": "a", "type": "t"}, "no event"], "1"),
        ([{"id": "a", "type": "t"}, {"type": "t"}], "1.id"),
        ([{"id": "a" * 256, "type": "t"}], "id"),
    ],
)
async def test_what_is_no_event_is_refused_with_its_place(sender: Sender, sent: list[Any], field: str) -> None:
    status, body = await sender.send(*sent)
    assert (status, body["errors"][0]["field"]) == (400, field)
    assert not await ConsumedEvent.objects.aexists()


async def test_types_that_nobody_knows_are_kept_and_ignored(sender: Sender) -> None:
    await sender.send(event("weather.changed"))
    assert await done() == [("weather.changed", "ignored")]


async def test_f39_mark_and_effect_come_together_and_a_failure_is_tried_again(
    sender: Sender, heard: list[Incoming], monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await in_database_thread(new_user)
    fails = [True]

    def make(incoming: Incoming) -> None:
        PlaygroundSession.objects.create(user=user, name=incoming.text("a_name"))
        if fails[0]:
            raise RuntimeError("in the middle")

    consumers.consumes("toy.*", make)
    await sender.send(event(aName="S"))
    assert await done() == [("toy.wound", "waiting")]
    row = await ConsumedEvent.objects.aget()
    assert (row.attempts, row.reason) == (1, "RuntimeError")
    assert not await PlaygroundSession.objects.aexists()
    fails[0] = False
    await ConsumedEvent.objects.aupdate(due_at=AHEAD)
    assert await done() == [("toy.wound", "done")]
    assert [each.name async for each in PlaygroundSession.objects.all()] == ["S"]


async def test_f39_what_fails_for_good_is_told_and_holds_nothing_up_for_ever(
    sender: Sender, heard: list[Incoming]
) -> None:
    def fail(incoming: Incoming) -> None:
        if incoming.value("bad"):
            raise Unusable("It has no wheels.")

    consumers.consumes("toy.*", fail)
    await sender.send(event(toy_id="a", bad=True), event(toy_id="a"))
    assert await done() == [("toy.wound", "failed"), ("toy.wound", "done")]
    assert (await ConsumedEvent.objects.aget(fate="failed")).reason == "It has no wheels."


async def test_events_of_one_thing_are_done_in_order_though_the_first_waits(
    sender: Sender, heard: list[Incoming]
) -> None:
    fails = [True]

    def fail(incoming: Incoming) -> None:
        if fails[0] and incoming.value("number") == 1:
            raise RuntimeError("not now")

    consumers._consumers.insert(0, ("toy.*", fail))
    await sender.send(event(toy_id="a", number=1), event(toyId="a", number=2), event(toy_id="b", number=3))
    await done()
    assert [each.payload["number"] for each in heard] == [3]
    fails[0] = False
    await ConsumedEvent.objects.aupdate(due_at=AHEAD)
    await done()
    assert [each.payload["number"] for each in heard] == [3, 1, 2]
