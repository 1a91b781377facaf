"""Anomalies by the API and the page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.models import Role
from analytics.models import Anomaly
from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.servers.service import Service

EVIDENCE = {
    "hour": "2032-03-08T12:00:00+00:00", "span": 1, "value": 60.0, "median": 1.0, "mad": 0.1, "score": 40.0,
    "count": 24,
    "contributors": [{"id": "openai/a", "value": 60.0}],
}  # fmt: skip


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator."""
    return Person(service.url, new_user(roles=[Role.ADMIN]))


@pytest.fixture
def author(service: Service) -> Person:
    """Somebody with an anomaly."""
    user, hour = new_user(), datetime(2032, 3, 8, 12, tzinfo=UTC)
    Anomaly.objects.create(
        subject_kind="user", subject_id=str(user.id), metric="cost", first_hour=hour, last_hour=hour, evidence=EVIDENCE
    )
    return Person(service.url, user)


async def test_ones_own_are_seen_and_dismissed_by_an_administrator(author: Person, admin: Person) -> None:
    (mine,) = (await author.get("/api/analytics/anomalies?open=true")).body["results"]
    assert mine["evidence"]["contributors"] == EVIDENCE["contributors"]
    door = f"/api/analytics/anomalies/{mine['id']}/dismiss"
    assert (await author.post(door, {"reason": "x"})).status == 403
    browser = await in_database_thread(browser_of, author)
    page = await browser.get("/settings/anomalies")
    assert (page.status, "openai/a: 60.0" in page.text, "Why it is none" in page.text) == (200, True, False)
    theirs = await in_database_thread(browser_of, admin)
    assert "Why it is none" in (await theirs.get("/settings/anomalies")).text
    path = f"/settings/anomalies/{mine['id']}/dismissal"
    assert (await theirs.post(path, form={"reason": ""})).status == 400
    assert (await theirs.post(path, form={"reason": "A load test"})).status == 302
    assert (await admin.post(door, {"reason": "x"})).status == 409
    (after,) = (await author.get("/api/analytics/anomalies")).body["results"]
    assert after["dismissal"] == "A load test"
    assert (await author.get("/api/analytics/anomalies?open=true")).body["results"] == []
