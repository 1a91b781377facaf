"""Somebody who comes from a network in which they were never seen is told of, once there is a week to lay it beside."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User, UserNetwork
from analytics.anomalies.addresses import ON_THE_MOVE
from analytics.anomalies.baseline import Metric
from analytics.keeping.erasure import _anomalies
from analytics.models import Anomaly, UsageRollup
from privacy.own_data.sources import Source, in_order
from tests.analytics.test_anomalies import HOUR, NOON, look
from tests.cast import new_user

TOKEN = "api_token:6d0e6e0c-54d5-4f1c-8d2b-3a5a30b3a0c1"


def seen(user: User, network: str, at: datetime, *, by: str = "session") -> None:
    """For the first time."""
    UserNetwork.objects.create(user=user, network=network, by=by, first_seen_at=at, last_seen_at=at)


def told() -> list[tuple[str, str]]:
    """Whom and what of."""
    found = Anomaly.objects.filter(metric=Metric.NEW_ADDRESS).order_by("id")
    return list(found.values_list("subject_id", "detail"))


@pytest.fixture
def user(db: None) -> User:
    """Seen at home for ten days."""
    made = new_user()
    seen(made, "203.0.113.0/24", NOON - timedelta(days=10))
    UsageRollup.objects.update_or_create(id=1, defaults={"done_until": NOON})
    return made


@pytest.mark.django_db
def test_a_token_from_elsewhere_is_told_once_with_its_evidence(user: User) -> None:
    seen(user, "198.51.100.0/24", NOON + timedelta(minutes=5), by=TOKEN)
    look(NOON)
    UsageRollup.objects.update(done_until=NOON)
    look(NOON)
    mine = Anomaly.objects.get(metric=Metric.NEW_ADDRESS)
    assert (mine.subject_id, mine.detail, mine.first_hour) == (str(user.id), "198.51.100.0/24", NOON)
    assert mine.closed_at is not None
    assert mine.evidence == {"hour": NOON.isoformat(), "value": "198.51.100.0/24", "count": 1, "by": TOKEN}


@pytest.mark.django_db
def test_in_the_first_week_every_network_is_new_and_none_is_told(user: User) -> None:
    newcomer = new_user()
    for number in range(3):
        seen(newcomer, f"198.51.{number}.0/24", NOON - timedelta(days=6) + number * timedelta(days=3))
    seen(newcomer, "192.0.2.0/24", NOON + timedelta(minutes=1))
    look(NOON)
    assert told() == []
    seen(newcomer, "192.0.3.0/24", NOON + timedelta(days=1, minutes=1))
    for step in range(24, 26):
        look(NOON + step * HOUR)
    assert told() == [(str(newcomer.id), "192.0.3.0/24")]


@pytest.mark.django_db
def test_who_is_on_the_move_comes_from_somewhere_new_as_usual(user: User) -> None:
    for number in range(ON_THE_MOVE):
        seen(user, f"198.51.{number}.0/24", NOON - timedelta(days=9 - number))
    seen(user, "192.0.2.0/24", NOON + timedelta(minutes=1))
    look(NOON)
    assert told() == []
    UserNetwork.objects.filter(network__startswith="198.51").update(first_seen_at=NOON - timedelta(days=40))
    UsageRollup.objects.update(done_until=NOON)
    look(NOON)
    assert told() == [(str(user.id), "192.0.2.0/24")]


@pytest.mark.django_db
def test_t39_it_is_in_their_own_data_and_goes_with_them(user: User) -> None:
    seen(user, "198.51.100.0/24", NOON + timedelta(minutes=5))
    look(NOON)
    sources: dict[str, Any] = {each.name: each for each in in_order() if isinstance(each, Source)}
    (record,) = sources["anomalies"].records(user)
    assert (record["metric"], record["detail"]) == ("new_address", "198.51.100.0/24")
    assert [each["network"] for each in sources["networks"].records(user)] == ["203.0.113.0/24", "198.51.100.0/24"]
    assert _anomalies(user.id) == 1
    assert told() == []
