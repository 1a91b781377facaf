"""A template run on its own page, and carried to the playground with what was typed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESK, LONG, PHONE, Visit, Visitor
from tests.browser.templates import make
from tests.browser.test_everybody import violations


def fill(visitor: Visitor, name: str, value: str) -> None:
    """Types a value."""
    visitor.page.locator(f"#value-{name}").fill(value)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_template_is_run_where_it_stands(visit: Visit, size: ViewportSize) -> None:
    visitor = visit(viewport=size)
    page = visitor.page
    address = make(visitor, prompt="Greet {{name}} in {{language}}.")
    visitor.open(address)
    page.locator("#try-model").fill("openai/echo")
    page.locator("#value-name").focus()
    page.keyboard.type("Ada <b>")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#value-language")).to_be_focused()
    expect(page.locator("#error-variableslanguage")).not_to_be_empty()
    page.keyboard.type("Dutch")
    page.keyboard.press("Control+Enter")
    visitor.ended("completed")
    expect(page.locator("#output [data-answer]")).to_contain_text("Greet Ada <b> in Dutch.")
    expect(page.locator("#error-variableslanguage")).to_be_empty()
    fill(visitor, "name", "Ada <b> again")
    expect(page.locator("#rendering")).to_contain_text("Ada <b> again")
    fill(visitor, "name", "Ada <b>")
    expect(page.locator("article")).to_have_count(1)
    assert page.url.endswith(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert violations(visitor) == []
    first = page.locator("#output article").get_attribute("data-execution-id")
    page.locator("#output [data-again]").click()
    page.locator(f"#output article:not([data-execution-id='{first}'])").wait_for()
    visitor.ended("completed")
    assert page.url.endswith(address)
    page.reload()
    expect(page.locator("#value-language")).to_have_value("Dutch")
    expect(page.locator("#rendering")).to_contain_text("Greet Ada <b> in Dutch.")
    page.get_by_role("button", name="Open in playground").click()
    page.locator("#playground").wait_for()
    assert "Dutch" not in page.url
    expect(page.locator("[name='variables.language']")).to_have_value("Dutch")
    expect(page.locator("#picked-name")).to_contain_text("echo")


def test_the_facts_follow_a_run_in_place(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open(make(visitor, prompt="Say it."))
    facts, uses = page.locator("#template-facts"), page.locator("#uses")
    expect(uses).to_contain_text("Nowhere yet")
    expect(facts).to_contain_text("no runs yet")
    page.locator("#try-model").fill("openai/echo")
    page.locator("#run").click()
    visitor.ended("completed")
    expect(facts).not_to_contain_text("no runs yet")
    expect(facts).to_contain_text(re.compile(r"Uses\s+1\s"))
    expect(uses).to_contain_text("1 run")


def test_a_run_on_a_templates_page_is_stopped_by_its_key(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open(make(visitor, prompt="Write."))
    page.locator("#try-model").fill(LONG)
    page.locator("#run").click()
    page.locator("article[data-live] .caret").first.wait_for()
    expect(page.locator("#run")).to_have_attribute("data-state", "stop")
    page.keyboard.press("Escape")
    visitor.ended("cancelled")
    expect(page.locator("#run")).to_have_attribute("data-state", "run")


def test_values_as_at_first_come_back(visitor: Visitor) -> None:
    page = visitor.page
    variables: list[dict[str, Any]] = [{"name": "name", "default_value": "you"}]
    visitor.open(make(visitor, prompt="Greet {{name}}.", variables=variables))
    fill(visitor, "name", "Ada")
    expect(page.locator("#rendering")).to_contain_text("Greet Ada.")
    page.get_by_role("button", name="Values as at first").click()
    expect(page.locator("#rendering")).to_contain_text(re.compile("Greet you|appears here"))
    page.reload()
    expect(page.locator("#value-name")).to_have_value("")
