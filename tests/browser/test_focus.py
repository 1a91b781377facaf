"""Where the focus is after a page has come back: at what was done, or at what is to be mended."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit, Visitor
from tests.browser.drafting import admin, template_of
from tests.browser.test_datasets import made
from tests.cast import new_user
from tests.monitoring.rows import a_rule


def test_turns_of_a_template_are_added_moved_and_taken_away_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open(f"/templates/{template_of(admin(), 'Say it.').id}/edit")
    page.get_by_role("button", name="As conversation").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#turn-0")).to_be_focused()
    page.get_by_role("button", name="Add a turn").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#turn-1")).to_be_focused()
    page.keyboard.type("And then?")
    page.get_by_role("button", name="Take turn 2 up").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#turn-0")).to_be_focused()
    expect(page.locator("#turn-0")).to_have_value("And then?")
    page.get_by_role("button", name="Take turn 1 away").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#turn-0")).to_be_focused()
    expect(page.locator("#turn-0")).to_have_value("Say it.")
    assert page.url.endswith("/edit"), "nothing was saved"


def test_a_rule_that_is_saved_or_refused_keeps_the_focus(visit: Visit) -> None:
    rule = a_rule("The line waits", minutes=5)
    visitor = visit(user=new_user(name="Ann", roles=["admin"]))
    visitor.open("/monitoring/alerts")
    page = visitor.page
    threshold = page.get_by_label(f"Threshold of {rule.name}")
    threshold.fill("much")
    page.keyboard.press("Enter")
    expect(threshold).to_be_focused()
    expect(threshold).to_have_value("much")
    threshold.fill("61")
    page.get_by_role("button", name=f"Save {rule.name}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"“{rule.name}” is changed.")).to_be_visible()
    expect(page.get_by_role("button", name=f"Save {rule.name}")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Delete the rule: {rule.name}")).to_be_visible()


def test_case_after_case_is_added_without_a_mouse(visitor: Visitor) -> None:
    page = made(visitor)
    field = page.get_by_label("Name of the new case")
    for number in (1, 2):
        page.get_by_label("word of the new case").fill(f"more {number}")
        page.get_by_role("button", name="Add case").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#cases tbody tr")).to_have_count(3 + number)
        expect(field).to_be_focused()
        expect(field).to_be_in_viewport()
        expect(field).to_have_value("")


def test_who_opens_the_address_of_a_refused_form_is_led_back(visitor: Visitor) -> None:
    page = made(visitor, table="word\texpected\none\tone")
    dataset = page.url
    page.locator("#paste-fold > summary").click()
    page.locator("#table").fill("just one column")
    page.get_by_role("button", name="Add these cases").click()
    expect(page.locator("[role=alert]").first).to_be_visible()
    page.goto(page.url)
    expect(page).to_have_url(dataset)
