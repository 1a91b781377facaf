"""NUL and lone surrogates, which nothing can keep: refused wherever they come from, and nothing is stored of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground.models import Comparison, PromptExecution
from templates_app.content import Content, Variable
from templates_app.models import PromptTemplate
from templates_app.rendering.render import render
from templates_app.variables.validation import type_of
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.conftest import BODY, MakeTemplate
from tests.templates_app.test_admin import LIST, curator

__all__ = ["browser_of", "curator"]

MAKERS = {
    "surrogate": r"{{ '\ud800' }}",
    "NUL": r"{{ '\x00' }}",
    "format": r"""{{ "%c"|format(0xd800) }}""",
    "by a value": r"{{ '%c'|format(code) }}",
    "half of a pair": r"{{ '\ud83d\ude00'[0] if false else '\ud83d' ~ 'x' }}",
    "replace": r"{{ 'a'|replace('a', '\udfff') }}",
}
CODE = {"name": "code", "type": "number", "default_value": 0xDC00}


async def nothing_is_stored(author: Person) -> bool:
    """No run and no comparison of the author's."""
    runs = await in_database_thread(PromptExecution.objects.filter(user=author.user).count)
    return not runs and not await in_database_thread(Comparison.objects.filter(user=author.user).count)


@pytest.mark.parametrize("field", ["prompt", "system_prompt"])
@pytest.mark.parametrize("how", MAKERS)
async def test_a_template_that_makes_them_is_refused_at_every_door(
    make_template: MakeTemplate, author: Person, provider: str, browser_of: BrowserOf, how: str, field: str
):
    text = {"prompt": "Hello", field: MAKERS[how]}
    variables = [CODE] if "code" in MAKERS[how] else []
    made = await make_template(**text, engine="jinja2", variables=variables)
    run = {"model_id": f"{provider}/echo", "template_id": made["id"]}
    variants = [{"model_id": f"{provider}/echo"}, {"model_id": f"{provider}/slow"}]
    answers = [
        await author.post(f"/api/templates/{made['id']}/render", {}),
        await author.post("/api/prompts/execute", run),
        await author.post("/api/prompts/execute/stream", run),
        await author.post("/api/comparisons", {"template_id": made["id"], "variants": variants}),
    ]
    assert [answer.status for answer in answers] == [400] * 4, [answer.body for answer in answers]
    assert {answer.body["code"] for answer in answers[:3]} == {"invalid_character"}
    assert [error["field"] for error in answers[0].body["errors"]] == [field]
    assert "Character 1 of the rendered text is U+" in answers[0].body["detail"]
    browser = await in_database_thread(browser_of, author)
    for headers in ({}, {"HX-Request": "true"}):
        page = await browser.post(
            f"/templates/{made['id']}/rendering", form={"variables.code": "55296"}, headers=headers
        )
        assert page.status == 200
        assert "of the rendered text is U+" in page.text
    draft = {**BODY, "tags": "", "engine": "jinja2", **text}
    page = await browser.post("/templates/draft", form=draft, headers={"HX-Request": "true"})
    assert page.status == 200
    assert await nothing_is_stored(author)


@pytest.mark.parametrize(
    "text",
    [
        r"{{ [{}]|map(attribute='\ud800\x00')|sort|join }}",
        r"{{ '\ud800'|int|round(method='\udfff') }}",
        r"{{ ['a']|map('\ud800')|list }}",
        r"{{ ''|attr('__\ud800') }}",
    ],
)
async def test_a_message_that_would_hold_them_can_be_told(make_template: MakeTemplate, author: Person, text: str):
    made = await make_template(prompt=text, engine="jinja2")
    answer = await author.post(f"/api/templates/{made['id']}/render", {})
    assert answer.status == 400
    assert answer.body["detail"]


async def test_a_message_of_a_refused_template_can_be_told(author: Person):
    answer = await author.post("/api/templates", {**BODY, "prompt": r"{% include '\ud800' %}", "engine": "jinja2"})
    assert answer.status == 400
    assert answer.body["detail"]


@pytest.mark.parametrize("value", ["a\x00", "a\ud800", ["a", "\x00"], {"a": {"b": "\udfff"}}, {"\ud800": 1}])
def test_a_value_that_holds_them_is_named(value: Any):
    kind = type_of(value)
    for variable, given in (
        (Variable("a", kind), {"a": value}),
        (Variable("a", kind, default_value=value, has_default=True), {}),
    ):
        content = Content("{{a}}", variables=(variable,))
        with pytest.raises(Problem) as refused:
            render(content, given)
        assert refused.value.status == 400
        assert [(error["field"], error["code"]) for error in refused.value.errors] == [
            ("variables.a", "invalid_character")
        ]


@pytest.mark.parametrize("place", ["name", "prompt", "default", "key", "tag"])
async def test_yaml_that_writes_half_of_a_pair_is_refused(author: Person, browser_of: BrowserOf, place: str):
    odd = dict.fromkeys(("name", "prompt", "default", "key", "tag"), "fine") | {place: "ODD"}
    variable = {"name": "a", "type": "object", "default_value": {odd["key"]: odd["default"]}}
    entry = {
        "name": odd["name"],
        "category": "C",
        "tags": [odd["tag"]],
        "versions": [{"number": 1, "prompt": f"{odd['prompt']} {{{{a}}}}", "variables": [variable]}],
    }
    document = {"format": "llm-playground-templates", "version": 1, "templates": [entry]}
    # JSON's text with YAML's escapes: read by YAML, since no JSON parser takes it.
    text = json.dumps(document).replace("ODD", r"\uD800")
    refused = await author.post("/api/templates/import", data=text.encode(), headers={"Content-Type": "text/yaml"})
    assert refused.status == 400, refused.body
    text = "# YAML\n" + text
    refused = await author.post("/api/templates/import", data=text.encode(), headers={"Content-Type": "text/yaml"})
    assert refused.status == 400, refused.body
    browser = await in_database_thread(browser_of, author)
    assert (await browser.post("/templates/import", form={"document": text})).status == 400
    assert await in_database_thread(PromptTemplate.objects.filter(owner=author.user).count) == 0


ODD_NAMES = ["%00", "a%00b", "%ED%A0%80", "a" * 60, "a" * 6000, "%F0%9F%98%80", "Production!"]


@pytest.mark.parametrize("name", ODD_NAMES, ids=lambda name: name[:12])
async def test_a_label_in_an_address_is_judged(
    make_template: MakeTemplate, author: Person, browser_of: BrowserOf, name: str
):
    made = await make_template()
    browser = await in_database_thread(browser_of, author)
    bearer = author.headers
    at = f"/api/templates/{made['id']}"
    asked = [
        await browser.call("PUT", f"{at}/labels/{name}", body={"version": 1}, headers=bearer),
        await browser.call("DELETE", f"{at}/labels/{name}", headers=bearer),
        await browser.get(f"{at}/labels/{name}/history", headers=bearer),
        await browser.post(f"{at}/labels/{name}/rollback", headers=bearer),
        await browser.get(f"{at}?label={name}", headers=bearer),
        await browser.get(f"{at}/export?format=curl&label={name}", headers=bearer),
        await browser.get(f"/templates/{made['id']}?label={name}"),
        await browser.get(f"/templates/{made['id']}/preview?label={name}", headers={"HX-Request": "true"}),
        await browser.get(f"/templates/{made['id']}/labels/history?label={name}"),
    ]
    assert {answer.status for answer in asked} <= {400, 404}, [answer.status for answer in asked]


@pytest.mark.parametrize("name", ODD_NAMES, ids=lambda name: name[:12])
@pytest.mark.parametrize("parameter", ["search", "category", "tag", "owner", "label", "visibility", "ordering", "page"])
async def test_a_filter_in_an_address_is_judged(
    author: Person, browser_of: BrowserOf, curator: Browser, parameter: str, name: str
):
    browser = await in_database_thread(browser_of, author)
    listed = await browser.get(f"/api/templates?{parameter}={name}", headers=author.headers)
    assert listed.status in (200, 400), listed.text
    shown = await browser.get(f"/templates?{parameter}={name}")
    assert shown.status in (200, 400)
    for each in ("q", parameter):
        cared = await curator.get(f"{LIST}?{each}={name}")
        assert cared.status in (200, 302, 400), (each, cared.status)


async def test_a_form_of_a_page_is_judged(make_template: MakeTemplate, author: Person, browser_of: BrowserOf):
    made = await make_template()
    browser = await in_database_thread(browser_of, author)
    for act, fields in (
        ("labels", {"label": "a\x00", "version": "1"}),
        ("labels/rollback", {"label": "a\x00"}),
        ("labels/remove", {"label": "a\x00"}),
        ("rendering", {"variables.name": "a\x00", "variables.language": "x", "label": "a\x00"}),
        ("edit", {**{name: str(value) for name, value in BODY.items()}, "prompt": "a\x00"}),
    ):
        answer = await browser.post(f"/templates/{made['id']}/{act}", form=fields)
        assert answer.status in (400, 404), (act, answer.status)


async def test_the_admins_list_is_judged(curator: Browser, make_template: MakeTemplate):
    made = await make_template()
    for fields in (
        {"action": "with_tag", "word": "a\x00", "_selected_action": made["id"]},
        {"action": "into_category", "word": "\x00", "_selected_action": made["id"]},
        {"action": "feature", "_selected_action": "a\x00"},
        {"action": "feature", "_selected_action": "no id"},
    ):
        assert (await curator.post(LIST, form=fields)).status == 400
    assert (await curator.get(f"{LIST}%00/change/")).status in (302, 400, 404)
