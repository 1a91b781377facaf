"""Ctrl K: what is found by which words, in which order, and that nobody finds what they may not see."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from accounts.models import Role
from foundation.database.threads import in_database_thread
from foundation.presentation.palette import MOST_OF_A_KIND, rank
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.playground.conftest import author, make_provider, provider, stranger  # noqa: F401 - fixtures


async def found(person: Person, words: str) -> dict[str, list[str]]:
    """The lines by kinds, as the list shows them."""
    browser = await in_database_thread(browser_of, person)
    page = await browser.get(f"/palette?q={quote(words)}")
    assert page.status == 200
    kinds = re.split(r'role="presentation">', page.text)[1:]
    return {
        unescape(kind.partition("<")[0]): [unescape(each) for each in re.findall(r'picker-name">([^<]*)<', kind)]
        for kind in kinds
    }


@pytest.mark.parametrize(
    ("text", "words", "told"),
    [
        ("New template", "new te", 0), ("New template", "te", 1), ("New template", "te ne", 1),
        ("Übersicht", "uber", 0),
        ("New template", "mpl", 2), ("New template", "new x", None), ("anything", "", 0),
    ],
)  # fmt: skip
def test_how_well_words_meet_a_text(text: str, words: str, told: int | None) -> None:
    assert rank(text, words) == told


async def test_without_words_the_great_pages_come_first(author):  # noqa: F811
    told = await found(author, "")
    assert next(iter(told)) == "Pages"
    assert {"Playground", "Templates", "Sessions", "Evaluations", "Analytics"} <= set(told["Pages"])
    assert all(len(lines) <= MOST_OF_A_KIND for lines in told.values())


async def test_what_is_ones_own_is_found_by_name_and_nobody_elses(author, stranger, provider):  # noqa: F811
    model = f"{provider}/echo"
    await author.post("/api/sessions", {"name": "Zwölf Quokkas"})
    await author.post("/api/templates", {"name": "Quokka letters", "category": "c", "prompt": "Say {{word}}"})
    await author.post("/api/datasets", {"name": "Quokka cases"})
    run = (await author.execute(model, prompt="Describe a quokka")).body
    told = await found(author, "quokka")
    assert told["Sessions"] == ["Zwölf Quokkas"]
    assert told["Templates"] == ["Quokka letters"]
    assert told["Datasets"] == ["Quokka cases"]
    assert told["Runs"] == ["Describe a quokka"]
    assert (await found(author, run["id"]))["Runs"] == ["Describe a quokka"]
    assert (await found(author, "ZWOLF"))["Sessions"] == ["Zwölf Quokkas"]
    assert await found(stranger, "quokka") == {}
    assert await found(stranger, run["id"]) == {}


async def test_a_model_leads_to_the_playground_where_it_is_chosen(author, provider):  # noqa: F811
    await author.execute(f"{provider}/echo", prompt="known from now on")
    browser = await in_database_thread(browser_of, author)
    page = await browser.get(f"/palette?q={provider}%20echo")
    (address,) = {unescape(each) for each in re.findall(r'href="([^"]*)"', page.text) if "model=" in each}
    assert f'value="{provider}/echo"' in (await browser.get(address)).text


async def test_pages_of_administrators_are_theirs(author):  # noqa: F811
    administrator = Person(author.url, await in_database_thread(lambda: new_user(roles=[Role.ADMIN])))
    for words in ("alert rules", "compare a bill", "retention"):
        assert (await found(author, words)).get("Pages", []) == []
        assert len((await found(administrator, words))["Pages"]) == 1


@pytest.mark.parametrize("words", ["\0", "x" * 5_000, "%", "<script>", "  ", "'", "\ud83d"])
async def test_odd_words_find_nothing_or_something_and_never_break(author, words: Any):  # noqa: F811
    browser = await in_database_thread(browser_of, author)
    page = await browser.get(f"/palette?q={quote(words, errors='surrogatepass')}")
    assert page.status in (200, 400)
    assert "<script>" not in page.text
