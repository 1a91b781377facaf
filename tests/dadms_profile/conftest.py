"""People of the execution tests, one of them as a client of DADMS's document."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Answer, Person
from tests.playground.conftest import (  # noqa: F401 - fixtures
    anonymous,
    author,
    make_provider,
    provider,
    stranger,
)

PROFILE = {"Accept": "application/vnd.dadms+json"}


class Client:
    """Somebody who sends DADMS's media type."""

    def __init__(self, person: Person) -> None:
        self.person = person

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """One call; the answer is of that media type, whatever it says."""
        answer = await self.person.call(method, path, body, headers=PROFILE, **more)
        if answer.status != 204:
            assert answer.headers["Content-Type"] == "application/vnd.dadms+json", answer.headers
        return answer

    async def get(self, path: str) -> Answer:
        """GET."""
        return await self.call("GET", path)

    async def post(self, path: str, body: Any) -> Answer:
        """POST."""
        return await self.call("POST", path, body)


@pytest.fixture
def client(author: Person) -> Client:  # noqa: F811
    """The author, by DADMS's document."""
    return Client(author)
