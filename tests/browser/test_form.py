"""The form: refusals at their field, parameters, drafts, the history that restores it, and life without JavaScript."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from playground.models import PromptExecution
from providers.models import CatalogueModel
from tests.browser.conftest import PHONE, SLOW, Visit, Visitor
from tests.browser.test_everybody import violations
from tests.playground.conftest import MakeProvider, make_provider

__all__ = ["make_provider"]


def test_a_refusal_stands_at_its_field_and_keeps_the_form(visitor: Visitor) -> None:
    page = visitor.page
    visitor.choose("openai/echo")
    page.locator("#parameters-fold > summary").click()
    page.locator("#parameter-temperature").fill("9")
    page.locator("#prompt").fill("kept")
    page.keyboard.press("Control+Enter")
    field = page.locator("#parameter-temperature")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_value("9")
    expect(page.locator("#prompt")).to_have_value("kept")
    expect(page.locator(".field-error:visible")).to_have_count(1)
    expect(page.locator("#run-problem")).to_be_empty()
    page.get_by_role("button", name="Reset Temperature").click()
    visitor.run("kept")
    visitor.ended("completed")
    expect(page.locator(".field-error:visible")).to_have_count(0)


def test_an_empty_prompt_is_refused_in_place(visitor: Visitor) -> None:
    visitor.choose("openai/echo")
    visitor.page.locator("#prompt").fill("   ")
    visitor.page.keyboard.press("Control+Enter")
    expect(visitor.page.locator("#prompt")).to_have_attribute("aria-invalid", "true")


def test_slider_and_number_go_together_and_reset(visitor: Visitor) -> None:
    page = visitor.page
    visitor.choose("openai/echo")
    page.locator("#parameters-fold > summary").click()
    slider, number = page.locator("[data-for=parameter-temperature]"), page.locator("#parameter-temperature")
    slider.fill("0.5")
    expect(number).to_have_value("0.5")
    number.fill("1.5")
    assert slider.input_value() == "1.5"
    expect(page.locator("#parameters-summary")).to_contain_text("temperature 1.5")
    number.fill("0,7")
    assert slider.input_value() == "0.7"
    page.get_by_role("button", name="Reset Temperature").click()
    expect(number).to_have_value("")
    expect(page.locator("#parameters-summary")).not_to_contain_text("temperature")


def test_what_is_not_taken_side_by_side_is_off_and_comes_back(visitor: Visitor, make_provider: MakeProvider) -> None:
    page, model = visitor.page, f"{make_provider('anthropic')}/claude-sonnet-4-5"
    visitor.open("/")
    visitor.choose(model)
    page.locator("#parameters-fold > summary").click()
    top_p, temperature = page.locator("#parameter-top_p"), page.locator("#parameter-temperature")
    row, slider = page.locator("[data-name=top_p]"), page.locator("[data-for=parameter-top_p]")
    top_p.fill("0.9")
    expect(temperature).to_be_enabled()
    temperature.fill("0.5")
    expect(top_p).to_be_disabled()
    expect(row).to_contain_text("Claude 4.5 takes no top_p beside temperature.")
    expect(slider).to_be_hidden()
    assert violations(visitor) == []
    expect(page.locator("#parameters-summary")).to_have_text("temperature 0.5")
    visitor.run("one of two")
    visitor.ended("completed")
    run = PromptExecution.objects.get(id=str(page.locator("#playground").get_attribute("data-execution")))
    assert run.parameters == {"temperature": 0.5}
    page.get_by_role("button", name="Reset Temperature").click()
    expect(top_p).to_be_enabled()
    expect(top_p).to_have_value("0.9")
    expect(row).not_to_contain_text("Claude")
    expect(slider).to_be_visible()
    page.locator("#parameter-reasoning_effort").select_option("low")
    for field in (top_p, temperature):
        expect(field).to_be_disabled()
    expect(row).to_contain_text("Claude 4.5 takes no top_p while it thinks (reasoning_effort).")
    # A model that takes it gets what was off.
    visitor.choose("openai/echo")
    expect(top_p).to_be_enabled()
    expect(top_p).to_have_value("0.9")


def test_history_restores_everything(visitor: Visitor) -> None:
    page = visitor.page
    visitor.choose("openai/echo")
    page.locator("#system-prompt").fill("Be brief.")
    page.locator("#parameters-fold > summary").click()
    page.locator("#parameter-max_tokens").fill("77")
    visitor.run("the one to come back to")
    visitor.ended("completed")
    page.locator("#system-prompt").fill("")
    visitor.run("another one", model=SLOW)
    visitor.ended("completed")
    page.get_by_role("link", name="History").click()
    page.locator(".history-row", has_text="the one to come back to").first.click()
    expect(page.locator("#prompt")).to_have_value("the one to come back to")
    expect(page.locator("#system-prompt")).to_have_value("Be brief.")
    expect(page.locator("#parameter-max_tokens")).to_have_value("77")
    expect(page.locator("#picked-name")).to_have_text("echo")
    assert visitor.answer.strip()


def test_history_goes_on_by_cursor(visitor: Visitor) -> None:
    page = visitor.page
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    for number in range(32):
        form: dict[str, str | float | bool] = {"csrfmiddlewaretoken": token, "model_id": "openai/echo"}
        form["prompt"] = f"run {number}"
        answer = page.context.request.post(f"{visitor.address}/executions", form=form, max_redirects=0)
        assert answer.status == 302
    page.get_by_role("link", name="History").click()
    rows = page.locator(".history-row")
    expect(rows).to_have_count(30)
    page.get_by_role("link", name="Older runs").click()
    expect(rows).to_have_count(32)
    expect(page.get_by_role("link", name="Older runs")).to_have_count(0)
    assert [text.strip() for text in page.locator(".history-prompt").all_inner_texts()] == [
        f"run {number}" for number in reversed(range(32))
    ]


def test_signing_out_forgets_the_draft(visit: Visit) -> None:
    visitor = visit()
    visitor.open()
    page = visitor.page
    page.locator("#prompt").fill("for my eyes only")
    page.wait_for_function("() => Object.values(localStorage).some(text => text.includes('eyes only'))")
    page.get_by_label("Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{visitor.address}/login")
    assert "eyes only" not in page.evaluate("JSON.stringify(localStorage)")


def test_a_form_does_the_job_without_javascript(visit: Visit) -> None:
    earlier = visit()
    earlier.open()
    earlier.run(model="openai/echo")
    earlier.ended("completed")
    visitor = visit(java_script_enabled=False)
    visitor.open()
    page = visitor.page
    expect(page.locator("noscript select")).to_have_value("openai/echo")
    page.locator("#prompt").fill("plain words")
    page.locator("#run").click()
    page.locator("article").wait_for()
    expect(page.locator("#prompt")).to_have_value("plain words")
    for _ in range(20):
        if page.locator(".badge-completed").count():
            break
        page.reload()
    expect(page.locator(".answer-rendered")).to_contain_text("plain words")


def test_the_cost_is_told_before_the_run(visitor: Visitor) -> None:
    page = visitor.page
    told = page.locator("#forecast")
    visitor.choose("openai/gpt-4o")  # 2.50 in, 10 out per million
    expect(told).to_have_text("")
    page.locator("#prompt").fill("x" * 400)
    expect(told).to_have_text("57 tokens in, counted, ≈ $0.0002 to $0.1640 · 5 times: ≈ $0.0008 to $0.8199")
    page.locator("#parameters-fold > summary").click()
    page.locator("#parameter-max_tokens").fill("1")
    expect(told).to_contain_text("57 tokens in, counted, ≈ $0.0002 · 5 times")
    page.locator("#prompt").fill("x")
    expect(told).to_contain_text("8 tokens in, counted, < $0.0001")
    visitor.choose("openai/echo")
    expect(told).to_have_text("about 8 tokens in, estimated, price unknown")
    visitor.choose("ollama/echo")
    expect(told).to_have_text("about 8 tokens in, estimated, no cost: runs here")
    expect(page.locator("#picked-facts")).to_contain_text("no cost: runs here")
    visitor.run()
    visitor.ended("completed")
    expect(page.locator(".facts")).to_contain_text("no cost")


def test_two_runs_of_the_history_are_told_apart_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    visitor.run("a cold day", model="openai/echo")
    visitor.ended("completed")
    visitor.run("a warm day")
    visitor.ended("completed")
    page.locator("[data-opens=history]").first.focus()
    page.keyboard.press("Enter")
    page.locator("#history .history-row").nth(1).wait_for()
    assert errors == []
    page.locator("#history-search").fill("warm")
    expect(page.locator("#history .history-row")).to_have_count(1)
    expect(page.locator("#history-search")).to_be_focused()
    page.locator("#history-search").fill("")
    expect(page.locator("#history .history-row")).to_have_count(2)
    for at in (0, 1):
        page.locator("#history .history-tick").nth(at).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Differences of two").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main ins:not(.legend)").first).to_have_text("warm")
    expect(page.locator("main del:not(.legend)").first).to_have_text("cold")
    assert violations(visitor) == []


def test_history_is_filtered_by_the_server(visitor: Visitor) -> None:
    page = visitor.page
    visitor.run("good", model="openai/echo")
    visitor.ended("completed")
    visitor.run("bad", model="openai/fault-400")
    visitor.ended("failed")
    page.get_by_role("link", name="History").click()
    rows, drawer = page.locator(".history-row"), page.locator("#history")

    def pick(label: str, value: str) -> None:
        # What was swapped in hears of a change once htmx has settled it, some 20 ms later.
        expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
        drawer.get_by_label(label).select_option(value)

    expect(rows).to_have_count(2)
    drawer.get_by_label("Status").focus()
    pick("Status", "failed")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("bad")
    expect(drawer.get_by_label("Status")).to_be_focused()
    pick("Model", "openai/echo")
    expect(drawer).to_contain_text("No run of this session matches.")
    drawer.get_by_role("link", name="Show all runs").click()
    expect(rows).to_have_count(2)
    expect(drawer.get_by_label("Status")).to_have_value("")
    expect(drawer.get_by_role("link", name="Clear all")).to_have_count(0)
    pick("Status", "completed")
    expect(rows).to_have_count(1)
    expect(drawer.locator("[data-found]")).to_have_text("1 run")
    expect(page.locator("#announcer")).to_have_text("1 run")
    # By keyboard, the focus goes on where the next filter is typed.
    drawer.get_by_role("link", name="Clear all").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    expect(page.locator("#announcer")).to_have_text("2 runs")
    expect(page.locator("#history-search")).to_be_focused()
    expect(drawer.get_by_label("Status")).to_have_value("")
    pick("Status", "completed")
    expect(rows).to_have_count(1)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="History").click()
    expect(drawer.get_by_label("Status")).to_have_value("completed")
    expect(rows).to_have_count(1)
    visitor.open("/history?status=failed")
    expect(rows).to_have_count(1)
    page.locator("#history-model").select_option("openai/echo")
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile("status=failed&model=openai%2Fecho"))
    expect(rows).to_have_count(0)


def test_a_refusal_stands_where_the_answer_would_and_another_model_is_run(
    visit: Visit, make_provider: MakeProvider
) -> None:
    provider = make_provider()
    off = f"{provider}/off"
    CatalogueModel.objects.create(id=off, provider=provider, overrides={"context_window": "wide"})
    wide: dict[str, Any] = {}
    for options in (wide, {"viewport": PHONE, "color_scheme": "dark"}):
        visitor = visit(**options)
        page = visitor.page
        visitor.open(f"/?model={off}")
        page.locator("#prompt").fill("kept")
        page.keyboard.press("Control+Enter")
        box = page.get_by_role("alert").filter(has_text="The model cannot be run now.")
        expect(box).to_be_in_viewport()
        expect(page.locator("#output .empty")).to_be_hidden()
        expect(page.locator("#prompt")).to_have_value("kept")
        box.get_by_text("Run with …").focus()
        page.keyboard.press("Enter")
        assert violations(visitor) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator("article").wait_for()
        expect(box).to_have_count(0)
        run = PromptExecution.objects.latest("created_at")
        assert (run.request["prompt"], run.model_id != off) == ("kept", True)
