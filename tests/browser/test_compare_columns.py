"""Columns of a comparison are added, copied and removed, and given what their models take."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.comparing import choose, column, prepare, ran
from tests.browser.conftest import Visitor
from tests.playground.conftest import MakeProvider, make_provider

__all__ = ["make_provider"]


def test_columns_are_added_copied_and_removed_by_keyboard(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", "openai/json"])
    column(page, "A").locator(".column-fold > summary").click()
    page.locator("#variants-0-max_tokens").fill("64")
    page.get_by_role("button", name="Copy column A").press("Enter")
    expect(page.locator("[data-column]")).to_have_count(3)
    expect(page.locator("#variants-1-picker")).to_be_focused()
    expect(page.locator("#variants-1-max_tokens")).to_have_value("64")
    expect(page.locator("#variants-0-parameters")).to_have_attribute("open", "")
    page.locator("#column-add").press("Enter")
    expect(page.locator("[data-column]")).to_have_count(4)
    expect(page.locator("#variants-3-picker")).to_be_focused()
    choose(page, "D", "openai/echo@last")
    page.get_by_role("button", name="Remove column B").press("Enter")
    expect(page.locator("[data-column]")).to_have_count(3)
    expect(column(page, "B").locator(".picker-name")).to_contain_text("json")
    ran(page)
    page.get_by_role("button", name="Remove column C").press("Enter")
    expect(page.locator("#outcome")).to_contain_text("The columns are not those that were run.")
    expect(page.locator("article")).to_have_count(2)
    page.get_by_role("link", name="Show the comparison as it was run").click()
    expect(page.locator("article")).to_have_count(3)


def test_a_column_is_not_given_what_its_model_does_not_take_side_by_side(
    visitor: Visitor, make_provider: MakeProvider
) -> None:
    page = prepare(visitor, [f"{make_provider('anthropic')}/claude-sonnet-4-5", "openai/echo"])
    for letter in "AB":
        column(page, letter).locator(".column-fold > summary").click()
    first, second = (page.locator(f"#variants-{at}-top_p") for at in range(2))
    first.fill("0.9")
    page.locator("#variants-0-temperature").fill("0.5")
    page.locator("#variants-1-temperature").fill("0.5")
    expect(first).to_be_disabled()
    expect(second).to_be_enabled()
    expect(column(page, "A")).to_contain_text("Claude 4.5 takes no top_p beside temperature.")
    expect(column(page, "A").locator("[data-summary]")).to_have_text("temperature 0.5")
    page.locator("#variants-0-temperature").fill("")
    expect(first).to_be_enabled()
    expect(column(page, "A")).not_to_contain_text("takes no top_p")
    page.locator("#variants-0-temperature").fill("0.5")
    choose(page, "A", "openai/echo@2")
    expect(first).to_be_enabled()
    expect(first).to_have_value("0.9")
