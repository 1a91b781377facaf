"""`/providers`: what everybody sees, what administrators may do, and a provider that is away."""

from __future__ import annotations

import re
from html import unescape

from accounts.models import Role
from foundation.database.threads import in_database_thread
from providers.models import Provider
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.playground.conftest import MakeProvider


def part(text: str, slug: str) -> str:
    """The section of one provider, as text with single spaces."""
    found = re.search(rf'id="provider-{slug}".*?</section>', text, re.DOTALL)
    assert found, slug
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[0])).split())


async def administrator(author: Person) -> Person:
    return Person(author.url, await in_database_thread(lambda: new_user(roles=[Role.ADMIN])))


async def test_everybody_sees_every_provider_and_nobodys_key(author: Person, provider: str):
    def limited() -> None:
        row = Provider.objects.get(slug=provider)
        row.max_concurrency, row.requests_per_minute = 3, 60
        row.set_key("sk-canary-1234567890")
        row.save()

    await in_database_thread(limited)
    browser = await in_database_thread(browser_of, author)
    page = await browser.get("/providers")
    told = part(page.text, provider)
    assert "3 calls at once, 60 requests a minute" in told
    assert "0 of 3 places" in told
    assert "canary" not in page.text
    assert "7890" not in told
    assert "On this machine" in part(page.text, "local")
    assert re.search(r"Set \w+ and start again", part(page.text, "dadms"))
    assert "Test" not in told
    assert (await browser.post(f"/providers/{provider}/test")).status == 403


async def test_an_administrator_tests_one_that_works_and_one_that_is_away(author: Person, make_provider: MakeProvider):
    works = await in_database_thread(make_provider)
    away = await in_database_thread(make_provider)
    await in_database_thread(lambda: Provider.objects.filter(slug=away).update(base_url="http://127.0.0.1:9/v1"))
    browser = await in_database_thread(browser_of, await administrator(author))
    tested = await browser.post(f"/providers/{works}/test", headers={"HX-Request": "true"})
    assert tested.status == 200
    assert "Works" in part(tested.text, works)
    assert "Test again" in part(tested.text, works)
    told = part((await browser.post(f"/providers/{away}/test", headers={"HX-Request": "true"})).text, away)
    assert "Does not work" in told
    assert "The provider cannot be reached." in told
    assert (await browser.post("/providers/nobody/test")).status == 404


async def test_one_that_was_never_asked_is_not_said_to_work(author: Person, make_provider: MakeProvider):
    new = await in_database_thread(make_provider)
    browser = await in_database_thread(browser_of, await administrator(author))
    told = part((await browser.get("/providers")).text, new)
    assert "Not tested yet" in told
    assert "Works" not in told


async def test_the_way_to_change_it_stays_after_a_test(author: Person, make_provider: MakeProvider):
    slug = await in_database_thread(make_provider)
    admin = await in_database_thread(lambda: new_user(roles=[Role.ADMIN], is_staff=True))
    browser = await in_database_thread(browser_of, Person(author.url, admin))
    assert "Edit" in part((await browser.get("/providers")).text, slug)
    tested = await browser.post(f"/providers/{slug}/test", headers={"HX-Request": "true"})
    assert "Edit" in part(tested.text, slug)
