"""Comparisons that were run: listed, named, found again, with who voted for what; and versions of a template as
columns, with what they will cost.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import Browser, browser_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
async def mine(author: Person) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


async def compared(person: Person, provider: str, prompt: str) -> dict[str, Any]:
    """A comparison of two, over the API."""
    variants = [{"model_id": f"{provider}/echo"}, {"model_id": f"{provider}/echo", "prompt": f"{prompt} again"}]
    made = await person.post("/api/comparisons", {"prompt": prompt, "variants": variants})
    assert made.status in (200, 201, 202), made.body
    found: dict[str, Any] = made.body
    return found


def words(page: str) -> str:
    """The page's words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


async def test_a_comparison_is_named_listed_and_found_by_its_name(
    mine: Browser, author: Person, stranger: Person, provider: str
):
    made = await compared(author, provider, "A rare prompt of zebras")
    address = f"/comparisons/{made['id']}"
    listed = await mine.get("/comparisons")
    assert listed.status == 200
    assert "A rare prompt of zebras" in words(listed.text)
    named = await mine.post(f"{address}/name", form={"name": "  Zebra   talk "})
    assert (named.status, named.headers["Location"]) == (302, address)
    assert "Zebra talk" in words((await mine.get("/comparisons")).text)
    assert "<h1>" in (page := (await mine.get(address)).text)
    assert "Zebra talk" in words(page.partition("<h1>")[2].partition("</h1>")[0])
    found = await mine.get("/palette?q=zebra+talk", headers=HTMX)
    assert address in found.text
    theirs = await in_database_thread(browser_of, stranger)
    assert "Zebra talk" not in (await theirs.get("/comparisons")).text
    assert (await theirs.post(f"{address}/name", form={"name": "Mine"})).status == 404
    assert (await mine.post(f"/comparisons/{uuid4()}/name", form={"name": "x"})).status == 404
    assert (await mine.get("/comparisons?before=x")).status == 404
    too_long = await mine.post(f"{address}/name", form={"name": "x" * 121})
    assert too_long.status == 400
    assert "120 characters" in too_long.text
    await mine.post(f"{address}/name", form={"name": ""})
    assert "Comparison of 20" in words((await mine.get("/comparisons")).text)


async def test_votes_tell_who_which_and_when(mine: Browser, author: Person, provider: str):
    made = await compared(author, provider, "Which?")
    first = made["executions"][0]["id"]
    voted = await mine.post(f"/comparisons/{made['id']}/vote", form={"execution_id": first}, headers=HTMX)
    assert voted.status == 200
    told = words(voted.text)
    assert "1 vote" in told
    assert f"{author.user}: A just now" in told
    await mine.post(f"/comparisons/{made['id']}/vote", form={"execution_id": ""}, headers=HTMX)
    assert f"{author.user}: Tie just now" in words((await mine.get(f"/comparisons/{made['id']}")).text)


async def test_versions_of_a_template_become_columns(mine: Browser, author: Person, provider: str):
    body = {"name": "Columns", "category": "C", "prompt": "One {{x}}", "model_id": f"{provider}/echo"}
    made = (await author.post("/api/templates", body)).body
    await author.call("PATCH", f"/api/templates/{made['id']}", {"prompt": "Two {{x}} {{y}}"})
    await author.call("PUT", f"/api/templates/{made['id']}/labels/production", {"version": 1})
    search = await mine.get("/compare/templates?search=Columns")
    assert f"/compare/templates?template={made['id']}" in search.text
    choice = await mine.get(f"/compare/templates?template={made['id']}")
    assert "Version 1 production" in words(choice.text)
    page = await mine.get(f"/compare?template={made['id']}&version=1&version=2")
    assert page.status == 200
    assert re.search(r'name="variants\.1\.prompt"[^>]*>\s*Two {{x}} {{y}}', page.text)
    assert re.search(r'name="prompt"[^>]*>\s*One {{x}}', page.text)
    assert "version 1" in words(page.text)
    assert "version 2" in words(page.text)
    assert (await mine.get(f"/compare?template={made['id']}&version=1&version=9")).status == 404
    assert (await mine.get("/compare/templates?template=x")).status == 404
    assert (await mine.get(f"/compare/templates?template={uuid4()}")).status == 404


async def test_a_forecast_tells_what_each_column_comes_to(mine: Browser, provider: str):
    form = {
        "prompt": "Hello there",
        "variants.0.model_id": f"{provider}/echo",
        "variants.1.model_id": f"{provider}/echo",
        "variants.1.own_prompt": "on",
        "variants.1.prompt": "A much longer prompt " * 40,
    }
    told = (await mine.post("/compare/forecast", form=form, headers=HTMX)).text
    first, _, second = told.partition(" · ")
    assert re.match(r"A: about \d+ tokens", first)
    assert re.match(r"B: about \d+ tokens", second)
    assert int(re.findall(r"\d+", first)[0]) < int(re.findall(r"\d+", second)[0])
    assert (await mine.post("/compare/forecast", form={"prompt": ""}, headers=HTMX)).text == ""
    assert (await mine.get("/compare/forecast")).headers["Location"] == "/compare"


async def test_the_columns_are_a_region_with_a_name(mine: Browser):
    page = await mine.get("/compare")
    assert re.search(r'id="columns"[^>]*tabindex="0"[^>]*role="region"[^>]*aria-label="Columns"', page.text)
