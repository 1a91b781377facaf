"""What is typed into other forms and not sent: comparisons, the editor's samples, long forms."""

from __future__ import annotations

from playwright.sync_api import expect

from playground.models import PromptExecution
from tests.browser.conftest import Visit, Visitor
from tests.browser.drafting import ECHO, admin, kept, template_of
from tests.browser.test_everybody import violations


def test_a_comparison_leaves_the_playgrounds_model(visitor: Visitor) -> None:
    page = visitor.page
    visitor.run("before", model=ECHO)
    visitor.ended("completed")
    run = PromptExecution.objects.latest("created_at")
    visitor.open(f"/compare?execution={run.id}")
    page.locator("#run").click()
    expect(page.locator("article")).to_have_count(2)
    page.keyboard.press("Escape")  # the other one may be a model on this machine, which takes its time
    expect(page.locator("article:not([data-live])")).to_have_count(2)
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    visitor.open("/")
    expect(page.locator("#model-id")).to_have_value(ECHO)


def test_a_comparisons_columns_come_back_and_are_offered(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open("/compare")
    page.locator("#prompt").fill("for both")
    page.locator("#variants-0-parameters > summary").click()
    page.locator("#variants-0-temperature").fill("0.3")
    kept(page, '"0.3"')
    page.reload()
    expect(page.locator("#prompt")).to_have_value("for both")
    expect(page.locator("#variants-0-temperature")).to_have_value("0.3")
    made = template_of(admin(), "Ask {{who}}.")
    visitor.open(f"/compare?template={made.id}")
    expect(page.locator("#prompt")).to_have_value("Ask {{who}}.")
    expect(page.locator("#draft-offer")).to_contain_text("You had typed something else: for both")
    assert violations(visitor) == []
    page.get_by_role("button", name="Restore what you had typed").click()
    expect(page.locator("#prompt")).to_have_value("for both")
    expect(page.locator("#variants-0-temperature")).to_have_value("0.3")
    second = page.context.new_page()
    second.goto(f"{visitor.address}/compare")
    expect(second.locator("#prompt")).to_have_value("for both")
    second.locator("#prompt").fill("newer words")
    expect(page.locator("#draft-offer")).to_contain_text("Newer text from another tab: newer words")
    page.get_by_role("button", name="Take it").click()
    expect(page.locator("#prompt")).to_have_value("newer words")


def test_samples_stay_with_the_editors_draft(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/templates/new")
    page.locator("#prompt").fill("Greet {{who}}")
    page.locator("[id='variables.0.sample']").evaluate("(field) => field.closest('details')?.setAttribute('open', '')")
    page.locator("[id='variables.0.sample']").fill("Ada Lovelace")
    kept(page, "Ada Lovelace")
    page.reload()
    expect(page.locator("[id='variables.0.sample']")).to_have_value("Ada Lovelace")


def test_a_long_form_comes_back_until_it_is_sent(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/evaluations/new")
    page.locator("#name").fill("A first test")
    page.locator("#prompt").fill("Is {{x}} even?")
    page.locator("#cases").fill("x\texpected\n2\tyes")
    page.locator("#scorer").select_option(index=1)
    chosen = page.locator("#scorer").input_value()
    kept(page, "Is {{x}} even?")
    page.reload()
    expect(page.locator("#cases")).to_have_value("x\texpected\n2\tyes")
    expect(page.locator("#scorer")).to_have_value(chosen)
    expect(page.get_by_text("What you had typed and not sent is back.")).to_be_visible()
    assert violations(visitor) == []
    page.get_by_role("button", name="Discard it").press("Enter")
    expect(page.locator("#name")).to_have_value("")
    page.reload()
    expect(page.locator("#name")).to_have_value("")
    visitor.open("/datasets/new")
    page.locator("#name").fill("Even numbers")
    kept(page, "Even numbers")
    visitor.open("/datasets/new")
    expect(page.locator("#name")).to_have_value("Even numbers")
    page.locator("form.evaluation-form button[type=submit]").click()
    expect(page).not_to_have_url(f"{visitor.address}/datasets/new")
    visitor.open("/datasets/new")
    expect(page.locator("#name")).to_have_value("")


def test_two_tabs_at_the_same_form_are_offered_each_others_text(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/datasets/new")
    second = page.context.new_page()
    second.goto(page.url)
    page.locator("#name").fill("from the first tab")
    offer = second.locator(".draft-offer", has_text="Newer text from another tab: from the first tab")
    expect(offer).to_be_visible()
    offer.get_by_role("button", name="Keep mine").press("Enter")
    expect(offer).to_have_count(0)
    second.locator("#name").fill("from the second tab")
    offer = page.locator(".draft-offer", has_text="Newer text from another tab: from the second tab")
    assert violations(visitor) == []
    offer.get_by_role("button", name="Take it").press("Enter")
    expect(page.locator("#name")).to_have_value("from the second tab")
    expect(page.locator(".draft-offer")).to_have_count(0)
