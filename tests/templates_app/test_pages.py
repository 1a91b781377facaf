"""Template pages without a script: forms that work, refusals that keep what was typed, doors that stay shut."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.conftest import MakeTemplate
from tests.templates_app.page_form import errors_of, fields_of

__all__ = ["browser_of"]

FORM = {
    "name": "Typed",
    "category": "Letters",
    "prompt": "Dear {{whom}},\r\nkeep this.",
    "tags": "a, b",
    "engine": "plain",
}
PAGES = ["", "/edit", "/versions", "/share", "/preview", "/labels/history?label=production"]
ACTS = {
    "/rendering": {},
    "/edit": FORM,
    "/restore": {"version": "1"},
    "/labels": {"label": "production", "version": "1"},
    "/labels/rollback": {"label": "production"},
    "/labels/remove": {"label": "production"},
    "/labels/protect": {"label": "production"},
    "/labels/ask": {"label": "production", "wanted": "1", "reason": "x"},
    "/share": {"visibility": "public"},
    "/rate": {"rating": "5"},
    "/favourite": {"is_favourite": "true"},
    "/fork": {},
    "/delete": {},
    "/undelete": {},
}
READERS_MAY = {"/rendering", "/rate", "/favourite", "/fork"}


@pytest.fixture
async def browser(author: Person, browser_of: BrowserOf) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


@pytest.fixture
async def others_browser(stranger: Person, browser_of: BrowserOf) -> Browser:
    """The stranger's browser."""
    return await in_database_thread(browser_of, stranger)


def page_of(template: dict[str, Any], rest: str = "") -> str:
    """The template's page."""
    return f"/templates/{template['id']}{rest}"


async def test_a_plain_form_saves(browser: Browser, author: Person):
    made = await browser.post("/templates/new", form={**FORM, "note": "By hand", "parameters.temperature": "0.3"})
    assert (made.status, made.headers["Location"][:11]) == (302, "/templates/")
    template = (await author.get(f"/api{made.headers['Location']}")).body
    assert template["prompt"] == "Dear {{whom}},\nkeep this."
    assert (template["variables"], template["tags"]) == (["whom"], ["a", "b"])
    assert (template["default_parameters"], template["visibility"]) == ({"temperature": 0.3}, "private")
    versions = (await author.get(f"/api{made.headers['Location']}/versions")).body["results"]
    assert [each["note"] for each in versions] == ["By hand"]


async def test_saving_what_is_there_makes_no_version(browser: Browser, author: Person, make_template: MakeTemplate):
    rules = [{"rule": "max_length", "value": 9}, {"rule": "enum", "value": ["a", "", '"b"', "c\nd"]}]
    listed = [
        {"name": "odd", "default_value": "", "validation_rules": rules},
        {"name": "many", "type": "array", "default_value": [1, None], "required": False},
        {"name": "how", "type": "object", "validation_rules": [{"rule": "schema", "value": {"type": "object"}}]},
        {"name": "yes", "type": "boolean", "default_value": False, "description": "Whether"},
    ]
    parameters = {"temperature": 0.5, "seed": 7, "stop_sequences": ["END"]}
    made = await make_template(
        prompt="\n{{odd}} {{many}} {{how}} {{yes}}\n", variables=listed, default_parameters=parameters
    )
    editor = await browser.get(page_of(made, "/edit"))
    saved = await browser.post(page_of(made, "/edit"), form=fields_of(editor.text))
    assert saved.status == 302, errors_of(saved.text)
    now = (await author.get(f"/api{page_of(made)}")).body
    assert (now["version"], now["content_hash"]) == (1, made["content_hash"])


async def test_a_refused_form_comes_back_with_all_that_was_typed(browser: Browser):
    typed = {**FORM, "name": "", "more": "{no json", "variables.3.name": "whom", "variables.3.type": "number"}
    refused = await browser.post("/templates/new", form={**typed, "variables.3.default_value": "canary"})
    assert refused.status == 400
    fields = fields_of(refused.text)
    assert (fields["prompt"], fields["more"]) == ("Dear {{whom}},\nkeep this.", "{no json")
    assert fields["variables.3.default_value"] == "canary"
    assert "No JSON" in refused.text
    refused = await browser.post("/templates/new", form={**typed, "more": "", "variables.3.default_value": "canary"})
    assert [error for error in errors_of(refused.text) if error] == [
        "Name must not be empty.",
        'whom must be of type number; "canary" is not.',
    ]


async def test_a_conflict_shows_both_texts_and_saves_on_the_second_try(
    browser: Browser, author: Person, make_template: MakeTemplate
):
    made = await make_template()
    form = fields_of((await browser.get(page_of(made, "/edit"))).text)
    await author.call("PATCH", f"/api{page_of(made)}", {"prompt": "Theirs {{name}}"})
    late = await browser.post(page_of(made, "/edit"), form={**form, "prompt": "Mine {{name}}"})
    assert late.status == 409
    assert "<del>Theirs</del>" in late.text
    assert "<ins>Mine</ins>" in late.text
    again = fields_of(late.text)
    assert (again["prompt"], again["base_version"]) == ("Mine {{name}}", "2")
    assert (await browser.post(page_of(made, "/edit"), form=again)).status == 302
    assert (await author.get(f"/api{page_of(made)}")).body["version"] == 3


async def test_strangers_find_no_page(make_template: MakeTemplate, others_browser: Browser):
    made = await make_template()
    for template in (made, {"id": uuid4()}):
        for page in PAGES:
            for headers in ({}, {"HX-Request": "true"}):
                answer = await others_browser.get(page_of(template, page), headers=headers)
                assert answer.status in (404, 302), page
                assert "Greet" not in unescape(answer.text)
        for act, form in ACTS.items():
            assert (await others_browser.post(page_of(template, act), form=form)).status == 404, act
    assert made["name"] not in (await others_browser.get("/templates")).text


async def test_readers_read_and_change_nothing(make_template: MakeTemplate, author: Person, others_browser: Browser):
    made = await make_template(is_public=True)
    await author.call("PUT", f"/api{page_of(made)}/labels/production", {"version": 1})
    for page in PAGES:
        answer = await others_browser.get(page_of(made, page))
        assert answer.status == {"/edit": 403, "/share": 403, "/preview": 302}.get(page, 200), page
    for act, form in ACTS.items():
        answer = await others_browser.post(page_of(made, act), form=form)
        assert answer.status in ((200, 302) if act in READERS_MAY else (403,)), act
    now = (await author.get(f"/api{page_of(made)}")).body
    assert (now["version"], now["labels"], now["visibility"]) == (1, {"production": 1}, "public")


async def test_acts_need_a_csrf_token_and_a_post(make_template: MakeTemplate, browser: Browser):
    made = await make_template()
    for act, form in ACTS.items():
        assert (await browser.post(page_of(made, act), form=form, has_csrf_token=False)).status == 403, act
        if act not in PAGES:
            assert (await browser.get(page_of(made, act))).status == 302, act


@pytest.mark.parametrize("path", ["/templates", "/templates?page=2", "{}/versions", "{}/share"])
async def test_a_page_and_its_part_are_told_apart_by_caches(make_template: MakeTemplate, browser: Browser, path: str):
    address = path.format(page_of(await make_template()))
    whole = await browser.get(address)
    part = await browser.get(address, headers={"HX-Request": "true"})
    assert (whole.status, part.status) == (200, 200)
    assert ("<!DOCTYPE html>" in whole.text, "<!DOCTYPE html>" in part.text) == (True, False)
    assert all("HX-Request" in answer.headers["Vary"] for answer in (whole, part))


@pytest.mark.parametrize("query", ["ordering=x", "owner=x", "page=0", "page=99", "favourite=maybe", "tag=%F0%9F%98%80"])
async def test_odd_queries_show_a_library(browser: Browser, query: str):
    assert (await browser.get(f"/templates?{query}")).status == 200


async def test_a_jinja2_text_that_is_none_is_told_at_the_prompt(browser: Browser):
    broken = {**FORM, "engine": "jinja2", "prompt": "{% if x %}"}
    refused = await browser.post("/templates/new", form=broken)
    assert refused.status == 400
    assert any("Line 1" in error for error in errors_of(refused.text))
    looked_at = await browser.post("/templates/draft", form=broken, headers={"HX-Request": "true"})
    assert looked_at.status == 200


@pytest.mark.parametrize(
    "untouched",
    [{}, {"is_conversation": "1", "turns.0.role": "user", "turns.0.content": ""}, {"engine": "jinja2"}],
    ids=["prompt", "conversation", "jinja2"],
)
async def test_an_untouched_editor_is_not_in_error(browser: Browser, untouched: dict[str, str]):
    pages = [(await browser.get("/templates/new")).text]
    for path in ("/templates/draft", "/templates/turns"):
        pages.append((await browser.post(path, form={"prompt": "", "engine": "plain", **untouched})).text)
    for page in pages:
        assert "notice-failed" not in page
        assert errors_of(page) == []
        assert "What is sent appears here as you write it." in page


async def test_a_prompt_that_comes_after_its_system_prompt_is_not_in_error(browser: Browser):
    written = {"system_prompt": "Be kind.", "prompt": "", "engine": "plain"}
    turns = {"is_conversation": "1", "turns.0.role": "system", "turns.0.content": "Be kind."}
    for form in (written, {**turns, "engine": "plain", "turns.1.role": "user", "turns.1.content": ""}):
        page = (await browser.post("/templates/draft", form=form)).text
        assert "notice-failed" not in page
        assert "finding-error" not in page
        assert "Be kind." in page
        saved = await browser.post("/templates/new", form={**FORM, **form})
        assert saved.status == 400
        assert errors_of(saved.text)


async def test_a_turn_that_was_just_added_is_not_in_error(browser: Browser):
    form = {"is_conversation": "1", "engine": "jinja2", "turns.0.role": "user", "turns.0.content": "Say this."}
    added = await browser.post("/templates/turns", form={**form, "act": "add"})
    looked_at = await browser.post(
        "/templates/draft", form={**form, "turns.1.role": "assistant", "turns.1.content": ""}
    )
    for page in (added.text, looked_at.text):
        assert "notice-failed" not in page
        assert "finding-error" not in page
        assert "Nothing is written yet in turn 2." in page
        assert re.search(r'aria-label="Rendered turn 1"[^>]*>Say this.<', page)
    written = {**form, "turns.1.role": "assistant", "turns.1.content": "{% if false %}Hello{% endif %}"}
    assert "renders to nothing" in (await browser.post("/templates/draft", form=written)).text


async def test_a_trial_that_nobody_has_filled_in_is_not_in_error(browser: Browser, author: Person):
    fields = {"variables": [{"name": "text", "type": "string", "required": False}], "category": "Letters"}
    answer = await author.post(
        "/api/templates", {"name": "Tried", "messages": [{"role": "user", "content": "{{text}}"}], **fields}
    )
    made = dict(answer.body)
    rendering = page_of(made, "/rendering")
    untouched = await browser.post(rendering, form={"variables.text": ""}, headers={"HX-Request": "true"})
    assert untouched.status == 200
    assert "notice-failed" not in untouched.text
    assert "What will be sent appears here" in untouched.text
    asked_for = await browser.post(rendering, form={"variables.text": ""})
    assert "notice-failed" in asked_for.text
