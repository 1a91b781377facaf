"""The pages of an import: looked at, picked from, carried out, taken back; nothing that was sent is lost."""

from __future__ import annotations

import json
import re

from multidict import MultiDict

from foundation.database.threads import in_database_thread
from templates_app.models import PromptTemplate, TemplateImport
from tests.cast import Person
from tests.doors.browser import Browser, Page
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.conftest import MakeTemplate, anonymous, author, make_template, provider, stranger

__all__ = ["anonymous", "author", "browser_of", "make_template", "provider", "stranger"]

FORM = "/templates/import"


def document(**prompts: str) -> str:
    """A document of ours, a template a prompt."""
    entries = [
        {"name": name, "category": "C", "versions": [{"number": 1, "prompt": prompt}]}
        for name, prompt in prompts.items()
    ]
    return json.dumps({"format": "llm-playground-templates", "version": 1, "templates": entries})


def address_in(page: Page) -> str:
    """Where the page leads."""
    assert page.status == 302, page.text[:2000]
    return page.headers["Location"]


def shown_in(page: Page) -> str:
    """The mark of what the page shows."""
    found = re.search(r'name="shown"\s+value="(\w+)"', page.text)
    assert found, page.text[:2000]
    return found[1]


async def names_of(person: Person) -> list[str]:
    """The person's templates."""
    rows = PromptTemplate.objects.filter(owner=person.user, deleted_at=None).order_by("name")
    return await in_database_thread(lambda: [row.name for row in rows])


async def test_what_is_picked_is_imported_and_taken_back(author: Person, browser_of: BrowserOf):
    browser: Browser = await in_database_thread(browser_of, author)
    address = address_in(await browser.post(FORM, form={"document": document(A="Hi {{x}}", B="Ho", C="Hu")}))
    plan = await browser.get(address)
    assert [name in plan.text for name in "ABC"] == [True] * 3
    picked = MultiDict([("shown", shown_in(plan)), ("entry", "0"), ("entry", "2")])
    done = await browser.post(address, form=picked)
    assert address_in(done) == address
    assert await names_of(author) == ["A", "C"]
    result = await browser.get(address)
    assert "new, with 1 version" in result.text
    run = await in_database_thread(TemplateImport.objects.get, user=author.user)
    assert run.sources == []
    assert address_in(await browser.post(f"{address}/undo", form={})) == address
    assert await names_of(author) == []


async def test_a_conflict_is_brought_in_as_somebody_says(
    make_template: MakeTemplate, author: Person, browser_of: BrowserOf
):
    made = await make_template(name="A", prompt="Old {{x}}")
    browser: Browser = await in_database_thread(browser_of, author)
    address = address_in(await browser.post(FORM, form={"document": document(A="New {{x}}")}))
    plan = await browser.get(address)
    assert all(word in plan.text for word in ("conflict", "How they differ", "<del>Old</del>", "<ins>New</ins>"))
    nothing = await browser.post(address, form={"shown": shown_in(plan), "conflict-0": ""})
    assert (nothing.status, "Nothing is picked" in nothing.text) == (400, True)
    address_in(await browser.post(address, form={"shown": shown_in(plan), "conflict-0": "append"}))
    now = (await author.get(f"/api/templates/{made['id']}")).body
    assert (now["version"], now["prompt"]) == (2, "New {{x}}")


async def test_what_changed_since_one_looked_is_shown_again(
    make_template: MakeTemplate, author: Person, browser_of: BrowserOf
):
    browser: Browser = await in_database_thread(browser_of, author)
    address = address_in(await browser.post(FORM, form={"document": document(A="Hi")}))
    shown = shown_in(await browser.get(address))
    await make_template(name="A", prompt="Somebody was quicker")
    late = await browser.post(address, form={"shown": shown, "entry": ["0"]})
    assert (late.status, "has changed since you looked" in late.text) == (409, True)
    assert await names_of(author) == ["A"]


async def test_a_refused_text_is_kept_and_a_table_asks_for_its_columns(author: Person, browser_of: BrowserOf):
    browser: Browser = await in_database_thread(browser_of, author)
    refused = await browser.post(FORM, form={"document": "a: ["})
    assert (refused.status, "a: [" in refused.text) == (400, True)
    table = "Kopf,Körper\nA,Hi {{x}}\n"
    asked = await browser.post(FORM, form={"document": table, "format": "csv"})
    assert asked.status == 400
    assert re.search(r'<select class="input"\s+id="prompt-column".*?<option value="Körper"', asked.text, re.DOTALL)
    told = {"document": table, "format": "csv", "prompt_column": "Körper", "name_column": "Kopf"}
    plan = await browser.get(address_in(await browser.post(FORM, form=told)))
    assert "Table of prompts (CSV)" in plan.text


async def test_more_than_a_thousand_are_picked_one_by_one(author: Person, browser_of: BrowserOf):
    browser: Browser = await in_database_thread(browser_of, author)
    prompts = {f"Role {number}": "Hi" for number in range(1_100)}
    address = address_in(await browser.post(FORM, form={"document": document(**prompts)}))
    shown = shown_in(await browser.get(address))
    picked = MultiDict([("shown", shown), *(("entry", str(number)) for number in range(1, 1_100))])
    address_in(await browser.post(address, form=picked))
    assert len(await names_of(author)) == 1_099


async def test_an_import_is_seen_by_nobody_else(author: Person, stranger: Person, browser_of: BrowserOf):
    browser: Browser = await in_database_thread(browser_of, author)
    address = address_in(await browser.post(FORM, form={"document": document(A="Secret")}))
    other: Browser = await in_database_thread(browser_of, stranger)
    assert (await other.get(address)).status == 404
    for act in ("", "/undo"):
        assert (await other.post(f"{address}{act}", form={"shown": "x"})).status == 404
    await other.post(f"{address}/discard", form={})
    assert (await browser.get(address)).status == 200
    await browser.post(f"{address}/discard", form={})
    assert (await browser.get(address)).status == 404
