"""A test in the browser: built, followed while it runs, read as a sentence, opened down to each answer."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from templates_app.models import PromptTemplate
from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.test_everybody import violations
from tests.cast import Person
from tests.evaluation_app.export.stored import Run, a_test

CASES = "word\texpected\none\tone\ntwo\ttwo\nthree\tnever said\nfour\tfour\nfive\tfive"


def built(
    visitor: Visitor, *, model: str = "openai/echo", other: str = "", cases: str = CASES, runs: str = "3"
) -> Page:
    """The builder, filled and not sent."""
    visitor.open("/evaluations/new")
    page = visitor.page
    page.locator("#name").fill("Echoes")
    page.locator("#prompt").fill("Say {{word}}")
    page.locator("#model_id").fill(model)
    page.locator("#other_model_id").fill(other)
    page.locator("#cases").fill(cases)
    page.locator("#runs").fill(runs)
    return page


def ended_of(visitor: Visitor, template: PromptTemplate, *, name: str, cases: str, runs: str) -> Page:
    """The page of a test of a template's version 1, once it has ended."""
    page = visitor.page
    visitor.open(f"/evaluations/new?template={template.id}&version=1")
    page.locator("#name").fill(name)
    page.locator("#model_id").fill("openai/echo")
    page.locator("#cases").fill(cases)
    page.locator("#runs").fill(runs)
    page.get_by_role("button", name="Start").click()
    ended(page)
    return page


def ended(page: Page) -> None:
    """Waits at a test's page until it has ended, by what the page itself is told."""
    expect(page.locator("#evaluation")).to_have_attribute("data-status", "completed")


def test_a_test_is_built_followed_and_read(visitor: Visitor) -> None:
    page = built(visitor, model="openai/tokens-3-every-80ms", cases=CASES.replace("one\n", "quick\n", 1), runs="4")
    page.locator("#temperature").focus()
    expect(page.locator("#plan")).to_contain_text("Answers")
    expect(page.locator("#plan")).to_contain_text("20")
    page.locator("#temperature").press("Control+Enter")
    page.wait_for_url(re.compile(r"/evaluations/[0-9a-f-]{36}$"))
    expect(page.locator("[data-progress]")).to_be_visible()
    expect(page.locator("[data-spent]")).to_have_text("price unknown")
    ended(page)
    # One of five cases expects what this model says.
    expect(page.locator(".verdict")).to_contain_text("20\u00a0% of the time")
    expect(page.locator(".verdict")).to_contain_text("from 20 answers to 5 cases")
    expect(page.locator(".evaluation-facts")).to_contain_text("price unknown")
    expect(page.locator(".cell").first).to_contain_text("4/4")
    page.get_by_role("link", name="Failures").click()
    expect(page.locator(".evaluation-matrix tbody tr")).to_have_count(4)
    page.get_by_role("link", name="Flaky").click()
    expect(page.locator(".evaluation-matrix")).to_contain_text("No case is like that.")
    page.go_back()
    page.locator(".cell").first.click()
    expect(page.locator(".sample")).to_have_count(4)
    expect(page.locator(".sample").first).to_contain_text("the quick brown")
    expect(page.locator(".sample").first).to_contain_text("Not found")
    page.get_by_role("link", name="Open in the playground").first.click()
    expect(page.locator("article")).to_contain_text("the quick brown")
    visitor.open("/evaluations")
    expect(page.get_by_role("row", name=re.compile("Echoes"))).to_contain_text("Completed")


def test_a_run_becomes_a_test(visitor: Visitor) -> None:
    page = visitor.page
    visitor.choose("openai/echo")
    page.locator("#prompt").fill("Say {{word}}")
    page.locator("#variable-word").fill("fox")
    page.keyboard.press("Control+Enter")
    visitor.ended("completed")
    page.get_by_role("link", name="Make it a test").click()
    expect(page.locator("#prompt")).to_have_value("Say {{word}}")
    expect(page.locator("#model_id")).to_have_value("openai/echo")
    expect(page.locator("#cases")).to_have_value("word\texpected\nfox")


def test_two_models_are_compared_in_words(visitor: Visitor) -> None:
    page = built(visitor, other="openai/tokens-3", runs="2")
    page.get_by_role("button", name="Start").click()
    ended(page)
    expect(page.locator(".verdict")).to_contain_text("No difference shown")
    expect(page.locator(".evaluation-matrix thead th")).to_have_text(
        ["Case", "Input", "openai/echo", "openai/tokens-3"]
    )


def test_what_is_expected_as_json_is_read_as_json(visitor: Visitor) -> None:
    """It was compared as a text, and every right answer failed."""
    page = built(visitor, cases='word\texpected\n{"a": 1}\t{"a":1}', runs="1")
    page.locator("#prompt").fill("{{word}}")
    page.locator("#scorer").select_option("equals_json")
    page.get_by_role("button", name="Start").click()
    ended(page)
    expect(page.locator(".cell").first).to_contain_text("1/1")
    page = built(visitor, cases="word\texpected\none\t{x", runs="1")
    page.locator("#scorer").select_option("equals_json")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#error-cases")).to_contain_text("Case 1: '{x' is no JSON.")


def test_a_refusal_keeps_the_form_and_names_the_case(visitor: Visitor) -> None:
    page = built(visitor, cases="wrod\texpected\none\tone")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#error-cases")).to_contain_text("Case 1, word: The prompt of Echoes has {{word}}.")
    expect(page.locator("#cases")).to_have_value("wrod\texpected\none\tone")
    page.locator("#cases").fill(CASES)
    page.locator("#runs").fill("many")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#error-runs")).to_contain_text("Runs must be a whole number.")
    expect(page.locator("#refused")).to_be_in_viewport()
    page.locator("#refused").get_by_role("link", name="Runs a case").click()
    expect(page.locator("#runs")).to_be_in_viewport()
    assert violations(visitor) == []
    expect(page.locator("#cases")).to_have_value(CASES)


def test_a_cancelled_test_says_what_its_figures_rest_on(visitor: Visitor) -> None:
    page = built(visitor, model="openai/tokens-900-every-100ms", runs="20")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile(r"/evaluations/[0-9a-f-]{36}$"))
    for verb, following in (("Pause", "Resume"), ("Resume", "Pause"), ("Cancel", "Ask the missing ones again")):
        page.get_by_role("button", name=verb, exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=following, exact=True)).to_be_focused()
    expect(page.locator("#evaluation")).to_have_attribute("data-status", "cancelled")
    expect(page.locator(".evaluation-told")).to_contain_text("It was cancelled.")


def test_axe_finds_nothing_in_a_test(visit: Visit) -> None:
    visitor = visit(viewport=PHONE)
    page = built(visitor, other="openai/tokens-3")
    page.get_by_role("button", name="Start").click()
    ended(page)
    assert violations(visitor) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator(".cell").first.click()
    expect(page.locator(".sample").first).to_be_visible()
    assert violations(visitor) == []


def test_a_matrix_of_four_variants_is_read_on_a_phone(visit: Visit, ann: Person) -> None:
    words = "A parcel came late, and nobody had said so. "
    cases = [{"name": f"Complaint {number}", "input": {"text": words * number}} for number in (1, 3)]
    names = ("as it is", "shorter", "with examples", "step by step")
    test = a_test(ann, lambda variant, case, run: Run(), cases=cases, variants=names)
    visitor = visit(user=ann.user, viewport=PHONE)
    visitor.open(f"/evaluations/{test.id}")
    page, row = visitor.page, visitor.page.locator(".evaluation-matrix tbody tr").last
    widths = row.locator("th, .evaluation-input").evaluate_all("all => all.map((each) => each.clientWidth)")
    assert min(widths) >= 112
    assert row.evaluate("each => each.clientHeight") <= 130
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(visitor) == []
