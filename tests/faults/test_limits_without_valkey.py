"""F19: limits while Valkey is away, frozen or full are narrower, never none, and shared again by themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cast import Answer, Person
from tests.faults.conftest import Place
from tests.servers.service import Web
from tests.waiting import until

SHARED, OF_ONE_PROCESS = "40", "10"
PLAIN = "/api/auth/me"


@pytest.fixture(scope="module")
def narrow(place: Place) -> Iterator[list[Web]]:
    """Two web processes that let forty requests a minute pass together."""
    given = {**place.service.environment, "RATE_LIMIT_STANDARD": SHARED, "WEB_PROCESSES": "2"}
    webs = [Web(given), Web(given)]
    yield webs
    for web in webs:
        web.stop()


@pytest.fixture
def anybody(narrow: list[Web], person: Person) -> list[Person]:
    """The same person at both."""
    return [person.at(web.url) for web in narrow]


async def limit_of(person: Person) -> str:
    """The limit in force."""
    return str((await person.get(PLAIN)).headers["RateLimit-Limit"])


async def many(person: Person) -> list[Answer]:
    """Twice as many requests as a process lets pass alone."""
    return [await person.get(PLAIN) for _ in range(2 * int(OF_ONE_PROCESS))]


def are_limited(answers: list[Answer]) -> bool:
    """Whether some passed, and others were refused as they are at other times."""
    refused = [answer for answer in answers if answer.status == 429]
    assert {answer.status for answer in answers} == {200, 429}
    assert all(answer.body["code"] == "too_many_requests" for answer in refused)
    assert all(1 <= int(answer.headers["Retry-After"]) <= 6 for answer in refused)
    return {answer.headers["RateLimit-Limit"] for answer in answers} == {OF_ONE_PROCESS}


async def test_f19_valkey_dies_and_comes_back(place: Place, anybody: list[Person]):
    assert [await limit_of(person) for person in anybody] == [SHARED, SHARED]
    place.kill("Valkey")
    try:
        for person in anybody:
            assert are_limited(await many(person))
    finally:
        place.start_again("Valkey")

    async def are_shared() -> bool:
        return [await limit_of(person) for person in anybody] == [SHARED, SHARED]

    await until(are_shared)


async def test_f19_valkey_is_frozen(place: Place, anybody: list[Person]):
    assert await limit_of(anybody[0]) == SHARED
    with place.paused("Valkey"):
        # All are answered while it is.
        assert are_limited(await many(anybody[0]))

    async def is_shared() -> bool:
        return await limit_of(anybody[0]) == SHARED

    await until(is_shared)


async def test_f19_valkey_is_full(place: Place, anybody: list[Person]):
    async with place.redis() as redis:
        await redis.config_set("maxmemory", "1mb")
        try:
            assert are_limited(await many(anybody[0]))
        finally:
            await redis.config_set("maxmemory", "0")

    async def is_shared() -> bool:
        return await limit_of(anybody[0]) == SHARED

    await until(is_shared)
