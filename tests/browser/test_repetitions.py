"""Repeat in the browser: beside Run, by keyboard, judged at once, made a test, followed to its report."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import LONG, PHONE, Visit, Visitor
from tests.browser.test_evaluations import ended
from tests.browser.test_everybody import violations


def flaky(right: int = 7, of: int = 10) -> str:
    """A model that says yes and no by turns, with its own count."""
    return f"openai/fault-flaky-{right}-of-{of}@{uuid.uuid4().hex[:8]}"


def repeat(visitor: Visitor, prompt: str, *, times: str = "10", model: str = "") -> None:
    """Repeats by keyboard alone."""
    page = visitor.page
    if model:
        visitor.choose(model)
    page.locator("#prompt").fill(prompt)
    page.get_by_label("Times", exact=True).fill(times)
    page.keyboard.press("Enter")
    page.locator("#repeat-answers").wait_for()


def kept(visitor: Visitor, text: str) -> None:
    """Waits until a draft holds this."""
    visitor.page.evaluate(
        """(text) => new Promise((done) => {
            const isKept = () => Object.values(localStorage).some((kept) => kept.includes(text));
            const look = () => (isKept() ? done() : setTimeout(look, 20));
            look();
        })""",
        text,
    )


def test_repeat_check_test_live_report(visitor: Visitor) -> None:
    page, model = visitor.page, flaky()
    visitor.open(f"/?model={model}")
    # Such a name stands in no list: it is typed where a model's is kept.
    page.locator("#model-id").evaluate("(field, name) => { field.value = name; }", model)
    repeat(visitor, "yes or no?")
    expect(page.locator("[data-finding]")).to_contain_text("10 answers, 2 different: the most frequent came 7 times")
    expect(page.locator("#run")).to_have_attribute("data-state", "run")
    page.locator("#repeat-expected").fill("yes")
    expect(page.locator("#repeat-answers")).to_contain_text("7/10 pass the check")
    expect(page.locator("#repeat-answers")).to_contain_text("40 to 89\u00a0%")
    # The address has all of it.
    expect(page).to_have_url(re.compile(r"/\?repeat=[0-9a-f-]{36}&scorer=contains&expected=yes$"))
    page.reload()
    expect(page.locator("#repeat-answers")).to_contain_text("7/10 pass the check")
    expect(page.locator("#prompt")).to_have_value("yes or no?")
    expect(page.get_by_label("Times", exact=True)).to_have_value("10")
    page.get_by_role("button", name="Make it a test").click()
    expect(page.locator("#model_id")).to_have_value(model)
    expect(page.locator("#runs")).to_have_value("10")
    expect(page.locator("#cases")).to_have_value("expected\nyes")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile(r"/evaluations/[0-9a-f-]{36}$"))
    ended(page)
    expect(page.locator(".verdict")).to_contain_text("70\u00a0% of the time")


def test_a_repetition_is_stopped_and_found_again(visitor: Visitor) -> None:
    page = visitor.page
    repeat(visitor, "go on", model=LONG, times="3")
    expect(page.locator("#run")).to_have_attribute("data-state", "stop")
    expect(page.locator("#repeat-run")).to_be_disabled()
    page.reload()
    expect(page.locator("#repeat-answers")).to_contain_text("3 of 3 still under way")
    page.locator("#prompt").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#repeat-answers")).to_contain_text("Stopped before its end.")
    expect(page.locator("#run")).to_have_attribute("data-state", "run")
    page.get_by_role("link", name="run 2").click()
    expect(page.locator("article")).to_contain_text("run 2 of 3")
    page.get_by_role("link", name="run 2 of 3").click()
    expect(page.locator("#repeat-answers")).to_contain_text("Stopped before its end.")


@pytest.mark.parametrize("stops", ["by keyboard", "Stop all"])
def test_a_stop_is_heard_while_the_page_asks_how_far_it_is(visitor: Visitor, stops: str) -> None:
    page = visitor.page
    held: list[Route] = []
    page.route("**/answers?*", lambda route: held.append(route), times=1)
    repeat(visitor, "go on", model=LONG, times="3")
    while not held:
        page.wait_for_timeout(10)
    with page.expect_response("**/together/*/stop"):
        if stops == "Stop all":
            page.get_by_role("button", name="Stop all").click()
        else:
            page.locator("#prompt").focus()
            page.keyboard.press("Escape")
    held[0].continue_()
    expect(page.locator("#repeat-answers")).to_contain_text("Stopped before its end.")
    expect(page.locator("#run")).to_have_attribute("data-state", "run")


def test_enter_in_a_field_runs_once(visitor: Visitor) -> None:
    page = visitor.page
    visitor.choose("openai/echo")
    page.locator("#prompt").fill("once {{word}}")
    page.locator("#variable-word").fill("upon")
    page.locator("#parameters-fold > summary").click()
    page.locator("#parameters [name='parameters.temperature']").last.fill("0.5")
    page.keyboard.press("Enter")
    visitor.ended("completed")
    expect(page.locator("#repeat")).to_have_count(0)
    page.get_by_label("Times", exact=True).fill("40")
    page.keyboard.press("Enter")
    expect(page.locator("#error-times")).to_contain_text("Repeat takes a number from 2 to 20.")
    expect(page.get_by_label("Times", exact=True)).to_be_focused()


def test_axe_finds_nothing_in_a_repetition(visit: Visit) -> None:
    visitor = visit(viewport=PHONE)
    visitor.open()
    page = visitor.page
    repeat(visitor, "the same " * 30 + "x" * 300, model="openai/echo", times="2")
    expect(page.locator("[data-finding]")).to_contain_text("All 2 answers are the same")
    page.locator("#repeat-expected").fill("same")
    expect(page.locator("#repeat-answers")).to_contain_text("2/2 pass the check")
    assert violations(visitor) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    identifier = page.locator("#repeat").get_attribute("data-execution-id")
    visitor.open(f"/repeats/{identifier}?scorer=regex&expected=(")
    expect(page.locator("#error-repeat-expected")).not_to_be_empty()
    assert violations(visitor) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_rows_are_typed_kept_run_and_made_a_test(visitor: Visitor) -> None:
    page = visitor.page
    visitor.choose("openai/echo")
    page.locator("#prompt").fill("Tell {{who}}")
    page.locator("#variable-who").fill("Ada")
    page.get_by_role("button", name="Several rows").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#row-0-who")).to_have_value("Ada")
    add = page.get_by_role("button", name="Add a row")
    expect(add).to_be_focused()
    page.locator("#row-1-who").fill("Bob")
    add.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#row-2-who")).to_be_visible()
    expect(add).to_be_focused()
    page.locator("#row-2-who").fill("Cy")
    kept(visitor, "Cy")
    page.reload()
    expect(page.locator("#row-2-who")).to_have_value("Cy")
    expect(page.locator("#prompt")).to_have_value("Tell {{who}}")
    visitor.choose("openai/echo")
    page.get_by_role("button", name="Remove row 2").click()
    expect(page.locator("#row-2-who")).to_have_count(0)
    # What is refused stands at its own field, until it has run.
    page.locator("#prompt").fill("Tell {{who}} {{what}}")
    page.locator("#row-0-what").fill("all")
    page.locator("#run").click()
    expect(page.locator("#error-rows1what")).to_contain_text("needs a value")
    expect(page.locator("#row-1-what")).to_be_focused()
    page.locator("#prompt").fill("Tell {{who}}")
    expect(page.locator("#row-1-what")).to_have_count(0)
    page.locator("#prompt").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#rows [data-finding]")).to_contain_text("2 rows answered")
    expect(page.locator(".row-said").nth(1)).to_contain_text("Tell Cy")
    expect(page).to_have_url(re.compile(r"/\?rows=[0-9a-f-]{36}$"))
    page.reload()
    expect(page.locator(".row-said").nth(1)).to_contain_text("Tell Cy")
    expect(page.locator("#row-1-who")).to_have_value("Cy")
    page.get_by_role("link", name="Make it a test").click()
    expect(page.locator("#cases")).to_have_value("who\texpected\nAda\nCy")


def test_a_row_that_goes_leaves_the_focus_to_its_neighbour(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("Tell {{who}}")
    page.get_by_role("button", name="Several rows").click()
    rows, taking = page.locator(".rows-table tbody tr"), page.get_by_role("button", name=re.compile("Remove row"))
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Add a row").click()
    expect(rows).to_have_count(3)
    taking.first.focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    expect(taking.first).to_be_focused()
    taking.last.focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(0)
    expect(page.get_by_role("button", name="Several rows")).to_be_focused()


def test_a_draft_keeps_its_values(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("Tell {{who}}")
    page.locator("#variable-who").fill("Ada Lovelace")
    kept(visitor, "Lovelace")
    page.reload()
    expect(page.locator("#variable-who")).to_have_value("Ada Lovelace")


def test_axe_finds_nothing_in_rows(visit: Visit) -> None:
    visitor = visit(viewport=PHONE)
    visitor.open()
    page = visitor.page
    visitor.choose("openai/echo")
    page.locator("#prompt").fill("{{who}} {{where}} {{when}} {{why}}")
    page.locator("#variable-who").fill("x" * 200)
    page.get_by_role("button", name="Several rows").click()
    for name in ("where", "when", "why"):
        page.locator(f"#row-0-{name}").fill("a b c " * 20)
    assert violations(visitor) == []
    page.locator("#run").click()
    expect(page.locator("#rows [data-finding]")).to_contain_text("1 row answered")
    assert violations(visitor) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
