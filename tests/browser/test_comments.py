"""Ratings and comments of a run in the browser: said, changed, taken back, while others say theirs."""

from __future__ import annotations

import contextlib
from urllib.request import Request, urlopen

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Route, expect

from playground.models import PromptExecution
from tests.browser.conftest import Enter, Visitor
from tests.browser.test_everybody import violations
from tests.browser.test_sessions import row, user_of
from tests.cast import Person
from tests.history.stored import a_session, an_execution
from tests.waiting import PATIENCE


def seen_by_both(ann: Person, bob: Person, enter: Enter, *, role: str) -> tuple[Visitor, PromptExecution]:
    """A run in a session that Ann shares with Bob, at which Ann looks."""
    session = a_session(ann)
    session.members.create(user=user_of(bob), role=role)
    run = an_execution(session)
    visitor = enter(ann)
    visitor.open(f"/sessions/{session.id}")
    return visitor, run


def test_a_run_is_rated_and_talked_about(ann: Person, bob: Person, enter: Enter) -> None:
    visitor, run = seen_by_both(ann, bob, enter, role="viewer")
    shown = row(visitor, run.id)
    shown.get_by_role("radio", name="Good answer").click()
    expect(shown.get_by_role("radio", name="Good answer, 1 so far")).to_be_checked()
    shown.get_by_role("link", name="Comment").click()
    shown.get_by_role("radio", name="4 of 5").click()
    expect(shown.get_by_role("radio", name="4 of 5")).to_be_checked()
    shown.get_by_role("button", name="Comment").click()
    expect(shown.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    shown.get_by_role("button", name="Bob").click()
    shown.get_by_role("textbox").press_sequentially("look at this <b>")
    shown.get_by_role("button", name="Comment").click()
    expect(shown.locator(".mention")).to_have_text(f"@{user_of(bob).username}")
    expect(shown.locator(".comment-text")).to_contain_text("look at this <b>")
    expect(shown.get_by_role("link", name="1 comment")).to_be_visible()
    assert violations(visitor) == []
    shown.get_by_role("link", name="Edit").click()
    shown.locator(".comment textarea").fill("Other words")
    shown.get_by_role("button", name="Save").click()
    expect(shown.locator(".comment-text")).to_have_text("Other words")
    expect(shown.get_by_role("link", name="Edit")).to_be_focused()
    shown.get_by_role("link", name="Delete").click()
    shown.get_by_role("button", name="Delete this comment").click()
    expect(shown.locator(".comment")).to_have_count(0)
    expect(shown.get_by_role("textbox")).to_be_focused()
    shown.get_by_role("link", name="Comment").click()
    expect(shown.locator(".feedback")).to_have_count(0)


def test_news_of_comments_take_nothing_from_who_acts_on_one(ann: Person, bob: Person, enter: Enter) -> None:
    visitor, run = seen_by_both(ann, bob, enter, role="editor")
    shown = row(visitor, run.id)
    shown.get_by_role("link", name="Comment").click()
    shown.get_by_role("textbox").fill("Mine")
    shown.get_by_role("button", name="Comment").click()
    expect(shown.locator(".comment-text")).to_have_text("Mine")
    news: list[Route] = []
    asked: list[Route] = []
    visitor.page.route("**part=list*", lambda route: route.continue_() if news else news.append(route))
    visitor.page.route("**act=remove*", lambda route: route.continue_() if asked else asked.append(route))
    with visitor.page.expect_request("**part=list*"):
        visitor.page.evaluate("htmx.trigger(document.querySelector('[data-comments]'), 'comments:changed')")
    with visitor.page.expect_request("**act=remove*"):
        shown.get_by_role("link", name="Delete").click()
    with contextlib.suppress(PlaywrightError):  # it is asked for no more
        news[0].continue_()
    visitor.page.wait_for_timeout(500)
    asked[0].continue_()
    expect(shown.get_by_role("button", name="Delete this comment")).to_be_visible()
    shown.get_by_role("link", name="Keep it").click()
    shown.get_by_role("link", name="Edit").click()
    shown.locator(".comment textarea").fill("Half a sen")
    headers = {**bob.headers, "Content-Type": "application/json"}
    with urlopen(Request(f"{bob.url}/api/executions/{run.id}/comments", b'{"text": "His"}', headers), timeout=PATIENCE):
        visitor.page.wait_for_timeout(1000)
    expect(shown.locator(".comment textarea")).to_have_value("Half a sen")
    shown.get_by_role("button", name="Save").click()
    expect(shown.locator(".comment-text")).to_have_text(["Half a sen", "His"])
