"""Administrators see what was parked and what failed, and have it told or done once more; the audit log says so."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import AuditEntry
from events.models import ConsumedEvent, Delivery
from events.tasks import relay
from tests.cast import new_user
from tests.events.conftest import happen, states
from tests.servers.event_manager import EventManagerServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser() -> Client:
    """An administrator's."""
    client = Client()
    client.force_login(new_user(is_staff=True, is_superuser=True, roles=["admin"]))
    return client


def test_a_parked_event_is_told_once_more_under_its_id(manager: EventManagerServer, browser: Client) -> None:
    (id_,) = happen("session:a")
    manager.poisons = lambda event: True
    relay()
    page = browser.get("/admin/events/delivery/?state__exact=parked").content.decode()
    assert "llm_playground.session.created" in page
    assert "The answer was status 400." in page
    manager.poisons = lambda event: False
    chosen = {"action": "tell_again", "_selected_action": [Delivery.objects.get().pk]}
    assert browser.post("/admin/events/delivery/", chosen).status_code == 302
    relay()
    assert (manager.ids, states()) == ([id_], ["delivered"])
    entry = AuditEntry.objects.get(act="event_replayed")
    assert (entry.kind, entry.object_id) == ("event", id_)


def test_an_event_that_could_not_be_done_is_done_once_more(browser: Client) -> None:
    row = ConsumedEvent.objects.create(event_id="x", type="toy.wound", subject="event:x", fate="failed", attempts=6)
    assert "toy.wound" in browser.get("/admin/events/consumedevent/").content.decode()
    chosen = {"action": "do_again", "_selected_action": [row.pk]}
    assert browser.post("/admin/events/consumedevent/", chosen).status_code == 302
    row.refresh_from_db()
    # A worker that runs beside this may have come to it already.
    assert (row.fate in ("waiting", "ignored"), row.attempts) == (True, 0)
    assert AuditEntry.objects.filter(act="event_replayed", object_id=str(row.id)).exists()


def test_who_only_works_here_sees_none_of_it(browser: Client) -> None:
    client = Client()
    client.force_login(new_user(is_staff=True, roles=["curator"]))
    for kind in ("delivery", "consumedevent", "destination"):
        assert client.get(f"/admin/events/{kind}/").status_code == 403
