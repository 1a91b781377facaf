"""Columns of a comparison stream at once, fail apart, are stopped together and go on after a reload."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.comparing import column, compared, prepare, text_of
from tests.browser.conftest import DESK, LONGEST_TASK, PHONE, SLOW, TOKENS_32, Visit, Visitor, tasks_of
from tests.browser.test_everybody import _found, violations


def test_columns_stream_at_once(visitor: Visitor) -> None:
    page = prepare(visitor, [SLOW, f"{SLOW}@2", f"{SLOW}@3"])
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        """() => {
            const texts = [...document.querySelectorAll("article[data-live] [data-answer]")];
            return texts.length === 3 && texts.every((each) => each.textContent.length > 8);
        }"""
    )
    expect(page.locator("#run")).to_have_attribute("data-state", "stop")
    expect(page.locator("article .badge-completed")).to_have_count(3)
    for letter in "ABC":
        assert len(text_of(page, letter).split()) == TOKENS_32
        expect(column(page, letter).locator(".facts")).to_contain_text("First token")
    expect(page.locator("#run")).to_have_attribute("data-state", "run")
    expect(page.locator("#outcome")).to_contain_text("3 of 3 answers completed")
    expect(page.locator("#announcer")).to_have_text("All columns ended: 3 of 3 answers completed.")
    assert "/comparisons/" in page.url


def test_one_column_fails_and_the_others_go_on(visitor: Visitor) -> None:
    page = prepare(visitor, [SLOW, "openai/fault-cut-at-5", "openai/echo"], "say this")
    page.keyboard.press("Control+Enter")
    expect(column(page, "B").locator(".badge-failed")).to_be_visible()
    sentence = "The connection to the provider broke in the middle of the answer."
    expect(column(page, "B").locator(".notice-failed strong")).to_have_text(sentence)
    expect(column(page, "A").locator(".badge-completed")).to_be_visible()
    expect(column(page, "C").locator("[data-answer]")).to_contain_text("say this")
    expect(page.locator("#outcome")).to_contain_text("2 of 3 answers completed, 1 failed")
    expect(page.locator(".marks strong")).to_have_count(0)


def test_one_button_stops_all_and_nothing_moves(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/fault-silent-at-5", "openai/fault-silent-at-5@2"])
    place = page.locator("#run").bounding_box()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-answer]')].filter((each) => each.textContent).length === 2"
    )
    expect(page.locator("#variants-0-copy")).to_be_disabled()
    assert page.locator("#run").bounding_box() == place
    page.keyboard.press("Escape")
    expect(page.locator("article .badge-cancelled")).to_have_count(2)
    expect(page.locator("#run")).to_have_attribute("data-state", "run")
    expect(page.locator("#announcer")).to_have_text("All columns ended: 2 of 2 answers cancelled.")
    expect(page.locator("#variants-0-copy")).to_be_enabled()
    assert page.locator("#run").bounding_box() == place


def test_a_reload_mid_stream_goes_on_with_the_draft(visitor: Visitor) -> None:
    page = prepare(
        visitor, ["openai/tokens-32-every-300ms", "openai/tokens-32-every-300ms@2"], "the prompt that was sent"
    )
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/comparisons/**")
    page.locator("#prompt").fill("a draft that was not sent")
    page.wait_for_function("() => Object.values(localStorage).some((text) => text.includes('not sent'))")
    page.reload()
    expect(page.locator("article[data-live]")).to_have_count(2)
    expect(page.locator("#prompt")).to_have_value("a draft that was not sent")
    expect(page.locator("article .badge-completed")).to_have_count(2)
    for letter in "AB":
        assert len(text_of(page, letter).split()) == TOKENS_32


def test_a_double_click_is_one_comparison(visitor: Visitor) -> None:
    page = prepare(visitor, [SLOW, f"{SLOW}@2"])
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.locator("#run").dblclick()
    page.locator("#voting").wait_for()
    assert len([url for url in posts if url.endswith("/comparisons")]) == 1


def test_without_javascript_the_form_runs_and_shows(visit: Visit) -> None:
    visitor = visit(java_script_enabled=False)
    page = visitor.page
    visitor.open("/compare")
    page.locator("#column-add").click()
    for letter in "ABC":
        page.get_by_label(f"Model of {letter}").last.fill(f"openai/echo@{letter}")
    page.locator("#prompt").fill("no script")
    page.locator("#run").click()
    page.wait_for_url("**/comparisons/**")
    for _ in range(20):
        if page.locator("#voting").count():
            break
        page.get_by_role("link", name="Reload").click()
    expect(page.locator("article .badge-completed")).to_have_count(3)
    page.get_by_role("link", name="B", exact=True).click()
    expect(column(page, "A")).to_contain_text("The same words as B")
    page.get_by_role("radio", name="A is best").check()
    page.get_by_role("button", name="Vote").click()
    expect(page.get_by_role("radio", name="A is best, 1 so far")).to_be_checked()
    assert page.url.endswith("?base=B")


def test_six_columns_on_a_phone_stream_lightly_and_axe_finds_nothing(visit: Visit) -> None:
    visitor = visit(viewport=PHONE, has_touch=True)
    page = visitor.page
    visitor.open("/compare")
    models = [*(f"{SLOW}@{number}" for number in range(4)), "openai/fault-cut-at-5", "openai/echo"]
    visitor.open(compared(visitor, models))
    page.locator("article[data-live] .caret:visible").first.wait_for()
    with tasks_of(page) as tasks:
        page.locator("#voting").wait_for()
    assert tasks  # on a busy machine many tokens are one
    assert max(tasks) <= LONGEST_TASK
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert _found(visitor) == []
    page.set_viewport_size(DESK)
    page.get_by_role("link", name="A", exact=True).click()
    page.locator("ins").first.wait_for()
    page.locator(".column-fold > summary").first.click()
    page.locator("#variants-1-own").check()
    assert violations(visitor) == []
    page.locator("#variants-2-picker").click()
    page.locator(".picker-option").first.wait_for(state="attached")
    assert _found(visitor, runOnly=["wcag2a", "wcag2aa"]) == []
