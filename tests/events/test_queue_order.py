"""F22, F38: whatever becomes of calls, of who makes them and meanwhile, each aggregate's events come in their order."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.db import transaction
from hypothesis import event as seen
from hypothesis import given, settings
from hypothesis import strategies as st

from events.models import Delivery, Destination
from events.outbox.destinations import EVENT_MANAGER
from events.relay import lease, queue
from events.relay.relaying import Manner
from events.relay.relaying import relay as relay_to
from integrations.event_manager.client import Answer
from integrations.event_manager.errors import EventManagerAway
from tests.events.conftest import happen, later

AGGREGATES: Final = ("session:a", "session:b", "template:c")
DAYS: Final = 3 * 86_400.0 + 1
HOUR: Final = 3_601.0
ENDINGS: Final = (
    "taken", "some taken", "none taken", "away", "away after taking", "429", "400", "500", "killed", "hangs",
    "others happen", "replayed meanwhile",
)  # fmt: skip
"""What becomes of a call."""
LARGEST: Final = 3


class Killed(BaseException):
    """As if the process ended here: it says nothing more, and gives its lease not back."""


class World:
    """An outbox, its relays and the EventManager, of which each call ends as `endings` say, and well after them."""

    def __init__(self, endings: Sequence[str]) -> None:
        self._endings = list(reversed(endings))
        self.published: dict[str, list[str]] = defaultdict(list)
        self.taken: list[dict[str, Any]] = []
        self.was_parked: set[str] = set()

    def publish(self, aggregate: str) -> None:
        """Something happens."""
        self.published[aggregate] += happen(aggregate)

    def replay(self) -> None:
        """An administrator has everything told again that was told or parked."""
        queue.again(Delivery.objects.exclude(state="due").values_list("id", flat=True))

    def relay(self) -> None:
        """One comes by."""
        try:
            relay_to(EVENT_MANAGER, self._send, seconds=60, manner=Manner(largest=LARGEST))
        except Killed:
            # A process that was killed would not have given back its lease, which `finally` did.
            lease.claim(EVENT_MANAGER, uuid.uuid4())
        parked = Delivery.objects.filter(state="parked").values_list("event_id", flat=True)
        self.was_parked |= set(map(str, parked))

    def _send(self, events: Sequence[dict[str, Any]], name: str) -> Answer:
        ending = self._endings.pop() if self._endings else "taken"
        seen(ending)
        ids = [each["id"] for each in events]
        if ending in {"429", "400", "500"}:
            return Answer(int(ending))
        if ending == "away":
            raise EventManagerAway("away")
        taken = {"some taken": events[::2], "none taken": []}.get(ending, events)
        self.taken += taken
        if ending == "away after taking":
            raise EventManagerAway("away")
        if ending == "killed":
            raise Killed
        if ending == "hangs":  # until its lease is somebody else's, who tells the same and more
            later(lease.LEASE)
            self.publish(AGGREGATES[0])
            self.relay()
        if ending == "others happen":
            self.publish(AGGREGATES[1])
            self.relay()
        if ending == "replayed meanwhile":
            self.replay()
        return Answer(200, frozenset(ids) - {each["id"] for each in taken})

    def settle(self) -> None:
        """From now on everything goes well; what was parked is told again too."""
        self._endings.clear()
        for _ in range(3):
            later(HOUR)
            self.relay()
        queue.again(Delivery.objects.filter(state="parked").values_list("id", flat=True))
        self.relay()

    def hold(self) -> None:
        """Each was told, in its order and always the same, and nothing else was."""
        everything = [id_ for ids in self.published.values() for id_ in ids]
        assert len(everything) == len(set(everything))
        came = list(dict.fromkeys(each["id"] for each in self.taken))
        assert set(came) == set(everything)
        assert set(Delivery.objects.values_list("state", flat=True)) <= {"delivered"}
        for ids in self.published.values():
            never_parked = [id_ for id_ in ids if id_ not in self.was_parked]
            assert [id_ for id_ in came if id_ in never_parked] == never_parked
        first: dict[str, Any] = {}
        for each in self.taken:
            told = {**each, "metadata": {**each["metadata"], "retryCount": 0}}
            assert first.setdefault(each["id"], told) == told


@dataclass(frozen=True)
class Round:
    """Things happen, relays come by, and time passes; everything may be told once more."""

    aggregates: list[str]
    relays: int
    seconds: float
    is_replayed: bool


rounds = st.lists(
    st.builds(
        Round,
        aggregates=st.lists(st.sampled_from(AGGREGATES), min_size=1, max_size=6),
        relays=st.integers(1, 3),
        seconds=st.sampled_from((0.5, 40.0, HOUR, DAYS)),
        is_replayed=st.booleans(),
    ),
    min_size=2,
    max_size=6,
)


@pytest.mark.django_db
@given(rounds=rounds, endings=st.lists(st.sampled_from(ENDINGS), min_size=5, max_size=20))
@settings(max_examples=100, deadline=None)
def test_f22_f38_each_event_is_told_in_its_order_whatever_happens(rounds: list[Round], endings: list[str]) -> None:
    with transaction.atomic():
        Destination.objects.create(name=EVENT_MANAGER)
        world = World(endings)
        for each in rounds:
            for aggregate in each.aggregates:
                world.publish(aggregate)
            for _ in range(each.relays):
                world.relay()
                later(each.seconds)
            if each.is_replayed:
                world.replay()
        world.settle()
        world.hold()
        transaction.set_rollback(True)
