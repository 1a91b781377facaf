"""What is left, what is set and what a dear run asks, on the pages."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal

import pytest

from accounts.models import Standing, Team, TeamMember
from foundation.database.threads import in_database_thread
from quotas.models import EVERY, QuotaLimit, SubjectKind
from tests.cast import Person
from tests.doors.browser import Browser, browser_of
from tests.playground.conftest import make_provider, provider
from tests.playground.test_reservations import priced
from tests.quotas.test_admission import limit
from tests.quotas.test_quotas import admin, author, second_web
from tests.servers.service import Web

__all__ = ["admin", "author", "make_provider", "provider", "second_web"]

HTMX = {"HX-Request": "true"}


@pytest.fixture
async def at_the_desk(admin: Person) -> Browser:
    """The administrator's browser."""
    return await in_database_thread(browser_of, admin)


@pytest.fixture
async def at_home(author: Person) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


async def test_the_bar_shows_the_limit_that_is_nearest_to_its_end(author: Person, at_home: Browser, provider: str):
    assert (await at_home.get("/settings/usage/bar", headers=HTMX)).text.strip() == ""

    def limits() -> None:
        assert author.user is not None
        limit("user", author.user.id, executions=1_000)
        limit("user", author.user.id, period="month", executions=1)

    await in_database_thread(limits)
    assert (await author.execute(f"{provider}/echo")).status == 200
    bar = await at_home.get("/settings/usage/bar", headers=HTMX)
    assert "0 executions left this month" in " ".join(bar.text.split())
    assert "budget-full" in bar.text
    page = await at_home.get("/settings/usage")
    assert "1 of 1 used" in " ".join(page.text.split())
    assert "999 executions left" in " ".join(page.text.split())


async def test_an_administrator_sets_and_takes_away_a_quota(author: Person, at_the_desk: Browser):
    assert author.user is not None
    form = {"kind": "user", "subject": author.user.username, "period": "day", "is_hard": "true", "executions": "7"}
    assert (await at_the_desk.post("/settings/quotas", form=form)).status == 302
    mine = QuotaLimit.objects.filter(subject_kind=SubjectKind.USER, subject_id=str(author.user.id))
    assert [row async for row in mine.values_list("period", "executions", "is_hard")] == [("day", 7, True)]
    monthly = {**form, "period": "month", "executions": "", "cost": "2.50", "is_hard": "false"}
    assert (await at_the_desk.post("/settings/quotas", form=monthly)).status == 302
    assert await mine.acount() == 2
    page = await at_the_desk.get("/settings/quotas")
    assert author.user.username in page.text or author.user.name in page.text
    assert (await at_the_desk.post("/settings/quotas", form={**form, "executions": ""})).status == 302
    assert [row async for row in mine.values_list("period", flat=True)] == ["month"]
    everybody = {**form, "subject": EVERY, "executions": "9"}
    assert (await at_the_desk.post("/settings/quotas", form=everybody)).status == 302
    assert await QuotaLimit.objects.filter(subject_id=EVERY, executions=9).aexists()
    page = await at_the_desk.get("/settings/quotas")
    assert 'aria-label="Take away the quota of every user a day"' in page.text
    away = {"kind": "user", "subject": EVERY, "period": "day"}
    assert (await at_the_desk.post("/settings/quotas", form=away)).status == 302
    assert not await QuotaLimit.objects.filter(subject_id=EVERY).aexists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("executions", "seven"),
        ("tokens", "-1"),
        ("cost", "NaN"),
        ("subject", ""),
        ("subject", "nobody of this name"),
        ("subject", "x" * 300),
        ("kind", "planet"),
        ("period", "year"),
    ],
)
async def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    author: Person, at_the_desk: Browser, field: str, value: str
):
    assert author.user is not None
    sound = {"kind": "user", "subject": author.user.username, "period": "day", "is_hard": "true", "tokens": "41"}
    form = {**sound, field: value}
    page = await at_the_desk.post("/settings/quotas", form=form)
    assert page.status == 400
    if field != "tokens":
        assert 'value="41"' in page.text
    assert await QuotaLimit.objects.filter(subject_id=str(author.user.id)).acount() == 0


async def test_all_that_is_wrong_is_told_at_once(at_the_desk: Browser):
    form = {"kind": "user", "subject": "nobody-of-this-name", "period": "day", "is_hard": "true"}
    page = await at_the_desk.post("/settings/quotas", form={**form, "tokens": "many", "cost": "-1"})
    assert page.status == 400
    notice = page.text.partition('id="refused"')[2].partition("</p>")[0]
    assert [name for name in ("subject", "executions", "tokens", "cost") if f'href="#{name}"' in notice] == [
        "subject",
        "tokens",
        "cost",
    ]


async def test_numbers_are_taken_as_they_are_typed(author: Person, at_the_desk: Browser):
    assert author.user is not None
    form = {"kind": "user", "subject": author.user.username, "period": "day", "is_hard": "true"}
    page = await at_the_desk.post("/settings/quotas", form={**form, "tokens": "10 000", "cost": "2,5"})
    assert page.status == 302, page.text
    limit = await QuotaLimit.objects.aget(subject_id=str(author.user.id))
    assert (limit.tokens, limit.cost) == (10_000, Decimal("2.5"))


async def test_t37_the_page_asks_before_a_dear_run(author: Person, second_web: Web, provider: str):
    model = f"{provider}/tokens-8@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, model)
    browser = await in_database_thread(browser_of, author.at(second_web.url))
    form = {"model_id": model, "prompt": "Say something", "parameters.max_tokens": "20000"}
    asked = await browser.post("/executions", form=form, headers=HTMX)
    assert asked.status == 402
    assert "Run it for up to 0.2" in asked.text
    assert re.search(r'name="confirm_cost"\s+value="true"', asked.text)
    assert "Send confirm_cost" not in asked.text
    meant = await browser.post("/executions", form={**form, "confirm_cost": "true"}, headers=HTMX)
    assert meant.status == 200


async def test_t37_the_page_asks_before_a_dear_test(author: Person, second_web: Web, provider: str):
    model = f"{provider}/tokens-8@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, model)
    browser = await in_database_thread(browser_of, author.at(second_web.url))
    form = {
        "name": "Dear", "model_id": model, "prompt": "Say {{word}}", "cases": "word\texpected\na\ta",
        "scorer": "contains", "runs": "10", "max_tokens": "2000",
    }  # fmt: skip
    asked = await browser.post("/evaluations/new", form=form)
    assert (asked.status, "Run it for up to 0.2" in asked.text) == (402, True), asked.text[:2000]
    assert 'name="confirm_cost"' in asked.text
    assert 'value="Dear"' in asked.text
    meant = await browser.post("/evaluations/new", form={**form, "confirm_cost": "true"})
    assert meant.status == 302, meant.text[:2000]


async def test_who_sees_to_a_team_sees_how_it_stands_and_nobody_else(author: Person, at_home: Browser):
    assert author.user is not None
    user = author.user

    def made(name: str, role: Standing) -> Team:
        team = Team.objects.create(name=name)
        TeamMember.objects.create(team=team, user=user, role=role)
        limit(SubjectKind.TEAM, team.id, executions=10)
        return team

    # What they are in themselves stands there in any case: what counts is the part of its own.
    managed = await in_database_thread(made, f"Writers {uuid.uuid4().hex[:6]}", Standing.MANAGER)
    joined = await in_database_thread(made, f"Readers {uuid.uuid4().hex[:6]}", Standing.MEMBER)
    for team, is_shown in ((managed, True), (joined, False)):
        page = await at_home.get(f"/settings/usage?kind=team&subject={team.id}")
        assert page.status == 200
        assert ("What you see to" in page.text) is is_shown
    for query in ("kind=team&subject=x", "kind=throttle&subject=x", "kind=project&subject=p", "kind=team", "kind=x"):
        assert "What you see to" not in (await at_home.get(f"/settings/usage?{query}")).text
