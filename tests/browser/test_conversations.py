"""Variables of a prompt, a template in the form, and turns that follow each other."""

from __future__ import annotations

import pytest
from playwright.sync_api import ViewportSize, expect

from accounts.models import User
from playground.models import ExecutionRating, PromptExecution
from templates_app.content import Content, Rule, Variable, VariableType
from templates_app.models import PromptTemplate
from templates_app.versions import lifecycle
from tests.browser.conftest import DESK, LONGEST_TASK, PHONE, SLOW, Visit, Visitor, tasks_of

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


def test_variables_are_marked_in_the_prompts_while_one_types(visitor: Visitor):
    page = visitor.page
    page.locator("#prompt").fill("Greet {{ name }}, not \\{{this}}.\n")
    page.locator("#system-prompt").fill("Be {{tone}}")
    expect(page.locator(".compose-prompt mark")).to_have_text(["{{ name }}"])
    expect(page.locator(".compose-system mark")).to_have_text(["{{tone}}"])
    page.locator("#prompt").fill("{{name}} says: " + "word and word, " * 1_400)
    page.locator("#prompt").press("Control+End")
    with tasks_of(page) as tasks:
        page.keyboard.type("and on and on", delay=20)
        expect(page.locator(".compose-prompt .marked-under")).to_contain_text("and on and on")
    assert len(page.locator("#prompt").input_value()) > 20_000
    assert max(tasks) <= LONGEST_TASK


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


def go_on(visitor: Visitor, text: str) -> None:
    """Sends the next turn from the composer beneath the conversation, by keyboard, and waits for its end."""
    page = visitor.page
    before = page.locator("article").get_attribute("data-execution-id")
    composer = page.get_by_label("Next turn", exact=True).and_(page.locator("textarea"))
    expect(page.locator("#reply-send")).to_be_enabled()
    composer.fill(text)
    page.keyboard.press("Control+Enter")
    page.locator(f"article:not([data-execution-id='{before}'])").wait_for()
    visitor.ended("completed")
    expect(composer).to_be_focused()
    expect(composer).to_have_value("")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_conversation_is_shown_at_its_newest_turn(visit: Visit, size: ViewportSize):
    visitor = visit(viewport=size)
    visitor.open()
    page = visitor.page
    newest = page.locator(".execution-scroll > .asked")
    visitor.run("\n".join(f"Line {number}" for number in range(80)), model=ECHO)
    visitor.ended("completed")
    go_on(visitor, "Second")
    for _ in range(2):
        expect(newest).to_contain_text("Second")
        expect(newest).to_be_in_viewport(ratio=1)
        page.reload()


def test_a_conversation_goes_on_beneath_its_turns(visitor: Visitor):
    page = visitor.page
    visitor.run("First", model=ECHO)
    visitor.ended("completed")
    page.get_by_role("link", name="Continue").click()
    expect(page.locator("#reply-text")).to_be_focused()
    go_on(visitor, "Second")
    expect(page.locator(".thread .turn .turn-prompt > p:not(.meta)")).to_have_text(["First"])
    # Left out by keyboard, and undone.
    leave = page.locator(".thread").get_by_label("Leave out")
    leave.focus()
    page.keyboard.press("Space")
    expect(page.locator(".thread .turn-left-out")).to_be_visible()
    go_on(visitor, "Third")
    expect(page.locator(".thread").get_by_label("Leave out").first).to_be_checked()
    page.locator(".thread").get_by_label("Leave out").first.press("Space")
    expect(page.locator(".thread .turn-left-out").first).to_be_hidden()
    page.get_by_text("Insert a turn by hand").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("What is asked")).to_be_focused()
    page.keyboard.type("And who are you?")
    # One side of two is refused; once it has both, nothing is left of the refusal.
    page.keyboard.press("Control+Enter")
    expect(page.locator("#error-written")).to_contain_text("A turn has two sides")
    page.get_by_label("What the assistant answers").fill("A parrot.")
    go_on(visitor, "Fourth")
    expect(page.locator("#error-written")).to_be_hidden()
    expect(page.locator(".reply-written")).not_to_have_attribute("open", "")
    expect(page.locator(".thread")).to_contain_text("Answer written by hand")
    first, second, third, fourth = PromptExecution.objects.order_by("created_at")
    assert (second.parent_id, third.parent_id, fourth.parent_id) == (first.id, second.id, third.id)
    said = [[turn["content"] for turn in run.request["messages"][::2]] for run in (second, third, fourth)]
    assert said == [["First"], ["Second"], ["First", "Second", "Third", "And who are you?"]]


def test_an_edited_turn_is_a_branch_by_name(visitor: Visitor):
    page = visitor.page
    visitor.run("First", model=ECHO)
    visitor.ended("completed")
    go_on(visitor, "Second")
    old = page.locator("article").get_attribute("data-execution-id")
    asked = page.locator(".asked")
    asked.locator("summary", has_text="Edit").focus()
    page.keyboard.press("Enter")
    expect(asked.get_by_label("Prompt of this turn")).to_be_focused()
    page.keyboard.type("!")
    page.reload()
    expect(asked.get_by_label("Prompt of this turn")).to_have_value("Second!")
    asked.get_by_label("Prompt of this turn").press("Control+Enter")
    page.locator(f"article:not([data-execution-id='{old}'])").wait_for()
    visitor.ended("completed")
    expect(page.get_by_role("region", name="Answer", exact=True)).to_be_focused()
    expect(page.get_by_label("Branches of this turn")).to_contain_text("2/2")
    # By keyboard from branch to branch: the focus stays at the act.
    page.get_by_role("link", name="Branch before").press("Enter")
    expect(page.get_by_label("Branches of this turn")).to_contain_text("1/2")
    expect(page.get_by_role("link", name="Next branch")).to_be_focused()
    first, *branches = PromptExecution.objects.order_by("created_at")
    assert {each.parent_id for each in branches} == {first.id}
    assert sorted(each.request["prompt"] for each in branches) == ["Second", "Second!"]


def test_an_answer_is_edited_where_it_stands(visitor: Visitor):
    page = visitor.page
    visitor.run("First", model=ECHO)
    visitor.ended("completed")
    page.locator(".answer-edit > summary").focus()
    page.keyboard.press("Enter")
    edited = page.get_by_label("The answer as you would have it")
    edited.fill("My own words")
    expect(page.locator("#reply")).to_contain_text("Your version of the answer above goes along")
    page.reload()
    page.locator(".answer-edit > summary").click()
    expect(edited).to_have_value("My own words")
    page.locator("#reply-text").fill("Second")
    edited.focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".thread .turn-written")).to_have_text("My own words")
    visitor.ended("completed")
    first, second = PromptExecution.objects.order_by("created_at")
    assert [turn["content"] for turn in second.request["messages"]] == ["First", "My own words"]
    assert "First" in first.answer["response"]


def test_what_is_typed_for_the_next_turn_stays_while_one_comes(visitor: Visitor):
    page = visitor.page
    visitor.run("First", model=ECHO)
    visitor.ended("completed")
    page.locator("#reply-text").fill("Second")
    visitor.choose(SLOW)
    page.locator("#reply-text").press("Control+Enter")
    expect(page.locator("article[data-live] .thread .turn")).to_have_count(1)
    page.locator("#reply-text").fill("typed meanwhile")
    page.keyboard.press("Control+Enter")
    visitor.ended("completed")
    expect(page.locator("#reply-text")).to_have_value("typed meanwhile")
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("typed meanwhile")
    assert PromptExecution.objects.count() == 2
    # Another tab has it, too, and each is told of what the other has typed since.
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#reply-text")).to_have_value("typed meanwhile")
    other.locator("#reply-text").fill("typed in the other tab")
    expect(page.locator("#reply")).to_contain_text("Newer text from another tab: typed in the other tab")
    expect(page.locator("#reply-text")).to_have_value("typed meanwhile")
    page.get_by_role("button", name="Take it").click()
    expect(page.locator("#reply-text")).to_have_value("typed in the other tab")
    other.close()
    # It is this conversation's: another one has its own.
    visitor.call_a_tool()
    expect(page.locator("#reply-text")).to_have_value("")
    page.go_back()
    expect(page.locator("#reply-text")).to_have_value("typed in the other tab")
    page.locator("#reply-text").fill("")


def test_a_thumb_is_one_click(visitor: Visitor):
    page = visitor.page
    visitor.run("Rate me", model=ECHO)
    visitor.ended("completed")
    page.get_by_role("radio", name="Good answer").click()
    expect(page.get_by_role("radio", name="Good answer")).to_be_checked()
    page.get_by_role("radio", name="Bad answer").click()
    expect(page.get_by_role("radio", name="Bad answer")).to_be_checked()
    expect(page.locator("#thumbs.htmx-request")).to_have_count(0)
    assert ExecutionRating.objects.get().thumb == "down"
    page.reload()
    expect(page.get_by_role("radio", name="Bad answer")).to_be_checked()


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
