"""From failures to a better version in the browser: proposed, measured on cases held out, taken over place by place."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from evaluation_app.models import EvaluationTest
from templates_app.models import PromptTemplate
from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.test_evaluations import ended, ended_of
from tests.browser.test_everybody import violations
from tests.browser.test_repetitions import repeat
from tests.browser.test_suites import of_admin, shared_with_a_colleague

TEXT = "no {{word}}, and no more"
CASES = "word\texpected\n" + "\n".join(f"w{number}\tyes" for number in range(24))
WRITES_LONG = "openai/tokens-300-every-30ms"
"""Nothing that could be read as a proposal, for nine seconds."""


def improving(visitor: Visitor, template: PromptTemplate) -> Page:
    """The page of improvements of a test that fails wherever the prompt says “no”."""
    page = ended_of(visitor, template, name="Words", cases=CASES, runs="1")
    page.get_by_role("link", name="Improve").click()
    return page


def look(page: Page, model: str) -> None:
    """Has a model asked."""
    page.locator("#model_id").fill(model)
    page.get_by_role("button", name="Look").click()


def test_repeat_test_live_matrix_verify_accept(visitor: Visitor) -> None:
    page, template = visitor.page, of_admin(TEXT)
    visitor.open(f"/?template={template.id}&version=1")
    page.locator("#variable-word").fill("fox")
    repeat(visitor, TEXT, times="3", model="openai/echo")
    page.locator("#repeat-expected").fill("yes")
    expect(page.locator("#repeat-answers")).to_contain_text("0/3 pass the check")
    page.get_by_role("button", name="Make it a test").click()
    expect(page.locator("#cases")).to_have_value("word\texpected\nfox\tyes")
    page.locator("#cases").fill(CASES)
    page.get_by_role("button", name="Start").click()
    expect(page.locator("[data-progress]")).to_be_visible()
    ended(page)
    expect(page.locator(".verdict")).to_contain_text("0\u00a0% of the time")
    expect(page.locator(".cell").first).to_contain_text("0/3")
    page.get_by_role("link", name="Improve").click()
    look(page, "openai/recommends")
    row = page.locator(".sample", has_text="Ask for the word alone")
    expect(row.locator("ins")).to_have_text(["yes", "yes"])
    row.get_by_role("button", name="Verify").focus()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Better, as measured")
    expect(row).to_contain_text("held out")
    expect(row).to_be_focused()
    row.get_by_role("checkbox").last.uncheck()
    row.get_by_role("button", name="Accept as a new version").focus()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Taken over in part")
    expect(row).to_be_focused()
    visitor.open(f"/templates/{template.id}/versions")
    expect(page.locator("main")).to_contain_text("Only a part of it was taken over")
    template.refresh_from_db()
    assert template.current is not None
    assert template.current.content.prompt == "yes {{word}}, and no more"


def test_what_is_ticked_stays_while_a_model_is_asked(visitor: Visitor) -> None:
    """The list is fetched again every two seconds: the ticks came back each time, and the keyboard's place was lost."""
    page = improving(visitor, of_admin(TEXT))
    look(page, "openai/recommends")
    row = page.locator(".sample", has_text="Ask for the word alone")
    expect(row).to_be_visible()
    with page.expect_response(re.compile("/recommendations$")):
        look(page, WRITES_LONG)
    expect(page.get_by_role("status").filter(has_text="is asked for proposals")).to_be_visible()
    row.get_by_role("checkbox").last.uncheck()
    row.get_by_role("checkbox").first.focus()
    for _ in range(2):
        with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
            pass
    expect(row.get_by_role("checkbox").last).not_to_be_checked()
    expect(row.get_by_role("checkbox").first).to_be_focused()
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(row.get_by_role("checkbox").last).not_to_be_checked()
    row.get_by_role("button", name="Accept without proof").click()
    expect(row).to_contain_text("Taken over")


def test_an_editor_has_an_improvement_measured(visitor: Visitor, visit: Visit) -> None:
    """Who shares a test as an editor may measure; it runs in its owner's name, and taking over is the owner's."""
    template = of_admin(TEXT)
    editor = shared_with_a_colleague(template)
    page = improving(visitor, template)
    look(page, "openai/recommends")
    address = page.url
    expect(page.locator(".sample", has_text="Ask for the word alone")).to_be_visible()
    EvaluationTest.objects.get(id=address.split("/")[-2]).members.create(user=editor, role="editor")
    theirs = visit(user=editor, viewport=PHONE)
    theirs.page.goto(address)
    row = theirs.page.locator(".sample", has_text="Ask for the word alone")
    row.get_by_role("button", name="Verify").click()
    expect(row).to_contain_text("Better, as measured")
    expect(row.get_by_role("button", name="Accept")).to_have_count(0)
    row.get_by_role("link", name="The test that measures it").click()
    expect(theirs.page.locator(".verdict").first).to_contain_text("proposed is better")
    assert violations(theirs) == []
