"""A gate in the browser: a test becomes a suite, the suite holds a label, and a second person lets one move pass."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from templates_app.content import Content
from templates_app.models import PromptTemplate
from templates_app.versions import lifecycle
from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.test_evaluations import ended_of
from tests.browser.test_everybody import violations
from tests.cast import new_user

CASES = "word\texpected\n" + "\n".join(f"{word}\tSay {word}" for word in ("one", "two", "three", "four", "five"))


def of_admin(*prompts: str) -> PromptTemplate:
    """A template of the visitor's, with a version a prompt."""
    owner = User.objects.get(username="admin")
    change = lifecycle.Change({"name": "Echoes", "category": "C"}, Content(prompts[0]))
    template = lifecycle.create(owner=owner, change=change)
    for prompt in prompts[1:]:
        _save(template, owner, Content(prompt))
    return template


def _save(template: PromptTemplate, owner: User, content: Content) -> None:
    lifecycle.save(user=owner, template_id=template.id, change_of=lambda _: lifecycle.Change({}, content))


def shared_with_a_colleague(template: PromptTemplate) -> User:
    """Somebody who may move its labels too."""
    colleague = new_user(name="Colleague")
    template.members.create(user=colleague, role="editor")
    PromptTemplate.objects.filter(id=template.id).update(visibility="shared")
    return colleague


def kept_as_a_suite(visitor: Visitor, template: PromptTemplate) -> Page:
    """A test of version 1, and the suite that it became, with a gate."""
    page = ended_of(visitor, template, name="Echoes say it", cases=CASES, runs="3")
    page.get_by_role("button", name="Keep as a suite").click()
    page.wait_for_url(re.compile(r"/evaluations/suites/"))
    page.locator("#label").fill("production")
    page.get_by_role("button", name="Set the gate").click()
    expect(page.locator("main")).to_contain_text("“production” moves to a version only after these tests have passed")
    return page


def moves(visitor: Visitor, template: PromptTemplate, version: int) -> None:
    """Asks for the move on the page of the versions."""
    visitor.open(f"/templates/{template.id}/versions")
    page = visitor.page
    page.locator("#new-label").fill("production")
    page.locator("#new-label-version").select_option(str(version))
    page.get_by_role("button", name="Set label").click()


def moved_when_through(visitor: Visitor, template: PromptTemplate, version: int) -> None:
    """Asks, waits for the gate on its own page, and asks again."""
    moves(visitor, template, version)
    expect(visitor.page.locator("h2").first).to_contain_text("looks at this version first")
    visitor.page.get_by_role("link", name="See what the gate found").click()
    expect(visitor.page.locator("#suite")).to_have_attribute("data-status", re.compile("passed|failed|not_judged"))
    moves(visitor, template, version)


def test_a_gate_refuses_a_label_until_somebody_else_signs(visit: Visit, visitor: Visitor) -> None:
    template = of_admin("Say {{word}}", "Tell {{word}}")
    colleague = visit(user=shared_with_a_colleague(template))
    page = kept_as_a_suite(visitor, template)
    assert violations(visitor) == []
    moved_when_through(visitor, template, 1)
    expect(page.locator("body")).to_contain_text("“production” points at version 1")
    moved_when_through(visitor, template, 2)
    expect(page.locator("h1")).to_have_text("Not moved")
    expect(page.locator("h2").first).to_contain_text("refuses this version")
    expect(page.locator("main")).to_contain_text("Worse than version 1")
    expect(page.locator("main")).to_contain_text("ask somebody else")
    assert violations(visitor) == []
    page.get_by_role("link", name="See what the gate found").click()
    expect(page.locator(".verdict")).to_contain_text("Worse than version 1")
    expect(page.get_by_role("button", name="Sign")).to_have_count(0)
    assert violations(visitor) == []
    colleague.page.goto(page.url)
    colleague.page.locator("#reason").fill("The customer waits.")
    assert violations(colleague) == []
    colleague.page.get_by_role("button", name="Sign").click()
    expect(colleague.page.locator("body")).to_contain_text("may move once to version 2")
    moves(visitor, template, 2)
    expect(page.locator("body")).to_contain_text("“production” points at version 2 instead of version 1")
    page.locator(".label-row summary", has_text="History").click()
    expect(page.locator(".moves")).to_contain_text("The customer waits.")
    visitor.open("/evaluations/suites")
    expect(page.get_by_role("row", name=re.compile("Echoes say it"))).to_contain_text("production")
    page.get_by_role("link", name="Echoes say it").click()
    flag = page.locator("#suite .notice")
    expect(flag).to_contain_text("“production” points at version 2, which does not pass. Colleague let it through on")
    expect(flag).not_to_contain_text("Nothing was moved")
    assert violations(visitor) == []


def test_a_baseline_is_told_in_a_sentence(visitor: Visitor) -> None:
    template = of_admin("Say {{word}}", "Tell {{word}}")
    page = visitor.page

    def tested(version: int) -> None:
        visitor.open(f"/evaluations/new?template={template.id}&version={version}")
        page.locator("#name").fill(f"Version {version}")
        page.locator("#model_id").fill("openai/echo")
        page.locator("#cases").fill(CASES)
        page.get_by_role("button", name="Start").click()
        expect(page.locator("#evaluation")).to_have_attribute("data-status", "completed")

    tested(1)
    page.get_by_role("button", name="Make it the baseline").click()
    expect(page.locator("body")).to_contain_text("It is the baseline now")
    expect(page.locator(".evaluation-acts")).to_contain_text("The baseline since")
    expect(page.get_by_role("button", name="Make it the baseline")).to_have_count(0)
    tested(2)
    expect(page.locator(".baseline")).to_contain_text("Regression. Worse than the baseline by 100 points")
    expect(page.get_by_role("button", name="Make it the baseline")).to_have_count(1)
    assert violations(visitor) == []
    visitor.open("/evaluations")
    expect(page.get_by_role("row", name=re.compile("Version 2"))).to_contain_text("Regression")
    expect(page.get_by_role("row", name=re.compile("Version 1"))).not_to_contain_text("Regression")
    visitor.open("/evaluations/benchmarks")
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Echoes, version 1")
    expect(rows.nth(2)).to_contain_text("Echoes, version 2")
    assert violations(visitor) == []


@pytest.mark.parametrize(
    ("field", "value", "button"), [("hours", "0", "Set the clock"), ("cron", "* * * * *", "Set the clock"),
                                   ("label", "No Label", "Set the gate"), ("margin", "much", "Set the gate")]
)  # fmt: skip
def test_what_does_not_hold_is_refused_at_its_field(visitor: Visitor, field: str, value: str, button: str) -> None:
    page = kept_as_a_suite(visitor, of_admin("Say {{word}}"))
    page.locator(f"#{field}").fill(value)
    with page.expect_response(re.compile(r"/evaluations/suites/.*/(gate|schedule)$")) as answered:
        page.get_by_role("button", name=button).click()
    assert answered.value.status == 400
    expect(page.locator(f"#error-{field}")).not_to_be_empty()
    expect(page.locator(f"#{field}")).to_have_value(value)
    page.locator("#refused a").click()
    expect(page.locator(f"#{field}")).to_be_in_viewport()
    assert violations(visitor) == []


def test_a_suite_fits_a_phone(visit: Visit) -> None:
    visitor = visit(viewport=PHONE)
    page = kept_as_a_suite(visitor, of_admin("Say {{word}}"))
    page.locator("#cron").fill("0 6 * * 1-5")
    page.get_by_role("button", name="Set the clock").click()
    expect(page.locator("main")).to_contain_text("0 6 * * 1-5 (UTC)")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#suite")).to_have_attribute("data-status", "passed")
    for address in (page.url, "/evaluations/suites"):
        visitor.open(address.removeprefix(visitor.address))
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert violations(visitor) == []
