"""A comparison that was typed and not run: back with its columns and values."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.browser.comparing import column, prepare, ran, text_of
from tests.browser.conftest import SLOW, Visitor


def held_variables(page: Page) -> list[Route]:
    """The next request for the fields of variables waits here until it is continued."""
    held: list[Route] = []
    page.route("**/variables", lambda route: held.append(route), times=1)
    return held


def test_a_draft_comes_back_with_its_columns(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", SLOW, "openai/json"], "a draft with {{place}}")
    page.locator("#variants-1-own").check()
    page.get_by_label("Prompt of B", exact=True).fill("another one")
    page.locator("#variable-place").fill("Graz")
    page.wait_for_function("() => Object.values(localStorage).some((text) => text.includes('Graz'))")
    visitor.open("/compare")
    expect(page.locator("[data-column]")).to_have_count(3)
    expect(page.locator("#prompt")).to_have_value("a draft with {{place}}")
    expect(page.get_by_label("Prompt of B", exact=True)).to_have_value("another one")
    expect(column(page, "C").locator(".picker-name")).to_contain_text("json")
    expect(page.locator("#variable-place")).to_have_value("Graz")
    ran(page)
    assert text_of(page, "A").strip() == "a draft with Graz"
    page.get_by_role("link", name="New").click()
    expect(page.locator("#prompt")).to_have_value("")
    expect(page.locator("[data-column]")).to_have_count(2)


def test_a_drafts_variables_come_back_whichever_answer_is_last(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", "openai/json", "openai/echo@2"], "a draft with {{place}}")
    page.locator("#variable-place").fill("Graz")
    page.wait_for_function("() => Object.values(localStorage).some((text) => text.includes('Graz'))")
    held = held_variables(page)
    visitor.open("/compare")
    expect(page.locator("[data-column]")).to_have_count(3)
    expect(page.locator("#variable-place")).to_have_value("Graz")
    while not held:
        page.wait_for_timeout(10)
    with page.expect_response("**/variables"):
        held[0].continue_()
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling')")
    expect(page.locator("#variable-place")).to_have_value("Graz")


def test_a_value_typed_while_fields_are_on_their_way_stays(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", "openai/json"], "to {{place}}")
    page.locator("#variable-place").fill("Gra")
    held = held_variables(page)
    page.locator("#prompt").fill("to {{place}} by {{means}}")
    while not held:
        page.wait_for_timeout(10)
    page.locator("#variable-place").fill("Graz")
    held[0].continue_()
    expect(page.locator("#variable-means")).to_have_value("")
    expect(page.locator("#variable-place")).to_have_value("Graz")
