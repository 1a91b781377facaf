"""The pages of privacy: rules, dry run, holds; own data and erasures, decided by administrators."""

from __future__ import annotations

import re
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from privacy.models import Erasure, LegalHold, OwnData, RetentionRule
from tests.cast import Person, new_user
from tests.doors.browser import Browser, browser_of
from tests.privacy.rows import a_session, executions
from tests.servers.service import Service
from tests.waiting import until


@pytest.fixture
def admin(service: Service) -> Browser:
    """An administrator's browser."""
    return browser_of(Person(service.url, new_user(name="Admin", roles=["admin"])))


@pytest.fixture
def somebody(service: Service) -> Person:
    """Somebody of an organisation."""
    return Person(service.url, new_user(name="Wilhelmina Oxenstierna", organisation="One"))


async def test_t21_t27_what_is_for_administrators_is_closed_to_others(somebody: Person) -> None:
    browser = await in_database_thread(browser_of, somebody)
    erasure = await in_database_thread(Erasure.objects.create, subject=(await in_database_thread(new_user)).id)
    hold = await in_database_thread(LegalHold.objects.create, covers="project", object_id="apollo")
    page = await browser.get("/settings/your-data")
    assert (page.status, "Erasures of people" in page.text, "/settings/retention" in page.text) == (200, False, False)
    for path in ("/settings/retention", "/settings/retention/runs"):
        assert (await browser.get(path)).status == 403, path
    own = f"/settings/your-data/erasures/{erasure.id}"
    for path in (
        "/settings/retention", "/settings/retention/dry-run", "/settings/retention/holds",
        f"/settings/retention/holds/{hold.id}/lift", f"{own}/approve", f"{own}/refuse",
    ):  # fmt: skip
        assert (await browser.post(path, form={"reason": "x"})).status == 403, path
    assert (await browser.get(f"{own}/export")).status == 403
    assert (await browser.post("/settings/your-data/erasure", form={"person": "somebody"})).status == 403
    assert await in_database_thread(lambda: (Erasure.objects.get().status, LegalHold.objects.get().lifted_at)) == (
        "requested",
        None,
    )


async def test_rules_are_set_on_the_page_and_a_bad_one_is_shown_at_its_field(admin: Browser) -> None:
    form = {"organisation": "One", "days-executions": "30", "days-results": "", "days-reviews": "0"}
    assert (await admin.post("/settings/retention", form=form)).status == 302
    rules = await in_database_thread(lambda: dict(RetentionRule.objects.values_list("kind", "days")))
    assert rules == {"executions": 30, "reviews": 0}
    shown = (await admin.get("/settings/retention?organisation=One")).text
    assert re.search(r'name="days-executions"\s+value="30"', shown)
    bad = await admin.post("/settings/retention", form={**form, "days-results": "soon"})
    assert bad.status == 400
    assert re.search(r'name="days-results"\s+value="soon".*?aria-invalid="true"', bad.text, re.DOTALL)
    assert await in_database_thread(lambda: dict(RetentionRule.objects.values_list("kind", "days"))) == rules


async def test_what_would_go_tonight_is_counted(admin: Browser, somebody: Person) -> None:
    def old() -> None:
        assert somebody.user is not None
        executions(a_session(somebody.user), days=40, count=3)

    await in_database_thread(old)
    await admin.post("/settings/retention", form={"organisation": "One", "days-executions": "30"})
    assert (await admin.post("/settings/retention/dry-run")).status == 302

    async def counted() -> Any:
        shown = (await admin.get("/settings/retention/runs")).text
        return shown if "hx-get" not in shown else None

    shown = await until(counted)
    assert re.search(r'data-name="Rows">3<', shown)


async def test_a_hold_is_placed_by_a_persons_name_and_lifted(admin: Browser, somebody: Person) -> None:
    assert somebody.user is not None
    form = {"covers": "user", "object_id": somebody.user.username, "reason": "Case 7"}
    assert (await admin.post("/settings/retention/holds", form=form)).status == 302
    hold = await in_database_thread(LegalHold.objects.get)
    assert hold.object_id == str(somebody.user.id)
    page = (await admin.get("/settings/retention")).text
    assert "Case 7" in page
    assert "Wilhelmina Oxenstierna" in page or somebody.user.username in page
    again = await admin.post("/settings/retention/holds", form=form)
    assert (again.status, "stands already" in again.text) == (409, True)
    for wrong in ({**form, "object_id": "nobody-of-this-name"}, {**form, "covers": "project", "object_id": ""}):
        refused = await admin.post("/settings/retention/holds", form=wrong)
        assert (refused.status, 'href="#object_id"' in refused.text) == (400, True)
    assert (await admin.post(f"/settings/retention/holds/{hold.id}/lift")).status == 302
    assert (await in_database_thread(LegalHold.objects.get)).lifted_at is not None


async def test_t03_a_file_of_ones_own_data_is_ordered_and_fetched_by_its_owner(
    admin: Browser, somebody: Person
) -> None:
    browser = await in_database_thread(browser_of, somebody)
    assert (await browser.post("/settings/your-data/files")).status == 302

    async def made() -> Any:
        shown = (await browser.get("/settings/your-data/files")).text
        return shown if "Download" in shown else None

    await until(made)
    row = await in_database_thread(OwnData.objects.get)
    address = f"/settings/your-data/files/{row.id}"
    file = await browser.get(address)
    assert (file.status, file.headers["Content-Type"]) == (200, "application/zip")
    assert (await admin.get(address)).status == 404


async def test_t39_an_erasure_is_asked_for_refused_asked_again_and_done(admin: Browser, somebody: Person) -> None:
    browser = await in_database_thread(browser_of, somebody)
    assert (await browser.post("/settings/your-data/erasure", form={"with_export": "true"})).status == 302
    assert "Requested" in (await browser.get("/settings/your-data")).text
    first = await in_database_thread(Erasure.objects.get)
    address = f"/settings/your-data/erasures/{first.id}"
    without = await admin.post(f"{address}/refuse", form={"reason": " "})
    assert (without.status, 'id="error-reason"' in without.text) == (400, True)
    assert (await admin.post(f"{address}/refuse", form={"reason": "A contract runs."})).status == 302
    assert "A contract runs." in (await browser.get("/settings/your-data")).text
    assert somebody.user is not None
    form = {"person": somebody.user.username}
    assert (await admin.post("/settings/your-data/erasure", form=form)).status == 302
    assert (await admin.post("/settings/your-data/erasure", form=form)).status == 409
    nobody = await admin.post("/settings/your-data/erasure", form={"person": ""})
    assert (nobody.status, 'href="#person"' in nobody.text) == (400, True)
    second = await in_database_thread(Erasure.objects.get, status="requested")
    assert not second.with_export
    assert (await admin.post(f"/settings/your-data/erasures/{second.id}/approve")).status == 302

    async def done() -> Any:
        shown = (await admin.get("/settings/your-data")).text
        return shown if "Nothing names them any more." in shown else None

    assert "Oxenstierna" not in await until(done)
