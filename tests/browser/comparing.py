"""What tests of the compare page begin with: its columns, filled in and run."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor


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


def compared(visitor: Visitor, models: Sequence[str]) -> str:
    """The address of a comparison begun over the API."""
    token = next(cookie["value"] for cookie in visitor.page.context.cookies() if cookie["name"] == "csrftoken")
    response = visitor.page.context.request.post(
        f"{visitor.address}/api/comparisons",
        headers={"X-CSRFToken": token, "Origin": visitor.address},
        data={"prompt": "say this", "variants": [{"model_id": model} for model in models]},
    )
    assert response.ok, response.text()
    return f"/comparisons/{response.json()['id']}"


def ran(page: Page) -> None:
    """Starts by keyboard, and waits until every column has ended, by the server's word and on the page itself: the
    outcome that the end of one had asked for may tell of all, and columns cannot be edited while one goes on."""
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/comparisons/**")
    page.locator("#voting").wait_for()
    expect(page.locator("article[data-live]")).to_have_count(0)
