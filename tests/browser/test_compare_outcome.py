"""The outcome of a comparison: differences, votes, and answers to it that come late."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from playground.models import ComparisonVote
from tests.browser.comparing import column, prepare, ran
from tests.browser.conftest import SLOW, Visitor


def test_differences_from_a_column_stay_in_the_address(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", "openai/echo@2", "openai/echo@3"], "one two three")
    page.locator("#variants-1-own").check()
    page.get_by_label("Prompt of B", exact=True).fill("one 2 three")
    ran(page)
    page.get_by_role("link", name="A", exact=True).click()
    expect(column(page, "B").locator("ins:not(.legend)")).to_have_text("2")
    expect(column(page, "B").locator("del:not(.legend)")).to_have_text("two")
    expect(column(page, "A")).to_contain_text("base")
    expect(column(page, "C")).to_contain_text("The same words as A")
    assert page.url.endswith("?base=A")
    page.reload()
    expect(column(page, "B").locator("ins:not(.legend)")).to_have_text("2")
    page.get_by_role("link", name="None", exact=True).click()
    expect(page.locator("ins")).to_have_count(0)
    expect(page.get_by_label("Prompt of B", exact=True)).to_have_value("one 2 three")


def test_a_vote_is_counted_once_and_may_change(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", SLOW])
    ran(page)
    for crown in ("fastest", "cheapest"):  # one call each is no contest
        expect(page.locator("#compare")).not_to_contain_text(crown)
    best_b, tie = page.get_by_role("radio", name="B is best"), page.get_by_role("radio", name="A tie")
    page.get_by_label("Name", exact=True).fill("kept while one votes")
    best_b.click()
    expect(page.get_by_role("radio", name="B is best, 1 so far")).to_be_checked()
    expect(best_b).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("kept while one votes")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="A tie: none is best, 1 so far")).to_be_checked()
    expect(best_b).to_have_accessible_name("B is best")
    page.reload()
    expect(tie).to_be_checked()


def test_the_last_of_two_quick_votes_counts(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", "openai/echo@2"])
    ran(page)
    held = held_requests(page, "**/vote")
    page.get_by_role("radio", name="A is best").click()
    first = came(page, held)
    page.get_by_role("radio", name="B is best").click()
    page.get_by_role("radio", name="A tie").click()
    first.continue_()
    expect(page.get_by_role("radio", name="A tie: none is best, 1 so far")).to_be_checked()
    assert [vote.execution_id for vote in ComparisonVote.objects.all()] == [None]


def held_requests(page: Page, address: str) -> list[Route]:
    """The next request there waits here until it is continued."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route), times=1)
    return held


def came(page: Page, held: list[Route]) -> Route:
    """The request, once it was sent."""
    while not held:
        page.wait_for_timeout(10)
    return held[0]


def column_ended(page: Page) -> None:
    """The page hears that a column ended, and asks for the outcome."""
    page.evaluate("() => document.dispatchEvent(new Event('execution:ended'))")


def nothing_is_asked(page: Page) -> None:
    """Waits until every question has its answer."""
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling')")


def test_an_outcome_that_comes_late_undoes_no_edit(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", "openai/echo@2", "openai/echo@3"], "one two three")
    ran(page)
    held = held_requests(page, "**/outcome")
    column_ended(page)
    outcome = came(page, held)
    page.get_by_role("button", name="Remove column C").press("Enter")
    expect(page.locator("#outcome")).to_contain_text("The columns are not those that were run.")
    outcome.continue_()
    column_ended(page)
    nothing_is_asked(page)
    expect(page.locator("#outcome")).to_contain_text("The columns are not those that were run.")


def test_an_outcome_that_comes_late_keeps_the_chosen_base(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", "openai/echo@2"], "one two three")
    page.locator("#variants-1-own").check()
    page.get_by_label("Prompt of B", exact=True).fill("one 2 three")
    ran(page)
    held = held_requests(page, "**/outcome")
    column_ended(page)
    outcome = came(page, held)
    page.get_by_role("link", name="A", exact=True).click()
    expect(column(page, "B").locator("ins:not(.legend)")).to_have_text("2")
    outcome.continue_()
    nothing_is_asked(page)
    expect(page.locator("#base-A")).to_have_attribute("aria-current", "true")
    expect(column(page, "B").locator("ins:not(.legend)")).to_have_text("2")


def test_what_a_reader_asked_finds_its_place_though_a_column_ends_meanwhile(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", "openai/echo@2"], "one two three")
    page.locator("#variants-1-own").check()
    page.get_by_label("Prompt of B", exact=True).fill("one 2 three")
    ran(page)
    held = held_requests(page, "**/diff?base=A")
    page.get_by_role("link", name="A", exact=True).click()
    difference = came(page, held)
    column_ended(page)
    with page.expect_response("**/outcome"):  # is asked for then
        difference.continue_()
    nothing_is_asked(page)
    expect(page.locator("#base-A")).to_have_attribute("aria-current", "true")
    expect(column(page, "B").locator("ins:not(.legend)")).to_have_text("2")
    held = held_requests(page, "**/vote")
    page.get_by_role("radio", name="B is best").click()
    vote = came(page, held)
    column_ended(page)
    vote.continue_()
    expect(page.get_by_role("radio", name="B is best, 1 so far")).to_be_checked()
