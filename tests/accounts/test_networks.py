"""Which networks somebody's requests come from is written down, by whatever credential, and soon forgotten (T47)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from django.utils import timezone

from accounts import networks
from accounts.models import UserNetwork
from accounts.tasks import forget_old_sign_ins
from foundation import context
from foundation.database.threads import in_database_thread
from playground.api.watch import NOT_FOUND
from privacy.erasure.steps import in_order
from tests.accounts.test_api_tokens import program
from tests.cast import Person, new_user
from tests.servers.service import Service, Web


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:12:34::1", "2001:db8:12::/48"),
        ("", ""),
        ("unix", ""),
    ],
)
def test_what_is_kept_is_the_network(address: str, network: str) -> None:
    assert networks.network_of(address) == network


@pytest.fixture
def behind_a_proxy(running_service: Service) -> Iterator[Web]:
    """A web process whose proxy is this machine."""
    web = Web({**running_service.environment, "TRUSTED_PROXIES": "127.0.0.1"})
    yield web
    web.stop()


async def known_of(person: Person) -> list[tuple[str, str]]:
    """Networks and what they came in by, in the order in which they were first seen."""
    rows = UserNetwork.objects.filter(user=person.user).order_by("id").values_list("network", "by")
    return await in_database_thread(list, rows)


async def test_t47_requests_of_a_token_are_seen_where_the_proxy_says_they_come_from(
    service: Service, behind_a_proxy: Web
) -> None:
    person = Person(service.url, await in_database_thread(new_user))
    holder = await program(person, "read")
    leaked = holder.at(behind_a_proxy.url)
    for last in (7, 8, 9):
        headers = {"X-Forwarded-For": f"198.51.100.1, 203.0.113.{last}"}
        assert (await leaked.get("/api/sessions", headers=headers)).status == 200
    (own, (network, by)) = await known_of(person)
    assert (own, network) == (("127.0.0.0/24", "web_token"), "203.0.113.0/24")
    assert by.startswith("api_token:")
    forged = await holder.get("/api/sessions", headers={"X-Forwarded-For": "192.0.2.1"})
    assert (forged.status, len(await known_of(person))) == (200, 2)


async def test_t28_a_socket_is_no_way_round_it(service: Service, behind_a_proxy: Web) -> None:
    person = Person(service.url, await in_database_thread(new_user))
    holder = await program(person, "read")
    address = f"{behind_a_proxy.url}/ws/executions/{uuid.uuid4()}"
    headers = {"Authorization": f"Bearer {holder.token}", "X-Forwarded-For": "203.0.113.7"}
    async with aiohttp.ClientSession(headers=headers) as session, session.ws_connect(address) as socket:
        assert (await socket.receive()).data == NOT_FOUND
    assert [network for network, _ in await known_of(person)] == ["127.0.0.0/24", "203.0.113.0/24"]


@pytest.mark.django_db(transaction=True)
async def test_it_is_written_once_a_day_and_again_after_a_failure() -> None:
    context.address.set("203.0.113.5")
    unknown = uuid.uuid4()
    await networks.note(unknown, by="session")  # there is no such user, so that it cannot be written
    user = await in_database_thread(new_user, id=unknown)
    await networks.note(unknown, by="session")
    row = await in_database_thread(UserNetwork.objects.get, user=user)

    def make_older() -> None:
        UserNetwork.objects.filter(id=row.id).update(last_seen_at=row.last_seen_at - timedelta(days=3))

    await in_database_thread(make_older)
    await networks.note(unknown, by="session")
    again = await in_database_thread(UserNetwork.objects.get, user=user)
    assert again.last_seen_at == row.last_seen_at - timedelta(days=3)
    networks._noted.clear()
    await networks.note(unknown, by="web_token")
    last = await in_database_thread(UserNetwork.objects.get, user=user)
    assert last.last_seen_at > row.last_seen_at
    assert (last.first_seen_at, last.by) == (row.first_seen_at, "session")


async def test_what_a_process_remembers_is_bounded(monkeypatch: Any) -> None:
    monkeypatch.setattr(networks, "REMEMBERED", 2)
    context.address.set("unix")
    networks._noted.clear()
    for _ in range(5):
        await networks.note(uuid.uuid4(), by="session")
        assert 0 < len(networks._noted) <= 2


def seen(user: Any, network: str, *, days_ago: float) -> None:
    """It was seen then, and not since."""
    at = timezone.now() - timedelta(days=days_ago)
    UserNetwork.objects.create(user=user, network=network, by="session", first_seen_at=at, last_seen_at=at)


@pytest.mark.django_db
def test_t39_networks_of_long_ago_and_of_the_erased_are_gone(monkeypatch: Any) -> None:
    monkeypatch.setattr(networks, "MOST", 2)
    user, other = new_user(), new_user()
    for number, days in enumerate((100, 50, 40, 30)):
        seen(user, f"203.0.{number}.0/24", days_ago=days)
    seen(other, "203.0.113.0/24", days_ago=1)
    forget_old_sign_ins()
    assert set(UserNetwork.objects.filter(user=user).values_list("network", flat=True)) == {
        "203.0.2.0/24", "203.0.3.0/24",
    }  # fmt: skip
    (step,) = [each for each in in_order() if each.name == "networks"]
    assert (step.turn(user.id), step.turn(user.id)) == (2, 0)
    assert list(UserNetwork.objects.values_list("user_id", flat=True)) == [other.id]
