"""T08, F22: people's own webhooks get their events, signed, in order; a bad one holds up nobody else."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.models import AuditEntry
from events.keeping import forget_old
from events.models import Delivery, Destination, Event, Notification, Webhook
from events.outbox.publishing import publish
from events.webhooks import acting, setting_up, telling
from foundation.http.standard_webhooks import NotSigned, check, secret_of
from foundation.problems import Problem
from privacy.below.erasure import _events
from tests.cast import new_user
from tests.events.conftest import configure, later, states

pytestmark = pytest.mark.django_db


class Receiver:
    """Keeps what comes, and answers with `status`."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        kept = self

        class Call(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(kept.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Call)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.calls]


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """There, on a host that the operator has named."""
    made = Receiver()
    configure(settings, webhook_hosts=(made.host, "127.0.0.1:1"), event_manager_url=None)
    yield made
    made.server.shutdown()
    made.server.server_close()


def made(host: str, owner: uuid.UUID, types: list[str] | None = None) -> tuple[Webhook, str]:
    return setting_up.make(owner_id=owner, name="mine", url=f"http://{host}/x", types=types)


def happen(owner: uuid.UUID, *aggregates: str, kind: str = "template.label_moved") -> None:
    for aggregate in aggregates:
        publish(kind, aggregate=aggregate, payload={"version": 2}, words={"template_name": "Née"}, user_id=owner)


def test_a_webhook_gets_its_owners_events_as_signed_cloud_events(receiver: Receiver) -> None:
    owner = uuid.uuid4()
    webhook, secret = made(receiver.host, owner)
    happen(owner, "template:a")
    happen(uuid.uuid4(), "template:b")
    assert telling.due() == [webhook.destination_id]
    telling.tell(webhook.destination_id)
    ((headers, body),) = receiver.calls
    event = Event.objects.get()
    check(secret_of(secret), headers, body, now=time.time())
    with pytest.raises(NotSigned):
        check(secret_of(secret), headers, body + b" ", now=time.time())
    assert (headers["content-type"], headers["webhook-id"]) == ("application/cloudevents+json", str(event.id))
    told = json.loads(body)
    at = told.pop("time")
    assert told == {
        "specversion": "1.0",
        "id": str(event.id),
        "source": "llm-playground",
        "type": "llm_playground.template.label_moved",
        "subject": "template:a",
        "datacontenttype": "application/json",
        "data": {"type": event.type, "timestamp": at, "version": 2, "template_name": "Née"},
    }
    assert (states(), telling.due()) == (["delivered"], [])


def test_only_chosen_types_come(receiver: Receiver) -> None:
    owner = uuid.uuid4()
    webhook, _ = made(receiver.host, owner, ["llm_playground.template.deleted"])
    happen(owner, "template:a")
    assert not Event.objects.exists()
    happen(owner, "template:a", kind="template.deleted")
    telling.tell(webhook.destination_id)
    assert [each["type"] for each in receiver.events] == ["llm_playground.template.deleted"]


def test_after_a_rotation_both_secrets_sign_for_a_day(receiver: Receiver) -> None:
    owner = uuid.uuid4()
    webhook, old = made(receiver.host, owner)
    new = setting_up.rotate(webhook.id, now=timezone.now())
    happen(owner, "template:a")
    telling.tell(webhook.destination_id)
    for secret in (old, new):
        check(secret_of(secret), *receiver.calls[0], now=time.time())
    Webhook.objects.update(old_secret_until=timezone.now() - timedelta(seconds=1))
    happen(owner, "template:a")
    telling.tell(webhook.destination_id)
    check(secret_of(new), *receiver.calls[1], now=time.time())
    with pytest.raises(NotSigned):
        check(secret_of(old), *receiver.calls[1], now=time.time())


def test_a_dead_one_rests_as_the_contract_says_and_holds_up_no_other(receiver: Receiver) -> None:
    owner = uuid.uuid4()
    dead, _ = made("127.0.0.1:1", owner)
    alive, _ = made(receiver.host, owner)
    happen(owner, "template:a")
    telling.tell(dead.destination_id)
    telling.tell(alive.destination_id)
    assert len(receiver.events) == 1
    for seconds in (1, 5, 30, 120, 600, 3600):
        row = Destination.objects.get(name=dead.destination_id)
        assert row.paused_until is not None
        assert (row.paused_until - timezone.now()).total_seconds() == pytest.approx(seconds, abs=0.9)
        assert telling.due() == []
        later(seconds)
        telling.tell(dead.destination_id)
    Destination.objects.filter(name=dead.destination_id).update(failing_since=timezone.now() - timedelta(days=4))
    later(3600)
    telling.tell(dead.destination_id)
    assert not Destination.objects.get(name=dead.destination_id).is_active


@pytest.mark.parametrize(
    ("status", "state", "is_active"),
    [(400, "parked", True), (410, "parked", False), (302, "due", True), (500, "due", True), (429, "due", True)],
)
def test_what_is_not_taken(receiver: Receiver, status: int, state: str, is_active: bool) -> None:
    owner = uuid.uuid4()
    webhook, _ = made(receiver.host, owner)
    happen(owner, "template:a")
    receiver.status = status
    telling.tell(webhook.destination_id)
    assert (states(), len(receiver.calls)) == ([state], 1)
    assert Destination.objects.get().is_active is is_active


def test_events_of_one_thing_come_in_order(receiver: Receiver) -> None:
    owner = uuid.uuid4()
    webhook, _ = made(receiver.host, owner)
    happen(owner, "template:a", "template:b", "template:a")
    telling.tell(webhook.destination_id)
    wanted = [str(each) for each in Delivery.objects.order_by("id").values_list("event_id", flat=True)]
    assert [each["id"] for each in receiver.events] == wanted


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "2130706433", "localhost", "db.internal"]
)
def test_t08_addresses_of_our_networks_are_refused_when_made_and_when_called(receiver: Receiver, host: str) -> None:
    owner = uuid.uuid4()
    with pytest.raises(Problem):
        made(host, owner)
    webhook, _ = made(receiver.host, owner)
    webhook.url = f"http://{host}/"
    webhook.save(update_fields=["url"])
    happen(owner, "template:a")
    telling.tell(webhook.destination_id)
    assert Destination.objects.get().last_error.startswith("The address is refused")
    assert receiver.calls == []


def test_the_twenty_first_is_refused(receiver: Receiver) -> None:
    owner = uuid.uuid4()
    for _ in range(setting_up.MOST):
        made(receiver.host, owner)
    with pytest.raises(Problem) as refused:
        made(receiver.host, owner)
    assert refused.value.status == 409


def test_a_webhook_that_is_removed_meanwhile_undoes_no_change(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.outbox.destinations.of", lambda *_, **__: ["webhook:gone"])
    publish("template.created", aggregate="template:1", payload={"template_id": "1"}, user_id=uuid.uuid4())
    assert Delivery.objects.filter(destination_id="webhook:gone").count() == 1
    forget_old(now=timezone.now())
    assert not Delivery.objects.exists()


def test_an_erased_persons_webhooks_go(receiver: Receiver) -> None:
    owner = uuid.uuid4()
    made(receiver.host, owner)
    made(receiver.host, uuid.uuid4())
    _events(owner)
    assert (Webhook.objects.count(), Destination.objects.count()) == (1, 1)


def test_an_administrators_webhook_hears_everybody_for_as_long_as_they_are_one(receiver: Receiver) -> None:
    admin, somebody = new_user(roles=["admin"]), new_user()
    with pytest.raises(Problem) as refused:
        setting_up.make(
            owner_id=somebody.id, name="all", url=f"http://{receiver.host}/x", types=None, for_everybody=True
        )
    assert (refused.value.status, Webhook.objects.count()) == (403, 0)
    webhook, _ = setting_up.make(
        owner_id=admin.id, name="all", url=f"http://{receiver.host}/x", types=None, for_everybody=True
    )
    entry = AuditEntry.objects.get(act="webhook_hears_everybody")
    assert (entry.kind, entry.object_id) == ("webhook", str(webhook.id))
    happen(somebody.id, "template:a")
    telling.tell(webhook.destination_id)
    assert len(receiver.events) == 1
    User.objects.filter(id=admin.id).update(roles=[])
    happen(somebody.id, "template:a")
    telling.tell(webhook.destination_id)
    assert len(receiver.events) == 1
    stands = Destination.objects.get()
    assert (stands.is_active, stands.last_error) == (False, "Its owner may no longer hear of everybody.")
    assert Notification.objects.get(user_id=admin.id).kind == "webhook_stopped"
    with pytest.raises(Problem):
        acting.change(Webhook.objects.select_related("destination").get(), {"is_active": True})
    User.objects.filter(id=admin.id).update(roles=["admin"])
    acting.change(Webhook.objects.select_related("destination").get(), {"is_active": True})
    telling.tell(webhook.destination_id)
    assert len(receiver.events) == 2


def test_one_that_is_gone_is_told_to_its_owner(receiver: Receiver) -> None:
    owner = uuid.uuid4()
    webhook, _ = made(receiver.host, owner)
    happen(owner, "template:a")
    receiver.status = 410
    telling.tell(webhook.destination_id)
    row = Notification.objects.get(user_id=owner, kind="webhook_stopped")
    assert (row.payload["reason"], row.words) == ("It is gone (410).", {"name": "mine"})
