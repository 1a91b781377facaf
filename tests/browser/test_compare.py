"""The compare page: columns that stream at once, fail apart, are stopped, told apart and voted for."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SLOW, TOKENS_32, Visitor


def column(page: Page, letter: str) -> Locator:
    """The column with this letter."""
    return page.locator(f"section.column-{letter.lower()}")


def text_of(page: Page, letter: str) -> str:
    """The words in a column, as they came."""
    return str(column(page, letter).locator("[data-answer]").evaluate("element => element.textContent"))


def choose(page: Page, letter: str, model: str) -> None:
    """Picks a column's model by its full name, by keyboard."""
    column(page, letter).locator("[data-picks]").focus()
    page.keyboard.press("Enter")
    page.locator("#models-list .picker-option").first.wait_for(state="attached")
    page.keyboard.type(model)
    page.keyboard.press("Enter")
    expect(column(page, letter).locator(".picker-name")).to_contain_text(model.partition("/")[2])


def prepare(visitor: Visitor, models: Sequence[str], prompt: str = "hello") -> Page:
    """Opens the page and fills the form in."""
    visitor.open("/compare")
    for _ in models[2:]:
        before = visitor.page.locator("[data-column]").count()
        visitor.page.locator("#column-add").click()
        expect(visitor.page.locator("[data-column]")).to_have_count(before + 1)
    for letter, model in zip("ABCDEF", models, strict=False):
        choose(visitor.page, letter, model)
    visitor.page.locator("#prompt").fill(prompt)
    return visitor.page


def test_columns_stream_at_once(visitor: Visitor) -> None:
    page = prepare(visitor, [SLOW, f"{SLOW}@2", f"{SLOW}@3"])
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        """() => {
            const texts = [...document.querySelectorAll("article[data-live] [data-answer]")];
            return texts.length === 3 && texts.every((each) => each.textContent.length > 8);
        }"""
    )
    expect(page.locator("#run")).to_have_attribute("data-state", "stop")
    expect(page.locator("article .badge-completed")).to_have_count(3)
    for letter in "ABC":
        assert len(text_of(page, letter).split()) == TOKENS_32
        expect(column(page, letter).locator(".facts")).to_contain_text("First token")
    expect(page.locator("#run")).to_have_attribute("data-state", "run")
    expect(page.locator("#outcome")).to_contain_text("3 completed")
    expect(page.locator("#announcer")).to_have_text("All columns ended: 3 completed.")
    assert "/comparisons/" in page.url
