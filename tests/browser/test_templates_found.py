"""The library as cards and as a table, a template's page with all that it can show, its versions as code, and versions
as columns: by mouse and by keyboard, narrow and wide.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from templates_app.models import TemplateVersion
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.templates import make, send
from tests.browser.test_everybody import violations

WIDE: ViewportSize = {"width": 1440, "height": 900}


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_library_is_narrowed_ordered_and_shown_as_a_table(visit: Visit, size: ViewportSize) -> None:
    visitor = visit(viewport=size)
    page = visitor.page
    address = make(visitor, name="Measured", tags=["only-here"])
    TemplateVersion.objects.filter(template__id=address.rpartition("/")[2]).update(completed_count=9, failed_count=1)
    send(visitor, "PUT", f"/api{address}/labels/production", {"version": 1})
    visitor.open("/templates?tag=only-here")
    page.get_by_role("link", name="Table", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".library-table tbody tr")).to_have_count(1)
    expect(page.locator(".library-table")).to_contain_text("9 of 10")
    expect(page).to_have_url(re.compile("view=table"))
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert violations(visitor) == []
    page.get_by_role("link", name="Completed").click()
    expect(page.locator("th[aria-sort]")).to_contain_text("Completed")
    visitor.open("/templates?tag=only-here")
    expect(page.locator(".library-table tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Cards", exact=True).click()
    expect(page.locator(".card-row")).to_have_count(1)
    page.go_back()
    expect(page.locator(".library-table tbody tr")).to_have_count(1)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_templates_page_and_its_versions_hold_for_everybody(visit: Visit, size: ViewportSize) -> None:
    visitor = visit(viewport=size)
    page = visitor.page
    address = make(visitor, prompt="Greet {{name}}.")
    send(visitor, "PATCH", f"/api{address}", {"prompt": "Welcome {{name}}."})
    send(visitor, "PUT", f"/api{address}/labels/production", {"version": 1})
    send(visitor, "POST", f"/api{address}/fork", {})
    visitor.open(f"{address}?version=1")
    expect(page.locator("#uses")).to_contain_text("production")
    assert violations(visitor) == []
    visitor.open(f"{address}/versions")
    expect(page.locator("#version-code")).to_contain_text("Code of version 2")
    page.get_by_role("link", name="Code of version 1").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#version-code")).to_contain_text("Code of version 1")
    page.get_by_role("button", name="TypeScript (openai)").click()
    expect(page.locator("[data-snippet='typescript']")).to_contain_text("Greet")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert violations(visitor) == []


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_versions_become_columns_and_six_do_not_scroll_the_page(visit: Visit, size: ViewportSize) -> None:
    visitor = visit(viewport=size)
    page = visitor.page
    address = make(visitor, name="To be compared", prompt="Greet {{name}}.")
    send(visitor, "PATCH", f"/api{address}", {"prompt": "Welcome {{name}}."})
    visitor.open("/compare")
    page.get_by_role("link", name="Template versions").click()
    assert violations(visitor) == []
    page.get_by_label("Search templates").fill("To be compared")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="To be compared").first.click()
    assert violations(visitor) == []
    page.get_by_role("button", name="Put into columns").click()
    expect(page.locator("[data-column]")).to_have_count(2)
    expect(page.locator(".column-version").first).to_contain_text("version 2")
    expect(page.locator("#forecast")).to_contain_text("A: about")
    for count in (3, 4, 5, 6):
        page.locator("#column-add").click()
        expect(page.locator("[data-column]")).to_have_count(count)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.locator(".main").evaluate("(main) => main.scrollWidth <= main.clientWidth")
    assert violations(visitor) == []
