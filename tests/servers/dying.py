"""Run by `tests/test_run.py` in a run of its own: the run's servers die, and whoever comes next must not notice."""

from __future__ import annotations

import signal

import psutil
import pytest

from accounts.models import User
from foundation.processes import is_alive, kill_session
from tests.cast import Person, new_user
from tests.servers.embedded import EmbeddedServers
from tests.servers.service import Service
from tests.waiting import until


@pytest.fixture
def author(service: Service) -> Person:
    return Person(service.url, new_user(name="Author"))


async def _all_is_well(author: Person) -> None:
    answer = await author.execute("openai/echo", "hello")
    assert (answer.status, answer.body["response"]) == (200, "hello")
    answer = await author.get("/health")
    assert set(answer.body["dependencies"].values()) <= {"healthy"}, answer.body


@pytest.mark.parametrize("kind", ["Postgres", "Valkey"])
async def test_a_server_dies(author: Person, embedded_servers: EmbeddedServers, kind: str) -> None:
    _, process = embedded_servers.named(kind)
    first = psutil.Process(process.pid)
    for each in [first, *first.children(recursive=True)]:
        each.send_signal(signal.SIGKILL)
    process.wait()


async def test_the_servers_are_there_again(author: Person) -> None:
    await _all_is_well(author)


async def test_the_database_was_put_back(service: Service) -> None:
    assert await User.objects.acount() == 0


async def test_the_service_dies(service: Service) -> None:
    leaders = [service.pid, service.simulator.pid, *(process.pid for process in service.background)]
    for leader in leaders:
        kill_session(leader)

    async def are_gone() -> bool:
        return not any(map(is_alive, leaders))

    await until(are_gone)


async def test_the_service_is_there_again(author: Person) -> None:
    await _all_is_well(author)
