"""What is saved as it was is no change: from the editor, in whose fields nobody typed, and over the API."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from templates_app.models import TemplateVersion
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.conftest import MakeTemplate
from tests.templates_app.page_form import fields_of
from tests.templates_app.test_versions import at

__all__ = ["browser_of"]

TALK: list[dict[str, Any]] = [
    {"role": "system", "content": "Be\r\nkind.\r\n"},
    {"placeholder": "history"},
    {"role": "user", "content": [{"type": "text", "text": "Look\r\nat {{it}}"}, {"type": "text", "text": " \n"}]},
    {"role": "assistant", "content": "\n\nYes? "},
    {"role": "user", "content": "{{it}}\r\n"},
]
TOOL = {"name": "look_up", "description": "It\r\nlooks.", "parameters": {"type": "object", "properties": {}}}
ODD: dict[str, dict[str, Any]] = {
    "tags": {"tags": ["a,b", 'say "hi"', "plain", '"quoted"', "a, b , c"]},
    "a_tag_with_a_break": {"tags": ["two\nlines", "x"]},
    "crlf": {"prompt": "a\r\nb {{x}}\r\n", "system_prompt": "c\r\nd"},
    "ends": {"prompt": "\n\n a {{x}} \n\n\n", "system_prompt": "\r\n b\r\n"},
    "mixed": {"prompt": "a\r\nb\nc\rd\n\r{{x}}"},
    "description": {"description": "  What\r\nit is \n"},
    "numbers": {"default_parameters": {"temperature": 1.0, "top_p": 0.10, "max_tokens": 100, "seed": 7}},
    "stops": {"default_parameters": {"stop_sequences": ["a\r\n", ",", "\n"], "temperature": 0}},
    "talk": {"messages": TALK},
    "call": {"tools": [TOOL], "response_format": {"type": "json_object"}, "model_id": "openai/gpt-4o"},
    "jinja": {"engine": "jinja2", "prompt": "{% for x in y %}\r\n{{ x }}\r\n{% endfor %}{{ z|d(1) }}"},
    "defaults": {
        "prompt": "{{n}}{{big}}{{o}}{{s}}{{e}}{{q}}{{f}}",
        "variables": [
            {"name": "n", "type": "number", "default_value": 1.0, "description": "a  b"},
            {"name": "big", "type": "number", "default_value": 9007199254740991},
            {"name": "o", "type": "object", "default_value": {"b": [1.0, "é", None], "a": "\r\n"}},
            {"name": "s", "default_value": "\r\nx\r\n "},
            {"name": "e", "default_value": "", "required": False},
            {"name": "q", "default_value": '"x"'},
            {"name": "f", "type": "boolean", "default_value": False},
        ],
    },
    "rules": {
        "prompt": "{{n}}{{s}}",
        "variables": [
            {
                "name": "n", "type": "number",
                "validation_rules": [{"rule": "max", "value": 10.0}, {"rule": "min", "value": 1}],
            },
            {
                "name": "s", "required": False,
                "validation_rules": [
                    {"rule": "enum", "value": ["a,b", "two\r\nlines", " x ", "", '"q"']},
                    {"rule": "pattern", "value": " |^.*$"},
                ],
            },
        ],
    },
}  # fmt: skip


@pytest.fixture
async def browser(author: Person, browser_of: BrowserOf) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


def as_a_browser_sends(fields: dict[str, str]) -> dict[str, str]:
    """Line breaks as a form has them."""
    return {
        name: value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n") for name, value in fields.items()
    }


async def made_of(author: Person, **fields: Any) -> dict[str, Any]:
    """A template with these fields."""
    text = {} if "messages" in fields else {"prompt": "Hi"}
    answer = await author.post("/api/templates", {"name": "Odd", "category": "x", **text, **fields})
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def _opened(browser: Browser, made: dict[str, Any]) -> dict[str, str]:
    return as_a_browser_sends(fields_of((await browser.get(f"/templates/{made['id']}/edit")).text))


@pytest.mark.parametrize("kind", ODD)
async def test_the_editor_saved_untouched_changes_nothing(author: Person, browser: Browser, kind: str):
    made = await made_of(author, **ODD[kind])
    saved = await browser.post(f"/templates/{made['id']}/edit", form=await _opened(browser, made))
    assert saved.status == 302
    after = await author.get(at(made))
    assert after.headers["ETag"] == (await author.get(at(made, "?version=1"))).headers["ETag"]
    assert after.body == made


@pytest.mark.parametrize("kind", ODD)
async def test_the_same_values_over_the_api_are_no_version(author: Person, kind: str):
    made = await made_of(author, **ODD[kind])
    same = await author.call("PATCH", at(made), ODD[kind])
    assert (same.status, same.body) == (200, made)
    echoed = await author.call("PATCH", at(made), {"variables": made["variable_definitions"]})
    assert echoed.body == made


async def test_what_is_changed_beside_them_leaves_the_others_as_they_are(
    make_template: MakeTemplate, author: Person, browser: Browser
):
    made = await make_template(**ODD["crlf"], tags=["a,b"], default_parameters={"temperature": 1.0, "seed": 7})
    form = await _opened(browser, made)
    await browser.post(
        f"/templates/{made['id']}/edit", form={**form, "system_prompt": "c\r\nd\r\ne", "tags": '"a,b", c'}
    )
    after = (await author.get(at(made))).body
    assert after["prompt"] == made["prompt"]
    assert after["system_prompt"] == "c\r\nd\r\ne"
    assert after["tags"] == ["a,b", "c"]
    assert after["default_parameters"] == made["default_parameters"]


async def test_a_turn_that_moves_is_still_itself(author: Person, browser: Browser):
    made = await made_of(author, messages=TALK)
    form = await _opened(browser, made)
    form["turns.3.content"], form["turns.4.content"] = "New", form["turns.4.content"]
    await browser.post(f"/templates/{made['id']}/edit", form=form)
    after = (await author.get(at(made))).body["messages"]
    assert after == [*TALK[:3], {"role": "assistant", "content": "New"}, TALK[4]]


async def test_a_row_that_nobody_touched_goes_with_its_place_and_a_described_one_stays(
    make_template: MakeTemplate, author: Person, browser: Browser
):
    made = await make_template(prompt="Hi {{name}}, {{tone}}")
    form = await _opened(browser, made)
    changed = {"prompt": "Hi {{customer}}", "variables.1.description": "How to say it."}
    await browser.post(f"/templates/{made['id']}/edit", form={**form, **changed})
    after = (await author.get(at(made))).body
    assert after["variables"] == ["tone", "customer"]
    patched = await author.call("PATCH", at(made), {"prompt": "Hi"})
    assert patched.body["variables"] == ["tone"]


async def test_a_row_is_of_the_type_that_the_text_tells(make_template: MakeTemplate, author: Person, browser: Browser):
    form = {"name": "Typed", "category": "x", "engine": "jinja2", "prompt": "{% for x in y %}{{ x }}{% endfor %}"}
    draft = await browser.post("/templates/draft", form=form)
    assert "{&quot;y&quot;:&quot;array required&quot;}" in draft.text
    saved = await browser.post("/templates/new", form=form)
    assert saved.status == 302
    made = {"id": saved.headers["Location"].rsplit("/", 1)[1]}
    assert (await author.get(at(made))).body["variable_definitions"][0]["type"] == "array"
    opened = await _opened(browser, made)
    await browser.post(f"/templates/{made['id']}/edit", form={**opened, "prompt": "{{ y.z }}"})
    assert (await author.get(at(made))).body["variable_definitions"][0]["type"] == "object"


async def test_a_version_of_before_keeps_its_types_when_it_is_opened_and_saved(
    make_template: MakeTemplate, author: Person, browser: Browser
):
    text = "{% for x in y %}{{ x }}{% endfor %}{{ gone }}"
    made = await make_template(prompt=text, engine="jinja2", variables=["y", "gone"])

    def forget() -> None:
        version = TemplateVersion.objects.get(template_id=made["id"])
        version.sealed = version.content.as_json()
        version.save(update_fields=["sealed"])

    await in_database_thread(forget)
    form = await _opened(browser, made)
    await browser.post(f"/templates/{made['id']}/edit", form=form)
    assert (await author.get(at(made))).body["version"] == 1
    await browser.post(f"/templates/{made['id']}/edit", form={**form, "prompt": "{% for x in y %}{{ x }}{% endfor %}"})
    after = (await author.get(at(made))).body
    assert [(each["name"], each["type"]) for each in after["variable_definitions"]] == [("y", "string")]
