"""The admin under the same strict rules as every page: nothing inline, nothing from elsewhere, nothing missing."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visitor

PAGES = ["/admin/", "/admin/accounts/user/", "/admin/providers/cataloguemodel/", "/admin/playground/promptexecution/"]
PROVIDERS = "/admin/providers/provider/"


def test_an_administrator_adds_a_provider(visitor: Visitor) -> None:
    page, wrong = visitor.page, list[str]()
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    for address in [*PAGES, PROVIDERS]:
        visitor.open(address)
        expect(page.locator("#site-name")).to_be_visible()
    page.get_by_role("link", name="Add provider").click()
    page.get_by_label("Slug").fill("mine")
    page.get_by_label("Name:", exact=True).fill("Mine")
    page.get_by_label("Base URL").fill("https://models.example.org/v1")
    page.get_by_label("Key:", exact=True).fill("sk-of-mine-1234")
    page.get_by_role("button", name="Save", exact=True).click()
    row = page.locator("#result_list tbody tr")
    expect(row).to_contain_text("mine")
    expect(row).to_contain_text("…1234")
    row.get_by_role("link", name="mine").click()
    expect(page.get_by_label("Key:", exact=True)).to_have_value("")
    assert "sk-of-mine" not in page.content()
    assert wrong == []
