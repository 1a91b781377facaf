"""Variables of a prompt, a template in the form, and turns that follow each other."""

from __future__ import annotations

from playwright.sync_api import expect

from accounts.models import User
from playground.models import ExecutionRating, PromptExecution
from templates_app.content import Content, Rule, Variable, VariableType
from templates_app.models import PromptTemplate
from templates_app.versions import lifecycle
from tests.browser.conftest import SLOW, Visitor

ECHO = "openai/echo"


def template() -> PromptTemplate:
    """A template of the visitor's."""
    variables = (
        Variable("tone", rules=(Rule("enum", ["warm", "cold"]),)),
        Variable("count", VariableType.NUMBER, rules=(Rule("max", 5),)),
    )
    content = Content("Say it {{tone}}, {{count}} times.", "Be brief.", variables, {"temperature": 0.5})
    change = lifecycle.Change({"name": "Saying", "category": "Trials"}, content)
    return lifecycle.create(owner=User.objects.get(username="admin"), change=change)


def test_variables_of_the_prompt_become_fields_as_one_types(visitor: Visitor):
    page = visitor.page
    visitor.choose(ECHO)
    page.locator("#prompt").fill("Greet {{name}} in {{language}}, not \\{{this}}.")
    expect(page.locator("#variables label")).to_have_text(["name", "language"])
    page.get_by_label("name", exact=True).fill("Ada {{language}}")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#error-variableslanguage")).to_have_text("language needs a value.")
    expect(page.get_by_label("language")).to_be_focused()
    assert page.get_by_label("name", exact=True).input_value() == "Ada {{language}}"
    page.get_by_label("language").fill("French")
    page.keyboard.press("Control+Enter")
    visitor.ended("completed")
    assert "Greet Ada {{language}} in French, not {{this}}." in visitor.answer
    page.reload()
    assert page.locator("#prompt").input_value() == "Greet {{name}} in {{language}}, not \\{{this}}."
    assert page.get_by_label("language").input_value() == "French"
    page.locator("#prompt").fill("No more")
    expect(page.locator("#variables label")).to_have_count(0)


def test_a_template_fills_the_form_and_its_version_is_counted_while_its_text_stays(visitor: Visitor):
    page, made = visitor.page, template()
    visitor.open(f"/?template={made.id}")
    expect(page.locator(".source")).to_contain_text("Saying, version 1")
    assert page.locator("#system-prompt").input_value() == "Be brief."
    visitor.choose(ECHO)
    page.get_by_label("tone").select_option("warm")
    page.get_by_label("count", exact=True).fill("9")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#error-variablescount")).to_have_text("count must be at most 5.")
    page.get_by_label("count", exact=True).fill("3")
    page.keyboard.press("Control+Enter")
    visitor.ended("completed")
    assert "Say it warm, 3 times." in visitor.answer
    expect(page.locator(".execution-head")).to_contain_text("template, version 1")
    run = PromptExecution.objects.get()
    assert run.template_version == made.current
    assert run.request["variables"] == {"tone": "warm", "count": 3}
    assert run.parameters["temperature"] == 0.5
    page.locator("#prompt").fill("Sing it {{tone}}.")
    page.keyboard.press("Control+Enter")
    page.locator(f"article:not([data-execution-id='{run.id}'])").wait_for()
    visitor.ended("completed")
    assert PromptExecution.objects.exclude(id=run.id).get().template_version is None


def test_a_conversation_goes_on_and_an_edited_turn_is_a_branch(visitor: Visitor):
    page = visitor.page
    visitor.run("First", model=ECHO)
    visitor.ended("completed")
    page.get_by_role("link", name="Continue").click()
    expect(page.locator(".thread .turn")).to_have_count(1)
    assert page.locator("#prompt").input_value() == ""
    visitor.run("Second")
    visitor.ended("completed")
    expect(page.locator(".thread .turn-prompt p")).to_have_text(["First"])
    visitor.run("Second, but better")
    visitor.ended("completed")
    expect(page.get_by_label("Branches of this turn")).to_contain_text("2/2")
    page.get_by_role("link", name="Branch before").click()
    expect(page.get_by_label("Branches of this turn")).to_contain_text("1/2")
    assert page.locator("#prompt").input_value() == "Second"
    first, *branches = PromptExecution.objects.order_by("created_at")
    assert {each.parent_id for each in branches} == {first.id}
    assert all(each.request["messages"][0]["content"] == "First" for each in branches)
    page.get_by_role("button", name="Again").click()
    page.locator(f"article:not([data-execution-id='{branches[0].id}'])").wait_for()
    visitor.ended("completed")
    assert PromptExecution.objects.filter(parent=first).count() == 3
    page.locator(".thread").get_by_role("link", name="Edit").click()
    expect(page.locator("article")).to_have_attribute("data-execution-id", str(first.id))


def test_a_turn_streams_below_what_was_said(visitor: Visitor):
    page = visitor.page
    visitor.run("First", model=ECHO)
    visitor.ended("completed")
    page.get_by_role("link", name="Continue").click()
    visitor.run("Second", model=SLOW)
    expect(page.locator("article[data-live] .thread .turn")).to_have_count(1)
    visitor.ended("completed")
    expect(page.locator("article .thread .turn")).to_have_count(1)


def test_a_thumb_is_one_click(visitor: Visitor):
    page = visitor.page
    visitor.run("Rate me", model=ECHO)
    visitor.ended("completed")
    page.get_by_role("button", name="Good answer").click()
    expect(page.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Bad answer").click()
    expect(page.get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")
    assert ExecutionRating.objects.get().thumb == "down"
    page.reload()
    expect(page.get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")


def test_a_run_becomes_a_template(visitor: Visitor):
    page = visitor.page
    visitor.choose(ECHO)
    page.locator("#prompt").fill("Greet {{name}} kindly.")
    page.get_by_label("name", exact=True).fill("Ada")
    page.keyboard.press("Control+Enter")
    visitor.ended("completed")
    page.get_by_role("link", name="Save as template").click()
    assert page.get_by_label("Prompt", exact=True).input_value() == "Greet {{name}} kindly."
    page.locator("#name").fill("Kind greeting")
    page.locator("#category").fill("Trials")
    page.locator("#save").click()
    expect(page.locator("h1")).to_have_text("Kind greeting")
    made = PromptTemplate.objects.select_related("current").get(name="Kind greeting")
    assert made.content.variable_names == ["name"]
