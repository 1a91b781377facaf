"""Running a prompt: tokens as they come, stopping, coming back, breaking off."""

from __future__ import annotations

import os
import uuid
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import ViewportSize, WebSocketRoute, expect

from playground.models import PromptExecution
from providers.models import CatalogueModel
from providers.wires.local.model import MODEL
from tests.browser.conftest import DESK, LONG, LONGEST_TASK, PHONE, SLOW, TOKENS_32, Visit, Visitor, tasks_of


def test_tokens_are_shown_before_the_answer_ends(visitor: Visitor) -> None:
    visitor.run(model=SLOW)
    visitor.page.wait_for_function(
        "() => document.querySelector('article[data-live] [data-answer]')?.textContent.length > 8"
    )
    early = visitor.answer
    visitor.ended("completed")
    assert len(visitor.answer.split()) == TOKENS_32
    assert visitor.answer.startswith(early)
    expect(visitor.page.locator(".facts")).to_contain_text("First token")
    expect(visitor.page.locator(".facts")).to_contain_text("price unknown")


def test_one_button_runs_and_stops_and_nothing_moves(visitor: Visitor) -> None:
    visitor.choose("openai/fault-silent-at-5")
    button = visitor.page.locator("#run")
    place = button.bounding_box()
    visitor.run()
    expect(button).to_have_attribute("data-state", "stop")
    assert button.bounding_box() == place
    visitor.page.wait_for_function("() => document.querySelector('[data-answer]').textContent.split(' ').length >= 5")
    visitor.page.keyboard.press("Escape")
    visitor.ended("cancelled")
    expect(button).to_have_attribute("data-state", "run")
    assert button.bounding_box() == place
    assert visitor.answer
    expect(visitor.page.locator(".break")).to_have_text("Stopped here")
    expect(visitor.page.locator("#announcer")).to_have_text("Run stopped.")


def test_a_reload_mid_stream_goes_on_with_the_draft(visitor: Visitor) -> None:
    visitor.run("the first prompt", model=SLOW)
    visitor.page.locator("#prompt").fill("a draft that was not sent")
    visitor.page.wait_for_function("() => Object.values(localStorage).some(text => text.includes('not sent'))")
    visitor.page.reload()
    expect(visitor.page.locator("#prompt")).to_have_value("a draft that was not sent")
    visitor.ended("completed")
    assert len(visitor.answer.split()) == TOKENS_32


# It stands there for a quarter of a second, which a look now and then may miss.
TOLD_OF_A_LOSS = """() => {
  window.toldOfALoss = new Promise((told) => {
    const look = () => document.querySelector("[data-reconnecting]:not([hidden])") && told();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributeFilter: ["hidden"] });
  });
}"""


def test_a_lost_connection_resumes_with_every_token_once(visitor: Visitor) -> None:
    connections: list[str] = []

    def cut_the_first(socket: WebSocketRoute) -> None:
        connections.append(socket.url)
        is_first = len(connections) == 1
        server = socket.connect_to_server()
        passed: list[Any] = []

        def pass_on(message: str | bytes) -> None:
            passed.append(message)
            if not is_first or len(passed) < 8:
                socket.send(message)
            elif len(passed) == 8:
                socket.close()

        server.on_message(pass_on)

    visitor.page.route_web_socket("**/ws/executions/**", cut_the_first)
    visitor.page.evaluate(TOLD_OF_A_LOSS)
    visitor.run(model=SLOW)
    visitor.page.evaluate("() => window.toldOfALoss")
    expect(visitor.page.locator("[data-reconnecting]")).to_be_hidden()
    visitor.page.wait_for_function("() => document.querySelector('[data-answer]').textContent.split(' ').length > 20")
    shown = visitor.answer
    visitor.ended("completed")
    assert visitor.answer.startswith(shown.strip())
    assert [address.rpartition("after=")[2] for address in connections] == ["0", "7"]


def test_a_cut_keeps_the_words_and_says_one_sentence(visitor: Visitor) -> None:
    visitor.run(model=f"openai/fault-cut-at-5@{uuid.uuid4().hex[:8]}")
    visitor.ended("failed")
    assert len(visitor.answer.split()) == 5
    expect(visitor.page.locator(".break")).to_have_text("The answer breaks off here")
    sentence = "The connection to the provider broke in the middle of the answer."
    expect(visitor.page.locator(".notice-failed strong")).to_have_text(sentence)
    assert visitor.page.locator("body").inner_text().count(sentence) == 1
    expect(visitor.page.locator(".technical")).to_be_hidden()
    first = visitor.page.locator("article").get_attribute("data-execution-id")
    visitor.page.get_by_role("button", name="Retry").click()
    visitor.page.locator(f"article:not([data-execution-id='{first}'])").wait_for()
    visitor.ended("failed")


def test_reasoning_is_folded(visitor: Visitor) -> None:
    visitor.run(model="openai/reasoning")
    visitor.ended("completed")
    text = visitor.page.locator("[data-reasoning-text]")
    expect(text).to_be_hidden()
    # The model is called so, too, once the provider's list is read.
    visitor.page.locator("article").get_by_text("Reasoning", exact=True).click()
    expect(text).to_be_visible()


def test_a_double_click_is_one_run(visitor: Visitor) -> None:
    visitor.choose(SLOW)
    visitor.page.locator("#prompt").fill("once")
    posts: list[str] = []
    visitor.page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    visitor.page.locator("#run").dblclick()
    visitor.page.locator("article .badge-completed, article .badge-cancelled").wait_for()
    assert len([url for url in posts if url.endswith("/executions")]) == 1


def test_an_example_runs_on_a_click(visitor: Visitor) -> None:
    visitor.page.locator("#prompt").fill("")
    visitor.choose("openai/echo")
    visitor.page.locator(".example").first.click()
    visitor.ended("completed")
    expect(visitor.page.locator("#prompt")).not_to_have_value("")


def test_a_long_stream_makes_no_long_task_and_no_shift(visit: Visit) -> None:
    visitor = visit()
    visitor.page.add_init_script(
        """window.shifts = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => { shifts += entry.value; }))
          .observe({ type: "layout-shift" });"""
    )
    visitor.open()
    visitor.choose(SLOW)
    visitor.page.evaluate("shifts = 0")
    with tasks_of(visitor.page) as tasks:
        visitor.run()
        visitor.ended("completed")
    assert len(tasks) > TOKENS_32
    assert max(tasks) <= LONGEST_TASK
    assert visitor.page.evaluate("shifts") < 0.1


def test_a_failed_run_is_offered_another_model(visitor: Visitor) -> None:
    page = visitor.page
    # The local model would be offered first: a row that does not hold takes it out.
    broken = {"provider": "local", "overrides": {"note": 0}}
    CatalogueModel.objects.update_or_create(id=f"local/{MODEL}", defaults=broken)
    CatalogueModel.objects.update_or_create(id="ollama/echo", defaults={"provider": "ollama"})
    visitor.run("say this", model="openai/fault-401")
    visitor.ended("failed")
    page.locator("#prompt").fill("not sent")
    first = page.locator("article").get_attribute("data-execution-id")
    box = page.get_by_role("group", name="What went wrong")
    expect(box.get_by_role("button", name="Retry")).to_be_visible()
    expect(page.get_by_role("button", name="Good answer")).to_have_count(0)
    page.reload()
    box.get_by_text("Run with …").focus()
    page.keyboard.press("Enter")
    other = box.get_by_role("button", name="Run with ollama/echo")
    other.focus()
    page.keyboard.press("Enter")
    page.locator(f"article:not([data-execution-id='{first}'])").wait_for()
    visitor.ended("completed")
    expect(page.locator("article")).to_have_attribute("aria-label", "Answer of ollama/echo")
    assert visitor.answer.strip() == "say this"
    expect(page.locator("#prompt")).to_have_value("not sent")


def test_a_tool_call_is_a_card(visitor: Visitor) -> None:
    visitor.call_a_tool()
    card = visitor.page.locator(".tool-call")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("weather")
    expect(card).to_contain_text('"city": "Graz <b>"')
    expect(card).to_contain_text("Not run here: it is a tool of the API's caller.")
    expect(visitor.page.locator("#output")).not_to_contain_text("ended without a word")


LINES = [
    ("input", 500, "2", "0.001", ""),
    ("cache_read", 9_200, "0.5", "0.0046", ""),
    ("cache_write", 100, "4", "0.0004", "1 hour"),
    ("output", 40, "10", "0.0004", ""),
    ("reasoning", 60, "20", "0.0012", ""),
    ("attempt", 1_500, "2", "0.003", "openai/another-model"),
]


def _bill(execution_id: str) -> PromptExecution:
    """Gives a run a bill of every kind of line, of which the output is estimated."""
    names = ("item", "quantity", "unit_price_per_million", "cost", "note")
    told = [{name: value for name, value in zip(names, line, strict=True) if value != ""} for line in LINES]
    row = PromptExecution.objects.get(id=execution_id)
    row.billing, row.estimated_cost = {"details": {}, "lines": told}, Decimal("0.0106")
    row.metadata |= {"price_known": True, "usage_source": "partly estimated", "usage_estimated": ["completion_tokens"]}
    row.save()
    return row


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_cost_opens_into_its_lines_by_the_keyboard_and_fits_the_page(visit: Visit, size: ViewportSize) -> None:
    visitor = visit(viewport=size)
    visitor.open()
    visitor.run(model="openai/echo")
    visitor.ended("completed")
    page = visitor.page
    run = _bill(str(page.locator("article[data-execution-id]").last.get_attribute("data-execution-id")))
    for path in (f"/?execution={run.id}", f"/sessions/{run.session_id}"):
        visitor.open(path)
        bill = page.locator("details.bill").last
        expect(bill.locator("summary")).to_have_text("$0.0106")
        expect(bill.locator("table")).to_be_hidden()
        bill.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(bill.locator("tbody tr")).to_have_count(len(LINES))
        expect(bill).to_contain_text("1 hour")
        expect(bill.get_by_role("row", name="Reasoning")).to_contain_text("estimated")
        expect(bill.get_by_role("row", name="Input")).not_to_contain_text("estimated")
        expect(bill.get_by_role("row", name="Earlier attempt")).to_contain_text("$0.003")
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{folder}/bill-{size['width']}-{path[1]}.png")
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0


def test_a_run_is_shown_as_code_in_the_language_that_was_chosen(visitor: Visitor) -> None:
    page = visitor.page
    visitor.run("As code, please", model="openai/echo")
    visitor.ended("completed")
    page.get_by_role("button", name="Code", exact=True).click()
    code = page.locator(".answer-code [data-snippet]:visible code")
    expect(code).to_contain_text("curl --silent")
    page.get_by_role("button", name="Python", exact=True).click()
    expect(code).to_contain_text("As code, please")
    expect(code).to_contain_text("httpx.post")
    expect(page.locator(".answer-rendered")).to_be_hidden()
    page.get_by_role("button", name="Rendered", exact=True).click()
    expect(page.locator(".answer-rendered")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Code", exact=True).click()
    expect(code).to_contain_text("httpx.post")
    visitor.run("The next one")
    visitor.ended("completed")
    expect(code).to_contain_text("The next one")


def test_an_answer_stands_below_its_prompt_and_says_when_that_has_changed(visitor: Visitor) -> None:
    page = visitor.page
    visitor.run("What I asked")
    visitor.ended("completed")
    asked, stale = page.locator("#execution .asked"), page.locator("#execution [data-stale]")
    expect(asked).to_contain_text("What I asked")
    expect(stale).to_be_hidden()
    page.locator("#prompt").fill("Something else")
    expect(stale).to_contain_text("Of an earlier prompt: prompt changed since.")
    page.locator("#prompt").fill("What I asked")
    expect(stale).to_be_hidden()
    page.locator("#parameters-fold > summary").click()
    page.locator("#parameter-temperature").fill("0.5")
    page.locator("#prompt").fill("Something else")
    expect(stale).to_contain_text("prompt, parameters changed since")
    page.get_by_role("link", name="Restore what was asked").click()
    expect(page.locator("#prompt")).to_have_value("What I asked")
    expect(page.locator("#parameter-temperature")).to_have_value("")
    expect(page.locator("#execution [data-stale]")).to_be_hidden()


def test_a_long_prompt_is_opened_above_its_answer(visitor: Visitor) -> None:
    page = visitor.page
    visitor.run("Line after line.\n" * 60, model="openai/echo")
    visitor.ended("completed")
    asked = page.locator("#execution .asked-long")
    expect(asked.locator("p")).to_be_hidden()
    asked.locator("summary").click()
    expect(asked.locator("p")).to_be_visible()


def test_stop_stays_in_reach_of_a_thumb(visit: Visit) -> None:
    visitor = visit(viewport=PHONE)
    page = visitor.page
    visitor.open()
    visitor.run("Tell me something long", model=LONG)
    stop, bar = page.locator("#run"), page.locator(".rail")
    expect(stop).to_have_attribute("data-state", "stop")
    expect(page.locator("[data-answer]")).not_to_be_empty()
    below = bar.evaluate("bar => bar.getBoundingClientRect().top")
    assert stop.evaluate("button => button.getBoundingClientRect().bottom") <= below
    stop.click()
    visitor.ended("cancelled")
    expect(stop).to_have_attribute("data-state", "run")


def test_without_a_connection_one_sentence_says_so(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("Kept")
    page.context.set_offline(True)
    for _ in range(2):
        with page.expect_event("requestfailed"):
            page.keyboard.press("Control+Enter")
        expect(page.locator("#run")).to_have_attribute("data-state", "run")
    expect(page.locator(".toast")).to_contain_text(["The service cannot be reached."])
    expect(page.locator("#prompt")).to_have_value("Kept")
    page.context.set_offline(False)
