"""What a new prompt begins with: the model's defaults in words, or one's own."""

from __future__ import annotations

from playwright.sync_api import expect

from accounts.models import User
from playground.models import PromptExecution
from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.drafting import ECHO
from tests.browser.test_everybody import violations


def test_what_is_not_set_says_so_in_words(visitor: Visitor) -> None:
    page = visitor.page
    visitor.choose(ECHO)
    page.locator("#parameters-fold > summary").click()
    number, slider = (
        page.locator("#parameter-frequency_penalty"),
        page.locator("[data-for=parameter-frequency_penalty]"),
    )
    expect(number).to_have_value("")
    expect(number).to_have_attribute("placeholder", "model's default")
    expect(slider).to_have_attribute("aria-valuetext", "model's default")
    slider.fill("0.5")
    expect(slider).to_have_attribute("aria-valuetext", "0.5")
    page.get_by_role("button", name="Reset Frequency penalty").click()
    expect(number).to_have_value("")
    expect(slider).to_have_attribute("aria-valuetext", "model's default")
    visitor.run("with nothing set")
    visitor.ended("completed")
    assert PromptExecution.objects.latest("created_at").parameters == {}


def test_ones_own_defaults_are_what_a_new_prompt_begins_with(visit: Visit) -> None:
    visitor = visit(user=User.objects.create_user("somebody-with-habits", None), viewport=PHONE)
    visitor.open("/")
    page = visitor.page
    visitor.choose("openai/json")
    page.locator("#parameters-fold > summary").click()
    page.locator("#parameter-temperature").fill("0.4")
    page.get_by_role("button", name="Use as my default").press("Enter")
    expect(page.locator("#as-default-told")).to_contain_text("Kept")
    assert violations(visitor) == []
    page.locator(".compose-bar [data-new]").click()
    expect(page.locator("#model-id")).to_have_value("openai/json")
    expect(page.locator("#parameter-temperature")).to_have_value("0.4")
    visitor.open("/settings/playground")
    expect(page.locator("#default-model")).to_have_value("openai/json")
    page.locator("#default-model").fill(ECHO)
    page.locator("#default-model").press("Tab")
    page.locator("#parameter-temperature").fill("9")
    page.get_by_role("button", name="Keep these").click()
    expect(page.locator("#parameter-temperature")).to_have_attribute("aria-invalid", "true")
    assert violations(visitor) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("#parameter-temperature").fill("1")
    page.get_by_role("button", name="Keep these").click()
    expect(page.get_by_text("Kept: new prompts begin")).to_be_visible()
    page.get_by_role("button", name="Reset to the models' own").click()
    expect(page.locator("#parameter-temperature")).to_have_value("")
