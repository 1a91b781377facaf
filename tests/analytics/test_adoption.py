"""Whether the playground is taken up, against what was done by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Role, User
from foundation.database.threads import in_database_thread
from templates_app.models import LabelMove, PromptTemplate, TemplateVersion
from tests.analytics.test_usage_doors import a_run
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.servers.service import Service

DOOR = "/api/analytics/adoption"


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator."""
    return Person(service.url, new_user(roles=[Role.ADMIN]))


async def told(person: Person) -> dict[str, Any]:
    """The answer."""
    answer = await person.get(DOOR)
    assert answer.status == 200, answer.body
    return dict(answer.body)


async def test_people_templates_and_the_time_to_a_label(author: Person, admin: Person):
    user = author.user
    assert user
    before = await told(admin)
    body = {"name": "Tone", "prompt": "Say {{x}}", "category": "Writing"}
    made = [(await author.post("/api/templates", {**body, "name": name})).body["id"] for name in ("Tone", "Mood")]

    def run() -> None:
        now = timezone.now()
        for template, hours in zip(made, (10, 4), strict=True):
            version = TemplateVersion.objects.get(template_id=template)
            for more in (0, 1):
                a_run(user, template_version=version, created_at=now - timedelta(hours=hours - more))
            for later in (2, 1):
                LabelMove.objects.create(
                    template_id=template, name="production", version=version, moved_at=now - timedelta(hours=later)
                )
        PromptTemplate.objects.filter(id=made[0]).update(visibility="public")

    await in_database_thread(run)
    after = await told(admin)
    assert after["people"]["active"] == before["people"]["active"] + 1
    assert after["people"]["known"] == before["people"]["known"]
    assert after["people"]["share"] == pytest.approx(after["people"]["active"] / after["people"]["known"])
    assert after["templates"]["made"] == before["templates"]["made"] + 2
    assert after["templates"]["run"] == before["templates"]["run"] + 2
    assert after["templates"]["shared"] == before["templates"]["shared"] + 1
    assert after["time_to_label"]["n"] == before["time_to_label"]["n"] + 2
    if before["time_to_label"]["n"] == 0:
        # 8 hours of the one, 2 of the other.
        assert after["time_to_label"]["p50"] == pytest.approx(5 * 3600, abs=60)
    page = await (await in_database_thread(browser_of, admin)).get("/analytics?days=90")
    assert "From first run to a label" in page.text
    mine = await (await in_database_thread(browser_of, author)).get("/analytics")
    assert "From first run to a label" not in mine.text


async def test_programs_are_no_people(admin: Person):
    before = await told(admin)

    def begin() -> None:
        program: User = new_user()
        User.objects.filter(id=program.id).update(is_service=True)
        a_run(program)

    await in_database_thread(begin)
    assert (await told(admin))["people"] == before["people"]


async def test_a_period_that_cannot_be_is_refused(admin: Person):
    for query, field in (("from=2026-02-01&to=2026-01-01", "to"), ("model=x", "model"), ("time_zone=x", "time_zone")):
        answer = await admin.get(f"{DOOR}?{query}")
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, field)
