"""The library: searched, walked by keyboard, imported into, and what was deleted back in it."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.templates import make
from tests.browser.test_everybody import violations

NEXT_PREVIEW = """void (window.isStopped = new Promise((done) => document.addEventListener(
    "htmx:beforeRequest", (event) => setTimeout(() => done(event.defaultPrevented)), { once: true })))"""


def test_the_library_is_searched_filtered_and_walked_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    first = make(visitor, name="Zebra letter", tags=["stripes"])
    make(visitor, name="Zebra report", category="Reports", tags=["stripes"])
    visitor.open("/templates")
    page.keyboard.press("/")
    expect(page.locator("#library-search")).to_be_focused()
    page.keyboard.type("zebr")
    expect(page.locator(".card-row")).to_have_count(2)
    expect(page).to_have_url(re.compile("search=zebr"))
    chosen = page.locator("#library-order option:checked")
    expect(chosen).to_have_text("Best match")
    expect(page.locator(".facet-tags .facet-choice")).to_have_text([re.compile(r"stripes\s+2")])
    page.locator(".facet-choice", has_text="Letters").click()
    expect(page.locator(".card-name")).to_have_text(["Zebra letter"])
    expect(page.locator(".chip")).to_contain_text(["Search: zebr", "Category: Letters"])
    page.locator(".chip", has_text="Category").click()
    expect(page.locator(".card-row")).to_have_count(2)
    page.go_back()
    expect(page.locator(".card-row")).to_have_count(1)
    page.locator(".chip", has_text="Search").click()
    expect(page.locator("#library-search")).to_have_value("")
    expect(chosen).to_have_text("Featured first")
    page.get_by_role("link", name="Clear all").click()
    page.locator("#library-search").fill("zebra")
    expect(page.locator(".card-row")).to_have_count(2)
    page.locator("#library-order").select_option("name")
    expect(page.locator(".card-name")).to_have_text(["Zebra letter", "Zebra report"])
    expect(page).to_have_url(re.compile("ordering=name"))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    expect(page.locator("#preview")).to_contain_text("Greet {{name}}")
    page.keyboard.press("j")
    expect(page.locator("#preview h2")).to_have_text("Zebra report")
    assert violations(visitor) == []
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{first}")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("e")
    page.wait_for_url(f"**{first}/edit")


def test_what_is_deleted_comes_back(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open(make(visitor, name="Gone"))
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".toast-done")).to_contain_text("“Gone” is deleted.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).to_have_text("Gone")


def test_an_import_is_shown_before_it_is_done(visitor: Visitor) -> None:
    page = visitor.page
    make(visitor, name="Here already")
    entry = {"category": "A", "versions": [{"number": 1, "prompt": "x {{y}}"}]}
    names = [{"name": "Brand new", **entry}, {"name": "Here already", **entry}]
    document = {"format": "llm-playground-templates", "version": 1, "templates": names}
    visitor.open("/templates/import")
    page.get_by_label("or a text").fill("{")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("alert")).to_contain_text("no JSON")
    page.get_by_label("or a text").fill(json.dumps(document))
    page.get_by_role("button", name="Look at it").click()
    told = [re.compile("Brand new.*new", re.DOTALL), re.compile("already.*conflict", re.DOTALL)]
    expect(page.locator(".import-table > tbody > tr")).to_have_text(told)
    assert violations(visitor) == []
    page.get_by_role("button", name="Import what is picked").click()
    expect(page.locator(".table > tbody > tr")).to_have_text([re.compile("Brand new.*1 version", re.DOTALL)])
    assert violations(visitor) == []
    page.get_by_role("button", name="Undo this import").click()
    expect(page.locator(".toast-done")).to_contain_text("1 template taken back")
    expect(page.locator(".notice")).to_contain_text("undone")


def test_on_a_phone_the_preview_comes_from_below_and_goes_again(visit: Visit) -> None:
    visitor = visit(viewport=PHONE, has_touch=True)
    make(visitor)
    visitor.open("/templates")
    page = visitor.page
    page.locator(".card-text").first.tap()
    expect(page.locator("#preview h2")).to_have_text("Welcome")
    page.evaluate(NEXT_PREVIEW)
    page.get_by_role("button", name="Close the preview").tap()
    expect(page.locator(".card-name").first).to_be_focused()
    assert page.evaluate("window.isStopped")
    expect(page.locator("#preview h2")).to_have_count(0)
    page.locator(".card-text").first.tap()
    expect(page.locator("#preview h2")).to_have_text("Welcome")
