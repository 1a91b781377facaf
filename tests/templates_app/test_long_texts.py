"""Texts as long as a run's: every door of a template takes them, and says so of longer ones."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from foundation.database.threads import in_database_thread
from foundation.rest.serializers import LONGEST_TEXT
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.conftest import BODY, MakeTemplate
from tests.templates_app.page_form import fields_of

__all__ = ["browser_of"]

LONGEST = "文" * (LONGEST_TEXT - 9) + "{{place}}"
"""Three megabytes as UTF-8, six where JSON escapes it."""
TOO_LONG = "x" * (LONGEST_TEXT + 1)


def said(content: Any) -> dict[str, Any]:
    """A turn of the user's."""
    return {"role": "user", "content": content}


@pytest.fixture
async def browser(author: Person, browser_of: BrowserOf) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"prompt": LONGEST}, lambda body: body["prompt"]),
        ({"prompt": "Hi {{place}}", "system_prompt": LONGEST}, lambda body: body["system_prompt"]),
        (
            {"prompt": None, "messages": [{"role": "user", "content": LONGEST}]},
            lambda body: body["messages"][0]["content"],
        ),
    ],
    ids=["prompt", "system prompt", "messages"],
)
async def test_the_longest_text_is_kept_and_rendered(author: Person, fields: dict[str, Any], told: Any):
    body = {name: value for name, value in {**BODY, **fields}.items() if value is not None}
    made = await author.post("/api/templates", body)
    assert made.status == 201, made.body
    assert told(made.body) == LONGEST
    assert "over-the-window" in {each["rule"] for each in made.body["lint"]}
    rendered = await author.post(f"/api/templates/{made.body['id']}/render", {"variables": {"place": "here"}})
    assert rendered.status == 200, rendered.body


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"prompt": TOO_LONG}, "prompt"),
        ({"prompt": "Hi", "system_prompt": TOO_LONG}, "system_prompt"),
        ({"messages": [{"role": "user", "content": TOO_LONG}]}, "messages.0.content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": TOO_LONG}]}]},
            "messages.0.content.0.text",
        ),
    ],
)
async def test_a_longer_text_is_refused_at_its_place(author: Person, fields: dict[str, Any], place: str):
    refused = await author.post("/api/templates/lint", fields)
    assert refused.status == 400
    assert [(each["field"], each["code"]) for each in refused.body["errors"]] == [(place, "max_length")]


async def test_the_longest_text_is_linted(author: Person):
    answer = await author.post("/api/templates/lint", {"prompt": LONGEST, "system_prompt": "x " * (LONGEST_TEXT // 2)})
    assert answer.status == 200
    assert [each["severity"] for each in answer.body["findings"] if each["rule"] == "over-the-window"] == ["warning"]


async def test_the_longest_text_goes_through_the_editor(author: Person, browser: Browser):
    page = await browser.get("/templates/new")
    assert 'hx-encoding="multipart/form-data"' in page.text
    assert 'enctype="multipart/form-data"' in page.text
    fields = {**fields_of(page.text), "name": "Long", "category": "Writing", "prompt": LONGEST}
    drafted = await browser.post("/templates/draft", form=as_parts(fields))
    assert "Longer than the model" in drafted.text
    made = await browser.post("/templates/new", form=as_parts(fields))
    assert made.status == 302, made.text[:300]
    kept = await author.get("/api/templates" + made.headers["Location"].removeprefix("/templates"))
    assert kept.body["prompt"] == LONGEST


async def test_the_longest_text_is_exported_and_imported(author: Person, stranger: Person, make_template: MakeTemplate):
    made = await make_template(prompt=LONGEST)
    document = await author.get(f"/api/templates/{made['id']}/export")
    assert document.status == 200
    taken = await stranger.post("/api/templates/import", data=json.dumps(document.body, ensure_ascii=False).encode())
    assert taken.status in (200, 201), taken.body


def as_parts(fields: dict[str, str]) -> Any:
    """The form as the editor sends it: unescaped."""
    data = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        data.add_field(name, value)
    return data
