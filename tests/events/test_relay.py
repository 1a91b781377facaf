"""F22, F38: what is in the outbox is delivered at least once, in order of each aggregate, whatever happens."""

from __future__ import annotations

import uuid

import pytest
from pytest_django.fixtures import Settings

from events.models import Delivery, Destination, Event
from events.outbox import destinations
from events.relay import lease, queue
from events.relay.event_manager import configured
from events.relay.relaying import relay as relay_to
from events.tasks import relay
from integrations.event_manager import client
from tests.events.conftest import configure, happen, later, states, waits
from tests.servers.event_manager import EventManagerServer

pytestmark = pytest.mark.django_db


def test_events_are_told_in_order_signed_and_as_the_contract_says(manager: EventManagerServer) -> None:
    ids = happen("session:a", "session:b", "session:a", "template:c", kind="session.shared")
    relay()
    assert (manager.ids, manager.faults) == ([ids[0], ids[1], ids[3], ids[2]], [])
    assert manager.batches == [[ids[0], ids[1], ids[3]], [ids[2]]]
    assert states() == ["delivered"] * 4
    relay()
    assert len(manager.events) == 4


def test_nothing_is_written_without_a_destination(settings: Settings) -> None:
    configure(settings, event_manager_url=None)
    destinations.keep()
    happen("session:a")
    assert not Event.objects.exists()


def test_a_destination_that_is_taken_out_gets_nothing_more(manager: EventManagerServer, settings: Settings) -> None:
    configure(settings, event_manager_url=None)
    destinations.keep()
    happen("session:a")
    assert not Event.objects.exists()
    configure(settings, event_manager_url=manager.url)
    destinations.keep()
    happen("session:a")
    relay()
    assert len(manager.events) == 1


def test_f22_one_that_is_away_is_asked_later_and_gets_everything_in_order(manager: EventManagerServer) -> None:
    ids = happen("session:a", "session:a", "session:b")
    manager.go()
    for seconds in (1, 5, 30, 30):
        relay()
        assert waits() == pytest.approx(seconds, abs=0.9)
        relay()
        later(seconds)
    assert states() == ["due"] * 3
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}
    manager.come()
    relay()
    assert manager.ids == [ids[0], ids[2], ids[1]] or manager.ids == ids
    assert states() == ["delivered"] * 3
    assert Destination.objects.get().failures == 0


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("99999", 3600), ("-4", 1), ("soon", 1)])
def test_f22_what_asks_to_be_left_alone_is_left_alone(manager: EventManagerServer, said: str, seconds: int) -> None:
    happen("session:a", "session:b")
    manager.status, manager.retry_after = 429, said
    relay()
    assert waits() == pytest.approx(seconds, abs=0.9)
    assert (states(), len(manager.batches)) == (["due", "due"], 0)
    manager.status = 200
    later(seconds)
    relay()
    assert states() == ["delivered"] * 2


def test_of_a_batch_only_the_failed_ones_come_again_and_hold_their_aggregate(manager: EventManagerServer) -> None:
    bad, good, after, other = happen("test:a", "test:b", "test:a", "test:c")
    manager.refuses = lambda event: event["id"] == bad
    relay()
    assert set(manager.ids) == {good, other}
    relay()
    assert states() == ["due", "delivered", "due", "delivered"]
    manager.refuses = lambda event: False
    later(1)
    relay()
    assert manager.ids[-2:] == [bad, after]
    assert [len([id_ for batch in manager.batches for id_ in batch if id_ == each]) for each in (bad, good)] == [2, 1]
    assert next(event for event in manager.events if event["id"] == bad)["metadata"]["retryCount"] == 1


def test_of_results_with_ids_of_their_own_the_place_counts(manager: EventManagerServer) -> None:
    bad, _ = happen("test:a", "test:b")
    manager.keeps_ids, manager.refuses = False, lambda event: event["id"] == bad
    relay()
    assert states() == ["due", "delivered"]


def test_what_fails_waits_as_the_contract_says_and_is_parked_after_three_days(manager: EventManagerServer) -> None:
    happen("session:a")
    manager.refuses = lambda event: True
    waited = []
    for _ in range(7):
        relay()
        delivery = Delivery.objects.get()
        with_clock = queue.due("event_manager", at_most=1)
        assert with_clock == []
        waited.append(round((delivery.due_at - (delivery.first_failed_at or delivery.due_at)).total_seconds()))
        later((delivery.due_at - delivery.event.created_at).total_seconds() + 3700)
    assert Delivery.objects.get().attempts == 7
    later(3 * 86_400)
    relay()
    assert states() == ["parked"]


@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_poison_event_is_found_in_its_batch_and_parked(manager: EventManagerServer, place: int) -> None:
    ids = happen(*(f"session:{number}" for number in range(7)))
    manager.poisons = lambda event: event["id"] == ids[place]
    relay()
    assert states() == ["parked" if number == place else "delivered" for number in range(7)]
    assert sorted(manager.ids) == sorted(set(ids) - {ids[place]})
    assert Delivery.objects.get(state="parked").last_error == "The answer was status 400."


def test_a_parked_event_lets_the_later_ones_of_its_aggregate_pass(manager: EventManagerServer) -> None:
    bad, after = happen("session:a", "session:a")
    manager.poisons = lambda event: event["id"] == bad
    relay()
    assert (manager.ids, states()) == ([after], ["parked", "delivered"])


def test_one_that_answers_500_to_one_event_takes_the_others(manager: EventManagerServer) -> None:
    ids = happen(*(f"session:{number}" for number in range(5)))
    manager.poison_status, manager.poisons = 500, lambda event: event["id"] == ids[1]
    relay()
    assert states() == ["delivered", "due", "delivered", "delivered", "delivered"]
    manager.poisons = lambda event: False
    later(1)
    relay()
    assert states() == ["delivered"] * 5


def test_one_that_answers_500_to_everything_rests_and_is_tried_with_one(manager: EventManagerServer) -> None:
    ids = happen(*(f"session:{number}" for number in range(8)))
    manager.poison_status, manager.poisons = 500, lambda event: True
    relay()
    assert Destination.objects.get().failures == 1
    calls = len(manager.batches)
    later(1)
    relay()
    assert [len(batch) for batch in manager.batches[calls:]] == [1]
    manager.poisons = lambda event: False
    later(5)
    relay()
    assert sorted(manager.ids) == sorted(ids)


def test_one_that_refuses_everything_does_not_empty_the_outbox_into_the_parked(manager: EventManagerServer) -> None:
    happen(*(f"session:{number}" for number in range(30)))
    manager.status = 403
    relay()
    assert states().count("parked") == 3
    later(1)
    relay()
    assert states().count("parked") == 4


def test_f38_an_event_whose_mark_was_lost_comes_again_under_the_same_id(
    manager: EventManagerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = happen("session:a", "session:b")

    class Crash(BaseException):
        """As if the process ended here."""

    def crash(*args: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(queue, "delivered", crash)
        with pytest.raises(Crash):
            relay()
    assert (manager.ids, states()) == (ids, ["due", "due"])
    relay()
    assert [event["id"] for event in manager.events] == ids * 2
    assert states() == ["delivered"] * 2


def test_one_relay_at_a_time_tells_a_destination(manager: EventManagerServer) -> None:
    holder = uuid.uuid4()
    happen("session:a")
    assert lease.claim("event_manager", holder) == 0
    relay()
    assert manager.events == []
    later(lease.LEASE)
    assert not lease.renew("event_manager", holder)
    relay()
    assert len(manager.events) == 1


def test_one_that_hangs_is_given_up_and_rests(manager: EventManagerServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PATIENCE", 0.2)
    happen("session:a")
    manager.pause = 1.0
    with configured() as client_:
        relay_to("event_manager", lambda events, name: client_.send(events, name=name), seconds=5)
    assert "gave no answer" in Destination.objects.get().last_error
    assert states() == ["due"]
