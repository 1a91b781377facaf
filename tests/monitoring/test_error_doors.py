"""Errors over the API and on their page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.monitoring.rows import an_error
from tests.servers.service import Service


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator."""
    return Person(service.url, new_user(roles=[Role.ADMIN]))


async def test_pages_of_the_list_hold_each_group_once(admin: Person) -> None:
    def make() -> list[int]:
        now = timezone.now()
        return [an_error(f"e{number}", last_seen=now - timedelta(minutes=number // 3)).id for number in range(120)]

    made = await in_database_thread(make)
    seen: list[int] = []
    query = ""
    for _ in range(3):
        page = (await admin.get(f"/api/monitoring/errors{query}")).body
        seen += [each["id"] for each in page["results"]]
        query = f"?cursor={page['next']}"
    assert query == "?cursor="
    assert sorted(seen) == sorted(made)


async def test_they_are_found_by_state_and_time(admin: Person) -> None:
    def make() -> None:
        now = timezone.now()
        an_error("open")
        an_error("resolved", resolved_at=now)
        an_error("muted", muted_at=now, last_seen=now - timedelta(days=3))

    await in_database_thread(make)

    async def states(query: str) -> list[str]:
        rows = (await admin.get(f"/api/monitoring/errors?{query}")).body["results"]
        return sorted(each["state"] for each in rows)

    assert await states("") == ["muted", "open", "resolved"]
    for state in ("muted", "open", "resolved"):
        assert await states(f"state={state}") == [state]
    since = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert await states(f"since={since}") == ["open", "resolved"]


@pytest.mark.parametrize(
    "query", ["state=lost", "since=yesterday", "cursor=x", "cursor=" + "A" * 99, "cursor=MHw", "page=2"]
)
async def test_odd_questions_are_refused(admin: Person, query: str) -> None:
    assert (await admin.get(f"/api/monitoring/errors?{query}")).status == 400


async def test_what_is_decided_twice_or_of_nothing_is_refused(admin: Person) -> None:
    group = await in_database_thread(an_error, "one")
    door = f"/api/monitoring/errors/{group.id}"
    assert (await admin.post(f"{door}/mute")).body["state"] == "muted"
    assert (await admin.post(f"{door}/mute")).status == 409
    assert (await admin.post(f"{door}/resolve")).body["state"] == "resolved"
    assert (await admin.post(f"{door}/resolve")).status == 409
    for gone in (group.id + 1, 10**30):
        assert (await admin.get(f"/api/monitoring/errors/{gone}")).status == 404
        assert (await admin.post(f"/api/monitoring/errors/{gone}/resolve")).status == 404


async def test_the_page_is_for_administrators(admin: Person, service: Service) -> None:
    group = await in_database_thread(an_error, "one")
    stranger = await in_database_thread(lambda: browser_of(Person(service.url, new_user())))
    page = f"/monitoring/errors/{group.id}"
    assert [(await stranger.get(each)).status for each in ("/monitoring/errors", page)] == [403, 403]
    assert (await stranger.post(f"{page}/mute", form={})).status == 403
    assert "Errors of the service" not in (await stranger.get("/settings/anomalies")).text
    browser = await in_database_thread(browser_of, admin)
    assert "KeyError" in (await browser.get("/monitoring/errors")).text
    assert (await browser.get("/monitoring/errors?cursor=x")).status == 400
    assert "Seen 3 times in the last 14 days" in (await browser.get(page)).text
    assert (await browser.post(f"{page}/mute", form={})).status == 302
    assert (await browser.post(f"{page}/mute", form={})).status == 409
    assert "Muted, seen 3 times" in (await browser.get(page)).text
