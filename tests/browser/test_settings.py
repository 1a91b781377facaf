"""`/settings` and `/help`, and the way to them from every page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visitor


def test_the_account_leads_to_everything_that_can_be_set(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("summary[aria-label^=Account]").click()
    page.get_by_role("link", name="Settings", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Settings")).to_be_visible()
    listed = page.locator(".settings-list a")
    for name in ("API tokens", "Webhooks", "Your data", "Usage and quotas", "Masking", "Retention and holds"):
        expect(listed.filter(has_text=name)).to_have_count(1)
    page.locator("summary[aria-label^=Account]").click()
    in_menu = page.locator(".menu[open] .menu-list a").all_inner_texts()
    assert [*listed.all_inner_texts()] == [each for each in in_menu if each not in ("Settings", "Help", "API")]


def test_a_theme_is_chosen_and_kept(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/settings")
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="As the system", exact=True).click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") is None


def test_what_was_typed_is_forgotten_when_asked(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("a secret thought")
    page.wait_for_timeout(500)
    assert page.evaluate("Object.keys(localStorage).some((key) => key.includes('draft:'))")
    visitor.open("/settings")
    page.get_by_role("button", name="Forget it now").click()
    expect(page.get_by_role("button", name="Forgotten")).to_be_disabled()
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft:'))") == []
    visitor.open("/")
    expect(page.locator("#prompt")).to_have_value("")


def test_help_is_reached_from_the_list_of_keys(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("x")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("link", name="Help: prompts, proof, programs").click()
    expect(page.get_by_role("heading", level=1, name="Help")).to_be_visible()
    expect(page.get_by_role("row", name="5 of 5 56 to 100 %")).to_be_visible()


def test_the_api_is_tried_from_its_page(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/api/docs")
    page.get_by_role("link", name="GET /api/auth/me").click()
    operation = page.locator("#auth_me_retrieve")
    operation.get_by_text("Try it").click()
    operation.get_by_role("button", name="Send as").click()
    expect(operation.locator("[data-answer]")).to_contain_text("200")
    expect(operation.locator("[data-answer] pre")).to_contain_text('"name": "admin"')
