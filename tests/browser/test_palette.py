"""Ctrl K, by keyboard alone, on a desk and on a phone; and keys that work once a field was left."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_everybody import violations


def test_a_page_is_reached_by_what_it_is_called(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("kept")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-field")).to_be_focused()
    page.keyboard.type("weekly")
    chosen = page.locator("#palette-list a[aria-selected=true]")
    expect(chosen).to_contain_text("Weekly report")
    expect(page.locator("#palette-field")).to_have_attribute("aria-activedescendant", re.compile("^palette-"))
    assert violations(visitor) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/analytics/report")
    assert visitor.offences == []


def test_arrows_go_round_and_escape_leads_back(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").click()
    page.keyboard.press("Control+k")
    lines = page.locator("#palette-list a")
    expect(lines.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(lines.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(lines.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#prompt")).to_be_focused()


def test_nothing_found_is_told(visitor: Visitor) -> None:
    page = visitor.page
    page.keyboard.press("Control+k")
    page.keyboard.type("no such thing")
    expect(page.locator("#palette-list")).to_contain_text("Nothing is called “no such thing”.")
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_visible()


def test_it_opens_by_a_button_on_a_phone(visitor: Visitor) -> None:
    page = visitor.page
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Find").click()
    page.locator("#palette-field").fill("sess")
    page.locator("#palette-list").get_by_role("option", name="Sessions").click()
    page.wait_for_url("**/sessions")


def test_escape_leaves_a_field_so_that_single_keys_work(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("g s")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sessions")
