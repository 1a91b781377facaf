"""An author with a provider of the test's own, and tests made and followed through the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Person, new_user
from tests.playground.conftest import (  # noqa: F401 - fixtures
    Ledger,
    anonymous,
    author,
    ledger,
    make_provider,
    provider,
    stranger,
)
from tests.servers.service import Service
from tests.waiting import until

FINAL = ("completed", "cancelled", "failed")


class Bench:
    """What somebody does with tests over REST."""

    def __init__(self, person: Person) -> None:
        self.person = person

    async def begin(self, **body: Any) -> dict[str, Any]:
        """Begins a test: the answer of its door."""
        answer = await self.person.call("POST", "/api/evaluation/probabilistic", body)
        assert answer.status == 202, answer.body
        made: dict[str, Any] = answer.body
        return made

    async def seen(self, test_id: str) -> dict[str, Any]:
        """The test as it is now."""
        answer = await self.person.call("GET", f"/api/evaluation/{test_id}")
        assert answer.status == 200, answer.body
        seen: dict[str, Any] = answer.body
        return seen

    async def ended(self, test_id: str, *statuses: str) -> dict[str, Any]:
        """The test once it has one of these statuses; any final one, where none is named."""
        wanted, last = statuses or FINAL, dict[str, Any]()

        async def there() -> dict[str, Any] | None:
            nonlocal last
            last = await self.seen(test_id)
            return last if last["status"] in wanted else None

        found: dict[str, Any] = await until(there, why=lambda: str(last))
        return found

    async def samples(self, test_id: str, **query: Any) -> list[dict[str, Any]]:
        """All samples, page by page."""
        words = "&".join(f"{name}={value}" for name, value in query.items())
        address: str | None = f"/api/evaluation/{test_id}/samples?{words}"
        found: list[dict[str, Any]] = []
        while address:
            answer = await self.person.call("GET", address)
            assert answer.status == 200, answer.body
            found += answer.body["results"]
            address = answer.body["next"] and "/api/" + answer.body["next"].partition("/api/")[2]
        return found

    async def steer(self, test_id: str, verb: str, *, status: int = 202) -> Any:
        """POST …/{verb}."""
        answer = await self.person.call("POST", f"/api/evaluation/{test_id}/{verb}")
        assert answer.status == status, answer.body
        return answer.body


@pytest.fixture
def bench(author: Person) -> Bench:  # noqa: F811
    """The author's."""
    return Bench(author)


@pytest.fixture
def colleague(service: Service) -> Person:
    """Somebody who edits with the author."""
    return Person(service.url, new_user(name="Colleague"))
