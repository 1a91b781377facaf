"""Whether anybody is there to run tests: told by `/health` and by the page of a test that waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html import unescape
from uuid import UUID

import pytest

from foundation.database.threads import in_database_thread
from playground.models import RunnerLease
from tests.cast import Person
from tests.doors.browser import Browser, browser_of
from tests.evaluation_app.conftest import Bench
from tests.waiting import until


async def workers(person: Person, state: str) -> None:
    """Waits until `/health` says so of the workers; whatever that is, the service itself is healthy."""

    async def told() -> bool:
        answer = await person.get("/health")
        assert (answer.status, answer.body["status"]) == (200, "healthy")
        return bool(answer.body["workers"] == state)

    await until(told)


@pytest.fixture
async def no_worker(author: Person) -> AsyncIterator[list[UUID]]:
    """Nobody is known for a worker: their leases say of them what is not so."""
    await workers(author, "healthy")
    ids = await in_database_thread(lambda: list(RunnerLease.objects.workers().values_list("id", flat=True)))
    await in_database_thread(lambda: RunnerLease.objects.filter(id__in=ids).update(role="web"))
    yield ids
    await in_database_thread(lambda: RunnerLease.objects.filter(id__in=ids).update(role="worker"))


async def test_workers_show_that_they_live_before_there_is_a_test(author: Person) -> None:
    await workers(author, "healthy")


async def test_without_a_worker_health_says_so_and_stays_well(author: Person, no_worker: list[UUID]) -> None:
    await workers(author, "unhealthy")


async def test_the_page_of_a_test_says_that_nobody_is_there(
    author: Person, bench: Bench, provider: str, no_worker: list[UUID]
) -> None:
    mine: Browser = await in_database_thread(browser_of, author)
    made = await bench.begin(
        name="Waits", prompt="x", model_id=f"{provider}/tokens-900-every-100ms", test_cases=[{}], parameters={"runs": 4}
    )
    page = unescape((await mine.get(f"/evaluations/{made['id']}")).text)
    assert hidden(page, "data-no-worker") is False
    assert hidden(page, "data-waiting") is True
    await in_database_thread(lambda: RunnerLease.objects.filter(id__in=no_worker).update(role="worker"))
    page = (await mine.get(f"/evaluations/{made['id']}")).text
    assert hidden(page, "data-no-worker") is True
    await bench.steer(made["id"], "cancel")
    await bench.ended(made["id"])


def hidden(page: str, name: str) -> bool:
    """Whether an element with this attribute is out of sight."""
    assert name in page
    return "hidden" in page.partition(name)[2].partition(">")[0]
