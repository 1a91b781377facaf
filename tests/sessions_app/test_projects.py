"""Projects come from the Project Service; in whatever state that is, ours answers, and says why."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.servers.project_service import GARBAGE, Mode, ProjectService, a_project
from tests.servers.service import Service, Web

__all__ = ["browser_of"]


@pytest.fixture(scope="module")
async def project_service() -> AsyncIterator[ProjectService]:
    """The fake; each test sets its mode."""
    fake = ProjectService()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture(scope="module")
async def connected(running_service: Service, project_service: ProjectService) -> AsyncIterator[Web]:
    """A web process that knows the Project Service."""
    environment = {**running_service.environment, "PROJECT_SERVICE_URL": project_service.url}
    web = await asyncio.to_thread(Web, environment)
    yield web
    await asyncio.to_thread(web.stop)


@pytest.fixture
async def member(service: Service, connected: Web, project_service: ProjectService) -> Person:
    """Somebody whose projects nobody has asked for yet."""
    project_service.mode = "fine"
    project_service.asked.clear()
    return Person(connected.url, await in_database_thread(new_user))


async def test_projects_are_those_of_the_caller(member: Person, project_service: ProjectService):
    answer = await member.get("/api/projects")
    assert answer.status == 200
    assert answer.body == {
        "configured": True,
        "available": True,
        "reason": None,
        "results": [
            {name: a_project(number)[name] for name in ("id", "name", "description", "status")} for number in range(3)
        ],
    }
    (asked,) = project_service.asked
    assert member.user is not None
    assert (asked["authorization"], asked["user-id"]) == (f"Bearer {member.token}", str(member.user.id))


async def test_they_are_asked_for_once_a_minute_and_user(
    member: Person, connected: Web, project_service: ProjectService
):
    first = await member.get("/api/projects")
    project_service.mode = "broken"
    assert (await member.get("/api/projects")).body == first.body
    assert len(project_service.asked) == 1
    other = Person(connected.url, await in_database_thread(new_user))
    assert (await other.get("/api/projects")).body["available"] is False


async def test_every_page_is_read(member: Person, project_service: ProjectService):
    project_service.projects = [a_project(number) for number in range(230)]
    try:
        answer = await member.get("/api/projects")
    finally:
        project_service.projects = [a_project(number) for number in range(3)]
    assert [row["id"] for row in answer.body["results"]] == [f"project-{number}" for number in range(230)]
    assert len(project_service.asked) == 3


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("broken", "The Project Service answered with HTTP 500."),
        ("unauthorised", "The Project Service did not accept your credentials."),
        ("redirecting", "The Project Service answered with HTTP 302."),
        ("huge", "The Project Service answered with something unreadable."),
    ],
)
async def test_its_failures_are_told_and_never_ours(
    member: Person, project_service: ProjectService, mode: Mode, reason: str
):
    project_service.mode = mode
    answer = await member.get("/api/projects")
    assert answer.status == 200
    assert answer.body == {"configured": True, "available": False, "reason": reason, "results": []}


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_is_told(member: Person, project_service: ProjectService, garbage: bytes):
    project_service.mode, project_service.garbage = "garbage", garbage
    answer = await member.get("/api/projects")
    assert (answer.body["available"], answer.body["results"]) == (False, [])
    assert answer.body["reason"] == "The Project Service answered with something unreadable."


async def test_a_slow_one_holds_nobody_up_for_long(member: Person, project_service: ProjectService):
    project_service.mode = "slow"
    began = time.monotonic()
    answer = await member.get("/api/projects")
    assert time.monotonic() - began < 25  # it takes thirty
    assert answer.body["reason"] == "The Project Service does not answer."
    # Whoever asks again is not made to wait again: it is not asked.
    assert (await member.get("/api/projects")).body == answer.body
    assert len(project_service.asked) == 1


async def test_a_browser_has_no_token_to_pass_on(
    service: Service, connected: Web, project_service: ProjectService, browser_of: BrowserOf
):
    person = Person(connected.url, await in_database_thread(new_user))
    browser: Browser = await in_database_thread(browser_of, person)
    project_service.mode = "fine"
    project_service.asked.clear()
    assert (await browser.get("/api/projects")).body["available"] is True
    (asked,) = project_service.asked
    assert ("authorization" in asked, "cookie" in asked, "user-id" in asked) == (False, False, True)


async def test_without_an_address_that_is_told(author: Person, anonymous: Person):
    answer = await author.get("/api/projects")
    assert (answer.status, answer.body["configured"], answer.body["available"]) == (200, False, False)
    assert "PROJECT_SERVICE_URL" in answer.body["reason"]
    assert (await anonymous.get("/api/projects")).status == 401
    assert (await author.get("/api/projects?search=x")).status == 400


async def test_one_that_is_not_there_is_told(member: Person, project_service: ProjectService):
    await project_service.stop()
    try:
        answer = await member.get("/api/projects")
    finally:
        await project_service.start()
    assert (answer.status, answer.body["reason"]) == (200, "The Project Service does not answer.")
