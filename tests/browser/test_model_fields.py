"""Fields for a model: chosen from the searched list by keyboard and by mouse, several in one field, typed as well."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Visit, Visitor
from tests.browser.test_evaluations import built, ended
from tests.browser.test_everybody import violations


def test_models_of_a_test_are_chosen_by_keyboard(visitor: Visitor) -> None:
    page = built(visitor, model="", cases="word\texpected\none\tone", runs="1")
    page.get_by_role("button", name="Choose Model", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("#models-list .picker-option").first.wait_for(state="attached")
    page.keyboard.type("openai/echo")
    page.keyboard.press("Enter")
    expect(page.locator("#model_id")).to_have_value("openai/echo")
    expect(page.get_by_role("button", name="Choose Model", exact=True)).to_be_focused()
    page.get_by_role("button", name="Choose Compared with", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#models-many")).to_be_visible()
    for name in ("openai/json", "openai/none-listed", "openai/tokens-3-every-80ms", "openai/none-listed"):
        page.locator("#models-search").fill(name)
        page.keyboard.press("Enter")
        expect(page.locator("#models-search")).to_be_focused()
    assert violations(visitor) == []
    page.keyboard.press("Escape")
    # What was chosen twice was given back.
    expect(page.locator("#other_model_id")).to_have_value("openai/json, openai/tokens-3-every-80ms")
    expect(page.get_by_role("button", name="Choose Compared with", exact=True)).to_be_focused()
    page.get_by_role("button", name="Start").click()
    ended(page)
    expect(page.locator("main")).to_contain_text("openai/json")
    expect(page.locator("main")).to_contain_text("openai/tokens-3-every-80ms")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_defaults_take_a_model_by_mouse(visit: Visit, viewport: dict[str, int]) -> None:
    visitor = visit(viewport=viewport, color_scheme="dark")
    visitor.open("/settings/playground")
    page = visitor.page
    page.get_by_role("button", name="Choose Model", exact=True).click()
    expect(page.locator("#models-many")).to_be_hidden()
    page.locator("#models-search").fill("openai/json")
    with page.expect_response(lambda response: "model_id=openai%2Fjson" in response.url):
        page.locator("#models-list [data-model='openai/json']").first.click()
    expect(page.locator("#default-model")).to_have_value("openai/json")
    assert violations(visitor) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
