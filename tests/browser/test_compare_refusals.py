"""A comparison that is refused: told in the column that it is about, or at its field."""

from __future__ import annotations

import pytest
from playwright.sync_api import ViewportSize, expect

from playground.models import PromptExecution
from providers.models import CatalogueModel
from tests.browser.comparing import column, prepare, ran
from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.test_everybody import violations
from tests.playground.conftest import MakeProvider, make_provider

__all__ = ["make_provider"]


def test_a_model_that_is_off_is_told_in_its_column_and_another_is_run(
    visitor: Visitor, make_provider: MakeProvider
) -> None:
    provider = make_provider()
    off = f"{provider}/off"
    CatalogueModel.objects.create(id=off, provider=provider, overrides={"context_window": "wide"})
    page = prepare(visitor, ["openai/echo", "openai/echo@2"], "kept")
    # Switched off since it was picked.
    page.locator("[name='variants.1.model_id']").evaluate("(field, model) => { field.value = model; }", off)
    page.keyboard.press("Control+Enter")
    box = column(page, "B").locator(".refusal")
    expect(box).to_be_in_viewport()
    expect(page.locator(".refusal")).to_have_count(1)
    box.get_by_text("Run with …").press("Enter")
    assert violations(visitor) == []
    box.locator(".failure-models button").first.press("Enter")
    page.wait_for_url("**/comparisons/**")
    expect(page.locator(".refusal")).to_have_count(0)
    assert off not in PromptExecution.objects.values_list("model_id", flat=True)


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE], ids=["desk", "phone"])
def test_a_refusal_stands_above_the_earlier_answer(
    visit: Visit, make_provider: MakeProvider, viewport: ViewportSize
) -> None:
    provider = make_provider()
    off = f"{provider}/off"
    CatalogueModel.objects.create(id=off, provider=provider, overrides={"context_window": "wide"})
    page = prepare(visit(viewport=viewport), ["openai/echo", "openai/echo@2"], "an earlier answer")
    ran(page)
    page.locator("[name='variants.1.model_id']").evaluate("(field, model) => { field.value = model; }", off)
    page.locator("#prompt").focus()
    page.keyboard.press("Control+Enter")
    refused = column(page, "B").locator(".refusal")
    expect(refused).to_be_in_viewport()
    answer = column(page, "B").get_by_role("region", name="Text of")
    expect(answer).to_contain_text("an earlier answer")
    settings = column(page, "B").locator(".column-settings").bounding_box()
    assert settings
    assert settings["height"] >= 24
    box, beneath = refused.bounding_box(), answer.bounding_box()
    assert box
    assert beneath
    assert box["y"] + box["height"] <= beneath["y"]
    answer.scroll_into_view_if_needed()
    expect(answer).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_refusal_stands_at_its_columns_field(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", "openai/echo@2"], "kept {{word}}")
    page.locator("#variable-word").fill("here")
    column(page, "B").locator(".column-fold > summary").click()
    field = page.locator("#variants-1-temperature")
    field.fill("9")
    page.locator("#prompt").focus()
    page.keyboard.press("Control+Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.locator(".field-error:visible")).to_have_count(1)
    expect(page.locator("#run-problem")).to_be_empty()
    expect(column(page, "B").locator("[data-summary]")).to_have_text("temperature 9")
    expect(page.locator("#variable-word")).to_have_value("here")
    field.fill("0.5")
    page.locator("#prompt").fill("  ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#prompt")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".field-error:visible")).to_have_count(1)
    page.locator("#prompt").fill("kept")
    ran(page)
    expect(page.locator(".field-error:visible")).to_have_count(0)
    page.reload()
    expect(page.locator("#variants-1-temperature")).to_have_value("0.5")
    expect(page.locator("#prompt")).to_have_value("kept")
