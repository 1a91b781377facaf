"""The library's page without a script: owners and labels to narrow it by, figures to order it by, cards or a table."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from templates_app.models import TemplateVersion
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.conftest import MakeTemplate

__all__ = ["browser_of"]


@pytest.fixture
async def browser(author: Person, browser_of: BrowserOf) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


async def ran(template: dict[str, Any], *, completed: int, failed: int = 0, cost: str = "0") -> None:
    """The template's first version has so many runs behind it."""
    found = TemplateVersion.objects.filter(template_id=template["id"])
    await in_database_thread(lambda: found.update(completed_count=completed, failed_count=failed, total_cost=cost))


def words(page: str) -> str:
    """The page's words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def names(page: str) -> list[str]:
    """The templates that it lists."""
    return [" ".join(name.split()) for name in re.findall(r"data-row[^>]*>([^<]*)</a>", page)]


async def test_owner_and_label_narrow_and_are_given_up_again(
    browser: Browser, author: Person, stranger: Person, make_template: MakeTemplate
):
    mine = await make_template(name="Mine", category="Owners", is_public=True)
    await author.call("PUT", f"/api/templates/{mine['id']}/labels/facet-test", {"version": 1})
    assert stranger.user is not None
    body = {"name": "Theirs", "category": "Owners", "prompt": "x", "is_public": True}
    await stranger.post("/api/templates", body)
    page = (await browser.get("/templates?category=Owners")).text
    assert sorted(names(page)) == ["Mine", "Theirs"]
    assert f'owner={stranger.user.id}"' in page
    theirs = (await browser.get(f"/templates?category=Owners&owner={stranger.user.id}")).text
    assert names(theirs) == ["Theirs"]
    assert f"Owner: {stranger.user}" in words(theirs)
    labelled = (await browser.get("/templates?category=Owners&label=facet-test")).text
    assert names(labelled) == ["Mine"]
    assert "Label: facet-test" in words(labelled)
    own = (await browser.get("/templates?category=Owners&owner=me")).text
    assert names(own) == ["Mine"]
    assert f"Owner: {stranger.user}" not in words(own)


async def test_figures_come_with_their_number_and_interval_and_order(browser: Browser, make_template: MakeTemplate):
    once = await make_template(name="Once", category="Figures")
    often = await make_template(name="Often", category="Figures")
    await make_template(name="Never", category="Figures")
    await ran(once, completed=1, cost="0.5")
    await ran(often, completed=95, failed=5, cost="1")
    page = (await browser.get("/templates?category=Figures&ordering=-success_rate")).text
    assert names(page) == ["Often", "Once", "Never"], "one run that went well is no surer than a hundred"
    told = words(page)
    assert re.search(r"completed 95 of 100, 95\.0.% \(88\.8.97\.9.%\)", told)
    assert "completed 1 of 1, too few to say" in told
    assert "$0.0100 a run" in told
    for ordering, expected in {
        "average_cost": ["Often", "Once", "Never"],
        "-average_cost": ["Once", "Often", "Never"],
    }.items():
        assert names((await browser.get(f"/templates?category=Figures&ordering={ordering}")).text) == expected


async def test_a_table_is_kept_in_the_address_and_remembered(browser: Browser, make_template: MakeTemplate):
    made = await make_template(name="Tabled", category="Tables")
    await ran(made, completed=3, failed=1)
    table = await browser.get("/templates?category=Tables&view=table")
    assert names(table.text) == ["Tabled"]
    assert '<table class="table">' in table.text
    assert "3 of 4, too few to say" in words(table.text)
    assert "library_view=table" in table.headers["Set-Cookie"]
    kept_table = f"{browser.cookie_header['Cookie']}; library_view=table"
    kept = await browser.get("/templates?category=Tables", headers={"Cookie": kept_table})
    assert (kept.status, kept.headers["Location"]) == (302, "/templates?category=Tables&view=table")
    cards = await browser.get("/templates?category=Tables&view=cards", headers={"Cookie": kept_table})
    assert '<table class="table">' not in cards.text
    ordered = (await browser.get("/templates?category=Tables&view=table&ordering=average_cost")).text
    assert 'aria-sort="ascending"' in ordered
    assert "ordering=-average_cost" in ordered


async def test_an_unknown_view_is_cards(browser: Browser, make_template: MakeTemplate):
    await make_template(name="Odd", category="Oddviews")
    page = await browser.get("/templates?category=Oddviews&view=sideways")
    assert page.status == 200
    assert names(page.text) == ["Odd"]
    assert '<table class="table">' not in page.text
