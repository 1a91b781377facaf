"""The compare page: columns that stream at once, fail apart, are stopped, told apart and voted for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from playground.models import ComparisonVote, PromptExecution
from providers.models import CatalogueModel
from tests.browser.conftest import DESK, LONGEST_TASK, PHONE, SLOW, TOKENS_32, Visit, Visitor, tasks_of
from tests.browser.test_everybody import _found, violations
from tests.playground.conftest import MakeProvider, make_provider

__all__ = ["make_provider"]


def column(page: Page, letter: str) -> Locator:
    """The column with this letter."""
    return page.locator(f"section.column-{letter.lower()}")


def text_of(page: Page, letter: str) -> str:
    """The words in a column, as they came."""
    return str(column(page, letter).locator("[data-answer]").evaluate("element => element.textContent"))


def choose(page: Page, letter: str, model: str) -> None:
    """Picks a column's model by its full name, by keyboard."""
    column(page, letter).locator("[data-picks]").focus()
    page.keyboard.press("Enter")
    page.locator("#models-list .picker-option").first.wait_for(state="attached")
    page.keyboard.type(model)
    page.keyboard.press("Enter")
    expect(column(page, letter).locator(".picker-name")).to_contain_text(model.partition("/")[2])


def prepare(visitor: Visitor, models: Sequence[str], prompt: str = "hello") -> Page:
    """Opens the page and fills the form in."""
    visitor.open("/compare")
    for _ in models[2:]:
        before = visitor.page.locator("[data-column]").count()
        visitor.page.locator("#column-add").click()
        expect(visitor.page.locator("[data-column]")).to_have_count(before + 1)
    for letter, model in zip("ABCDEF", models, strict=False):
        choose(visitor.page, letter, model)
    visitor.page.locator("#prompt").fill(prompt)
    return visitor.page


def held_variables(page: Page) -> list[Route]:
    """The next request for the fields of variables waits here until it is continued."""
    held: list[Route] = []
    page.route("**/variables", lambda route: held.append(route), times=1)
    return held


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


def compared(visitor: Visitor, models: Sequence[str]) -> str:
    """The address of a comparison begun over the API."""
    token = next(cookie["value"] for cookie in visitor.page.context.cookies() if cookie["name"] == "csrftoken")
    response = visitor.page.context.request.post(
        f"{visitor.address}/api/comparisons",
        headers={"X-CSRFToken": token, "Origin": visitor.address},
        data={"prompt": "say this", "variants": [{"model_id": model} for model in models]},
    )
    assert response.ok, response.text()
    return f"/comparisons/{response.json()['id']}"


def ran(page: Page) -> None:
    """Starts by keyboard, and waits until every column has ended, by the server's word and on the page itself: the
    outcome that the end of one had asked for may tell of all, and columns cannot be edited while one goes on."""
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/comparisons/**")
    page.locator("#voting").wait_for()
    expect(page.locator("article[data-live]")).to_have_count(0)


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


def test_a_model_that_is_off_is_told_in_its_column_and_another_is_run(
    visitor: Visitor, make_provider: MakeProvider
) -> None:
    provider = make_provider()
    off = f"{provider}/off"
    CatalogueModel.objects.create(id=off, provider=provider, overrides={"context_window": "wide"})
    page = prepare(visitor, ["openai/echo", "openai/echo@2"], "kept")
    # Switched off since it was picked.
    page.locator("[name='variants.1.model_id']").evaluate("(field, model) => { field.value = model; }", off)
    page.keyboard.press("Control+Enter")
    box = column(page, "B").locator(".refusal")
    expect(box).to_be_in_viewport()
    expect(page.locator(".refusal")).to_have_count(1)
    box.get_by_text("Run with …").press("Enter")
    assert violations(visitor) == []
    box.locator(".failure-models button").first.press("Enter")
    page.wait_for_url("**/comparisons/**")
    expect(page.locator(".refusal")).to_have_count(0)
    assert off not in PromptExecution.objects.values_list("model_id", flat=True)


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE], ids=["desk", "phone"])
def test_a_refusal_stands_above_the_earlier_answer(
    visit: Visit, make_provider: MakeProvider, viewport: ViewportSize
) -> None:
    provider = make_provider()
    off = f"{provider}/off"
    CatalogueModel.objects.create(id=off, provider=provider, overrides={"context_window": "wide"})
    page = prepare(visit(viewport=viewport), ["openai/echo", "openai/echo@2"], "an earlier answer")
    ran(page)
    page.locator("[name='variants.1.model_id']").evaluate("(field, model) => { field.value = model; }", off)
    page.locator("#prompt").focus()
    page.keyboard.press("Control+Enter")
    refused = column(page, "B").locator(".refusal")
    expect(refused).to_be_in_viewport()
    answer = column(page, "B").get_by_role("region", name="Text of")
    expect(answer).to_contain_text("an earlier answer")
    box, beneath = refused.bounding_box(), answer.bounding_box()
    assert box
    assert beneath
    assert box["y"] + box["height"] <= beneath["y"]
    answer.scroll_into_view_if_needed()
    expect(answer).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_refusal_stands_at_its_columns_field(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", "openai/echo@2"], "kept {{word}}")
    page.locator("#variable-word").fill("here")
    column(page, "B").locator(".column-fold > summary").click()
    field = page.locator("#variants-1-temperature")
    field.fill("9")
    page.locator("#prompt").focus()
    page.keyboard.press("Control+Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.locator(".field-error:visible")).to_have_count(1)
    expect(page.locator("#run-problem")).to_be_empty()
    expect(column(page, "B").locator("[data-summary]")).to_have_text("temperature 9")
    expect(page.locator("#variable-word")).to_have_value("here")
    field.fill("0.5")
    page.locator("#prompt").fill("  ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#prompt")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".field-error:visible")).to_have_count(1)
    page.locator("#prompt").fill("kept")
    ran(page)
    expect(page.locator(".field-error:visible")).to_have_count(0)
    page.reload()
    expect(page.locator("#variants-1-temperature")).to_have_value("0.5")
    expect(page.locator("#prompt")).to_have_value("kept")


def test_columns_are_added_copied_and_removed_by_keyboard(visitor: Visitor) -> None:
    page = prepare(visitor, ["openai/echo", "openai/json"])
    column(page, "A").locator(".column-fold > summary").click()
    page.locator("#variants-0-max_tokens").fill("64")
    page.get_by_role("button", name="Copy column A").press("Enter")
    expect(page.locator("[data-column]")).to_have_count(3)
    expect(page.locator("#variants-1-picker")).to_be_focused()
    expect(page.locator("#variants-1-max_tokens")).to_have_value("64")
    expect(page.locator("#variants-0-parameters")).to_have_attribute("open", "")
    page.locator("#column-add").press("Enter")
    expect(page.locator("[data-column]")).to_have_count(4)
    expect(page.locator("#variants-3-picker")).to_be_focused()
    choose(page, "D", "openai/echo@last")
    page.get_by_role("button", name="Remove column B").press("Enter")
    expect(page.locator("[data-column]")).to_have_count(3)
    expect(column(page, "B").locator(".picker-name")).to_contain_text("json")
    ran(page)
    page.get_by_role("button", name="Remove column C").press("Enter")
    expect(page.locator("#outcome")).to_contain_text("The columns are not those that were run.")
    expect(page.locator("article")).to_have_count(2)
    page.get_by_role("link", name="Show the comparison as it was run").click()
    expect(page.locator("article")).to_have_count(3)


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


def test_a_column_is_not_given_what_its_model_does_not_take_side_by_side(
    visitor: Visitor, make_provider: MakeProvider
) -> None:
    page = prepare(visitor, [f"{make_provider('anthropic')}/claude-sonnet-4-5", "openai/echo"])
    for letter in "AB":
        column(page, letter).locator(".column-fold > summary").click()
    first, second = (page.locator(f"#variants-{at}-top_p") for at in range(2))
    first.fill("0.9")
    page.locator("#variants-0-temperature").fill("0.5")
    page.locator("#variants-1-temperature").fill("0.5")
    expect(first).to_be_disabled()
    expect(second).to_be_enabled()
    expect(column(page, "A")).to_contain_text("Claude 4.5 takes no top_p beside temperature.")
    expect(column(page, "A").locator("[data-summary]")).to_have_text("temperature 0.5")
    page.locator("#variants-0-temperature").fill("")
    expect(first).to_be_enabled()
    expect(column(page, "A")).not_to_contain_text("takes no top_p")
    page.locator("#variants-0-temperature").fill("0.5")
    choose(page, "A", "openai/echo@2")
    expect(first).to_be_enabled()
    expect(first).to_have_value("0.9")
