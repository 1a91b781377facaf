"""The editor of templates: what is typed is kept in step, advised, refused in place, and never lost."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from playwright.sync_api import expect

from accounts.models import User
from tests.browser.conftest import Visitor
from tests.browser.templates import Sign, make, sign_in_as

__all__ = ["sign_in_as"]

TYPED = "Greet {{name}} in {{lang}}."


def variables(visitor: Visitor) -> list[str]:
    """The names in the editor's rows."""
    return visitor.page.locator("#variables [data-name]").all_inner_texts()


def row_of(visitor: Visitor, name: str) -> Any:
    """The row of one variable."""
    named = visitor.page.locator("[data-name]", has_text=re.compile(rf"^{name}$"))
    return visitor.page.locator("#variables .variable", has=named)


def test_variables_stay_in_step_with_the_text(visitor: Visitor) -> None:
    page = visitor.page
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.get_by_role("link", name="New template").click()
    page.get_by_label("Name", exact=True).fill("Greeting")
    page.get_by_label("Category").fill("Letters")
    prompt = page.locator("#prompt")
    prompt.click()
    page.keyboard.type(TYPED)
    assert variables(visitor) == ["name", "lang"]
    expect(page.locator("#prompt + .field-error, .mark-declared")).to_have_text(["{{name}}", "{{lang}}"])
    row_of(visitor, "lang").get_by_label("Type", exact=True).select_option("number")
    prompt.fill(TYPED.replace("lang", "language"))
    assert variables(visitor) == ["name", "language"]
    expect(row_of(visitor, "language").get_by_label("Type", exact=True)).to_have_value("number")
    row_of(visitor, "name").get_by_label("Sample").fill("Ada")
    expect(page.locator("#draft")).to_contain_text("Greet Ada in 1.")
    prompt.fill("Greet {{name}}.")
    expect(row_of(visitor, "language").get_by_text("not in the texts")).to_be_visible()
    row_of(visitor, "language").get_by_role("button", name="Remove").click()
    assert variables(visitor) == ["name"]
    page.get_by_label("Note on this version").fill("The first")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast-done")).to_contain_text("Saved as version 1.")
    expect(page.locator("h1")).to_have_text("Greeting")
    expect(page.locator(".mark-declared")).to_have_text("{{name}}")
    expect(page.locator(".detail-side")).to_contain_text("The first")


def test_what_jinja2_uses_gets_its_rows_from_the_server(visitor: Visitor) -> None:
    visitor.open("/templates/new")
    page = visitor.page
    page.locator("#engine").select_option("jinja2")
    page.locator("#prompt").fill("{% for item in items %}{{ item }} of {{ whole }}{% endfor %}")
    expect(page.locator("#variables [data-name]")).to_have_text(["items", "whole"])
    row_of(visitor, "items").get_by_label("Type", exact=True).select_option("array")
    expect(page.locator("#draft .text")).to_have_text("… of [whole]")


def test_advice_stands_beside_the_text_and_leads_to_its_place(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open(make(visitor, prompt="Summarise {{text}} very briefly.\nWrite to 😀 jane.doe@bicycles.at.") + "/edit")
    finding = page.locator(".finding", has_text="e-mail address").first
    expect(finding).to_be_visible()
    finding.locator("summary").click()
    expect(finding.locator(".finding-example")).to_be_visible()
    finding.locator("[data-jumps]").click()
    expect(page.locator("#prompt")).to_be_focused()
    chosen = "(field) => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert page.locator("#prompt").evaluate(chosen) == "jane.doe@bicycles.at"
    marked = page.locator(".marked-under :is(.mark-error, .mark-warning, .mark-info)")
    expect(marked.filter(has_text="jane.doe@bicycles.at")).to_have_count(1)
    page.keyboard.press("Control+Home")
    page.keyboard.type("Now: ")
    expect(marked.filter(has_text="jane.doe@bicycles.at")).to_have_count(1)
    finding.locator("[data-jumps]").focus()
    page.keyboard.press("Enter")
    assert page.locator("#prompt").evaluate(chosen) == "jane.doe@bicycles.at"
    page.keyboard.press("End")
    page.keyboard.type(" and max.muster@bicycles.at")
    expect(marked.filter(has_text="@bicycles.at")).to_have_count(2)
    page.locator("#prompt").fill("Summarise this: {{text}}")
    expect(page.locator(".finding", has_text="e-mail address")).to_have_count(0)
    expect(marked.filter(has_text="@bicycles.at")).to_have_count(0)


def test_a_refusal_stands_at_its_field_and_loses_nothing(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/templates/new")
    page.locator("#prompt").fill("Count to {{number}}.")
    row = row_of(visitor, "number")
    row.get_by_label("Type", exact=True).select_option("number")
    row.get_by_label("Default").fill("many")
    expect(row.locator(".field-error:not(:empty)")).to_contain_text("must be of type number")
    page.locator("#save").click()
    expect(page.locator("#name")).to_be_focused()
    expect(page.locator("#error-name")).not_to_be_empty()
    expect(page.locator("#error-category")).not_to_be_empty()
    expect(row.locator(".field-error:not(:empty)")).to_contain_text("must be of type number")
    row.locator("summary").click()
    row.get_by_label("At least").fill("10")
    row.get_by_label("At most").fill("5")
    row.get_by_label("Default").fill("")
    expect(row.locator(".field-error:not(:empty)")).to_contain_text("no value could fit")
    expect(page.locator("#prompt")).to_have_value("Count to {{number}}.")


def test_what_was_typed_survives_a_reload_and_an_expired_sign_in(visitor: Visitor, sign_in_as: Sign) -> None:
    page = visitor.page
    visitor.open("/templates/new")
    page.locator("#name").fill("Unsaved")
    page.locator("#category").fill("Letters")
    page.locator("#prompt").fill("Dear {{whom}},")
    row_of(visitor, "whom").locator(".variable-about .input").fill("Who gets it")
    page.reload()
    expect(page.locator("#draft-told")).to_be_visible()
    expect(page.locator("#prompt")).to_have_value("Dear {{whom}},")
    expect(row_of(visitor, "whom").locator(".variable-about .input")).to_have_value("Who gets it")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("#save").click()
    page.wait_for_url("**/login?next=/templates/new")
    sign_in_as(visitor, User.objects.get(username="admin"))
    visitor.open("/templates/new")
    expect(page.locator("#name")).to_have_value("Unsaved")
    page.locator("#save").click()
    expect(page.locator("h1")).to_have_text("Unsaved")
    visitor.open("/templates/new")
    expect(page.locator("#name")).to_have_value("")
    page.locator("#name").fill("Given up")
    page.reload()
    page.get_by_role("button", name="Discard it").click()
    expect(page.locator("#name")).to_have_value("")


def test_two_texts_become_a_conversation_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    visitor.open("/templates/new")
    page = visitor.page
    page.locator("#name").fill("Talk")
    page.locator("#category").fill("Letters")
    page.locator("#prompt").fill("Greet {{name}}.")
    page.get_by_role("button", name="As conversation").click()
    expect(page.locator(".turn")).to_have_count(1)
    page.get_by_role("button", name="Add a turn").click()
    page.locator("#turn-1").fill("Hello {{name}} and {{other}}.")
    page.get_by_role("button", name="Add a placeholder").click()
    expect(page.locator(".turn")).to_have_count(3)
    page.get_by_role("button", name="Take turn 3 up").click()
    expect(page.locator("#turn-1")).to_have_value("Hello {{name}} and {{other}}.")
    assert sorted(variables(visitor)) == ["history", "name", "other"]
    page.locator("#turn-1").fill("Hello.")
    page.reload()
    expect(page.locator("#turn-1")).to_have_value("Hello.")
    expect(page.locator("#name")).to_have_value("Talk")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/templates/[0-9a-f-]{36}$"))
    expect(page.locator("main")).to_contain_text("{history}")
