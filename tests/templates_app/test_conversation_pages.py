"""The editor and the playground with whole calls, as a browser without scripts has them."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from templates_app.pages.presentation.values import pretty
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.servers.service import Service
from tests.templates_app.page_form import errors_of, fields_of
from tests.templates_app.whole_calls import FORMAT, PICTURE, TOOL, TURNS, made_of, sent_with

__all__ = ["browser_of"]

FORM = {"name": "Typed", "category": "Letters", "engine": "plain"}
PARTS = {"role": "user", "content": [{"type": "text", "text": "{{text}}"}, {"type": "image", **PICTURE}]}


@pytest.fixture
async def browser(author: Person, browser_of: BrowserOf) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


async def after(browser: Browser, form: dict[str, str], act: str) -> dict[str, str]:
    """The form's fields after one of its buttons."""
    answer = await browser.post("/templates/turns", form={**form, "act": act})
    assert answer.status == 200
    return fields_of(answer.text)


def turns_in(form: dict[str, str]) -> list[tuple[str, str]]:
    """Roles and texts of the form's turns."""
    count = sum(name.endswith(".role") for name in form)
    return [(form[f"turns.{n}.role"], form[f"turns.{n}.content"]) for n in range(count)]


async def test_two_texts_become_turns_that_move_and_are_saved(browser: Browser, author: Person):
    form = {**FORM, "prompt": "Dear {{whom}},\r\nhello.", "system_prompt": "Be kind.", "note": "By hand"}
    form = await after(browser, form, "as-conversation")
    assert turns_in(form) == [("system", "Be kind."), ("user", "Dear {{whom}},\nhello.")]
    assert form["name"] == "Typed"
    form = await after(browser, form, "add")
    form["turns.2.content"] = "Of course."
    form = await after(browser, form, "add-placeholder")
    assert [role for role, _ in turns_in(form)] == ["system", "user", "placeholder", "assistant"]
    form = await after(browser, form, "down.2")
    form = await after(browser, form, "add")
    form = await after(browser, form, "remove.4")
    form = await after(browser, form, "up.3")
    assert [role for role, _ in turns_in(form)] == ["system", "user", "placeholder", "assistant"]
    saved = await browser.post("/templates/new", form=form)
    assert saved.status == 302, errors_of(saved.text)
    told = (await author.get(f"/api{saved.headers['Location']}")).body
    assert told["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Dear {{whom}},\nhello."},
        {"placeholder": "history"},
        {"role": "assistant", "content": "Of course."},
    ]
    assert [(each["name"], each["type"]) for each in told["variable_definitions"]] == [
        ("whom", "string"),
        ("history", "messages"),
    ]


async def test_a_conversation_of_two_goes_back_to_two_texts(browser: Browser):
    form = await after(browser, {**FORM, "prompt": "p", "system_prompt": "s"}, "as-conversation")
    form = await after(browser, form, "as-simple")
    assert (form["prompt"], form["system_prompt"], turns_in(form)) == ("p", "s", [])
    form = await after(browser, {**FORM, "prompt": "p"}, "as-conversation")
    longer = await after(browser, form, "add")
    assert turns_in(await after(browser, longer, "as-simple")) == [("user", "p"), ("assistant", "")]
    assert (
        turns_in(await after(browser, longer, "up.9"))
        == turns_in(await after(browser, longer, "odd"))
        == turns_in(longer)
    )


async def test_saving_a_whole_call_as_it_is_makes_no_version(browser: Browser, author: Person):
    made = await made_of(
        author,
        messages=[*TURNS[:-1], PARTS],
        tools=[TOOL],
        response_format=FORMAT,
        model_id="openai/gpt-4o",
        default_parameters={"seed": 7},
    )
    form = fields_of((await browser.get(f"/templates/{made['id']}/edit")).text)
    saved = await browser.post(f"/templates/{made['id']}/edit", form=form)
    assert saved.status == 302, errors_of(saved.text)
    now = (await author.get(f"/api/templates/{made['id']}")).body
    assert (now["version"], now["content_hash"]) == (1, made["content_hash"])


async def test_a_refusal_stands_at_its_turn_and_loses_nothing(browser: Browser):
    form: dict[str, str] = {
        **FORM,
        "is_conversation": "1",
        "turns.0.role": "user",
        "turns.0.content": "One",
        "turns.1.role": "system",
        "turns.1.content": "Late",
        "turns.2.role": "user",
        "turns.2.content": "[{]",
        "turns.2.parts": "1",
        "tools": "[{}]",
        "response_format": "{",
    }
    refused = await browser.post("/templates/new", form=form)
    assert refused.status == 400
    assert any("No JSON" in message for message in errors_of(refused.text))
    refused = await browser.post("/templates/new", form={**form, "response_format": ""})
    assert refused.status == 400
    told = " ".join(errors_of(refused.text))
    assert "A system turn stands before all others" in told
    assert "Text, or a list" in told
    assert "letters, digits" in told
    kept = fields_of(refused.text)
    assert turns_in(kept) == [("user", "One"), ("system", "Late"), ("user", "[{]")]
    assert kept["tools"] == "[{}]"


async def test_the_pages_of_a_whole_call_show_it(browser: Browser, author: Person):
    made = await made_of(author, tools=[TOOL], response_format=FORMAT, model_id="openai/gpt-4o")
    shown = unescape((await browser.get(f"/templates/{made['id']}")).text)
    for text in ("1. system", "Great!", "4. {history}", "look_up", "openai/gpt-4o"):
        assert text in shown
    values = {"variables.what": "reviews", "variables.text": "So-so"}
    history = '[{"role": "user", "content": "Awful."}]'
    rendered = await browser.post(f"/templates/{made['id']}/rendering", form={**values, "variables.history": history})
    assert "You classify reviews." in rendered.text
    assert "Awful." in rendered.text
    refused = await browser.post(f"/templates/{made['id']}/rendering", form={**values, "variables.history": "[1]"})
    assert "A message is an object" in unescape(refused.text)
    await author.call("PATCH", f"/api/templates/{made['id']}", {"messages": TURNS[1:], "tools": []})
    difference = unescape((await browser.get(f"/templates/{made['id']}/versions?from=1&to=2")).text)
    assert "system, gone" in difference
    assert "look_up" in difference


async def test_the_playground_opens_fills_and_runs_it(
    browser: Browser, author: Person, provider: str, service: Service
):
    made = await made_of(author, tools=[TOOL], response_format=FORMAT, model_id=f"{provider}/echo")
    page = (await browser.get(f"/?template={made['id']}")).text
    assert "Great!" in page
    assert 'name="variables.history"' in page
    form: dict[str, Any] = {
        "model_id": f"{provider}/echo",
        "template_id": made["id"],
        "template_version": "1",
        "prompt": "Classify: {{text}}",
        "system_prompt": "",
        "parameters.response_format": "json_schema",
        "schema": pretty(FORMAT["json_schema"]["schema"]).replace("\n", "\r\n"),
        "variables.what": "reviews",
        "variables.text": "From the page",
        "variables.history": '[{"role": "user", "content": "Awful."}]',
    }
    started = await browser.post("/executions", form=form)
    assert started.status == 302, started.text
    sent = await sent_with(service, "Classify: From the page")
    assert [each["role"] for each in sent["messages"]] == ["system", "user", "assistant", "user", "user"]
    assert [each["function"]["name"] for each in sent["tools"]] == ["look_up"]
    assert sent["response_format"] == FORMAT
    refused = await browser.post("/executions", form={**form, "variables.history": '[{"role": "tool"}]'})
    assert refused.status == 400
    assert "One of system, user, assistant" in refused.text
    assert "Great!" in refused.text
