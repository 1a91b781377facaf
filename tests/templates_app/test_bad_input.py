"""Odd templates and odd import files: a 4xx that names the place, nothing written, time and memory bounded."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import time
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from templates_app.exchange import parsing
from templates_app.exchange.document import as_yaml
from templates_app.models import PromptTemplate
from tests.cast import Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.conftest import BODY, MakeTemplate

__all__ = ["browser_of"]

DEEP: Any = 1
for _ in range(70):
    DEEP = [DEEP]


def definition(**fields: Any) -> dict[str, Any]:
    """A body with one variable definition."""
    return {"prompt": "{{a}}", "variables": [{"name": "a", **fields}]}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"prompt": "x" * 1_000_001}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": "nul\x00"}, "prompt"),
        ({"prompt": " ".join(f"{{{{v{n}}}}}" for n in range(500))}, "variables"),
        ({"prompt": "x", "variables": [f"v{n}" for n in range(500)]}, "variables"),
        ({"prompt": "x", "variables": ["a", "a"]}, "variables"),
        ({"prompt": "x", "variables": ["a b"]}, "variables.0.name"),
        ({"prompt": "x", "variables": [5]}, "variables.0"),
        ({"prompt": "x", "variables": {"a": 1}}, "variables"),
        (definition(type="colour"), "variables.0.type"),
        (definition(default_value=DEEP), "variables.0.default_value" + ".0" * 61),
        (definition(default_value="x" * 70_000), "variables.0.default_value"),
        (definition(default_value=5), "variables.0.default_value"),
        (definition(colour="red"), "variables.0.colour"),
        (definition(validation_rules=[{"rule": "pattern", "value": "("}]), "variables.0.validation_rules.0"),
        (definition(validation_rules=[{"rule": "pattern", "value": r"(?=a)"}]), "variables.0.validation_rules.0"),
        (definition(validation_rules=[{"rule": "odd", "value": 1}]), "variables.0.validation_rules.0.rule"),
        (
            definition(type="object", validation_rules=[{"rule": "schema", "value": {"$ref": "http://a/"}}]),
            "variables.0.validation_rules.0",
        ),
        ({"name": "n" * 300}, "name"),
        ({"name": ""}, "name"),
        ({"category": "c" * 101}, "category"),
        ({"tags": ["t"] * 3 + ["t" * 101]}, "tags.3"),
        ({"tags": "t"}, "tags"),
        ({"default_parameters": {"temperature": 3}}, "default_parameters.temperature"),
        ({"default_parameters": {"api_key": "k"}}, "default_parameters.api_key"),
        ({"engine": "mustache"}, "engine"),
        ({"engine": "jinja2", "prompt": "{% for %}"}, "prompt"),
        ({"owner": "me"}, "owner"),
        ({"usage_count": 5}, "usage_count"),
        ({"visibility": "public"}, "visibility"),
        ({"rating": 5}, "rating"),
    ],
)
async def test_t05_t12_an_odd_template_is_refused_with_its_place(author: Person, fields: dict[str, Any], place: str):
    refused = await author.post("/api/templates", {**BODY, **fields})
    assert refused.status == 400, refused.body
    assert place in {error["field"] for error in refused.body["errors"]}, refused.body["errors"]
    assert await in_database_thread(PromptTemplate.objects.filter(owner=author.user).count) == 0


async def test_recursive_substitution_stays_text(make_template: MakeTemplate, author: Person):
    made = await make_template(prompt="{{a}}", variables=["a"])
    values = {"variables": {"a": "{{a}}{{a}}"}}
    rendered = await author.post(f"/api/templates/{made['id']}/render", values)
    assert rendered.body["prompt"] == "{{a}}{{a}}"


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
ENTRY: dict[str, Any] = {"name": "A", "category": "C", "versions": [{"number": 1, "prompt": "x {{a}}"}]}


def document(*entries: Any, **more: Any) -> dict[str, Any]:
    """An import document."""
    return {"format": "llm-playground-templates", "version": 1, "templates": list(entries), **more}


def zipped() -> bytes:
    """A bomb: 200 MB of nothing."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("templates.json", b"0" * 200_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"", "application/yaml", "empty"),
        (b"{", "application/yaml", "malformed_json"),
        (b"a: [", "application/yaml", "malformed_yaml"),
        (b"\xff\xfe\xff", "application/yaml", "encoding"),
        (BOMB.encode(), "application/yaml", "alias"),
        (b"a: &x [*x]", "application/yaml", "alias"),
        (b"[" * 100_000, "application/yaml", "malformed_json"),
        (b"- " * 50_000 + b"1", "application/yaml", "too_deep"),
        (b"!!python/object/apply:os.system ['id']", "application/yaml", "malformed_yaml"),
        (b"- 1\n" * 300_000, "application/yaml", "too_large"),
        (b"# \n" * 1_000_000, "text/plain", "too_large"),
        (b"a: .nan", "application/yaml", "malformed_yaml"),
        (b"templates", "text/plain", "foreign"),
        (b"\x1f\x8b" + gzip.compress(b"{}", mtime=0)[2:], "application/gzip", "not_text"),
        (b"PK\x03\x04rest", "application/zip", "broken_archive"),
    ],
)
async def test_t12_a_file_that_is_no_document_is_refused(author: Person, body: bytes, kind: str, code: str):
    began = time.monotonic()
    refused = await author.post("/api/templates/import", data=body, headers={"Content-Type": kind})
    assert (refused.status, refused.body["errors"][0]["code"]) == (400, code), refused.body
    assert time.monotonic() - began < 30
    assert await in_database_thread(PromptTemplate.objects.filter(owner=author.user).count) == 0


async def test_t12_a_zip_bomb_is_not_unpacked(author: Person):
    body = await asyncio.to_thread(zipped)
    refused = await author.post("/api/templates/import", data=body, headers={"Content-Type": "application/zip"})
    error = refused.body["errors"][0]
    assert (refused.status, error["field"], error["code"]) == (400, "templates.json", "too_large")
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    refused = await author.post("/api/templates/import", data=gzip.compress(b'{"a": 1}'), headers=packed)
    assert refused.status in (400, 415)


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        (document(ENTRY, version=2), "version"),
        ({**document(ENTRY), "format": "promptfoo"}, "format"),
        (document(), "templates"),
        (document(ENTRY, colour=1), "colour"),
        (document(ENTRY, {**ENTRY, "name": "n" * 300}), "templates.1.name"),
        (document({**ENTRY, "versions": []}), "templates.0.versions"),
        (document({**ENTRY, "versions": [{"number": 1, "prompt": ""}]}), "templates.0.versions.0.prompt"),
        (document({**ENTRY, "versions": ENTRY["versions"] * 2}), "templates.0.versions"),
        (document({**ENTRY, "labels": {"production": 7}}), "templates.0.labels"),
        (document({**ENTRY, "labels": {"Production!": 1}}), "templates.0.labels"),
        (document({**ENTRY, "owner": "x"}), "templates.0.owner"),
        (document(7), "templates.0"),
        (
            document({**ENTRY, "versions": [{"number": 1, "prompt": "{% if %}", "engine": "jinja2"}]}),
            "templates.0.versions.0.prompt",
        ),
    ],
)
async def test_an_import_is_judged_whole_before_anything_is_written(author: Person, shape: Any, place: str):
    for body, kind in ((json.dumps(shape), "application/json"), (as_yaml(shape).decode(), "application/yaml")):
        refused = await author.post("/api/templates/import", data=body.encode(), headers={"Content-Type": kind})
        assert refused.status == 400, refused.body
        assert place in {error["field"] for error in refused.body["errors"]}, refused.body["errors"]
    assert await in_database_thread(PromptTemplate.objects.filter(owner=author.user).count) == 0


ODD = ["x", "", 1, 1.5, True, None, [], [None], [[]], [{}], {"a": None}, {"templates": [None]}]
"""Values that are no document, and that stand where an object or a list should."""


async def refusals(author: Person, shape: Any) -> list[Any]:
    """What the doors of imports answer to it, as JSON and as YAML; nothing was written."""
    text = json.dumps(shape).encode()
    kinds = ("application/json", "application/yaml", "text/plain")
    asked = [author.post("/api/templates/import", data=text, headers={"Content-Type": kind}) for kind in kinds]
    refused = await asyncio.gather(*asked, author.post("/api/templates/import?dry_run=true", shape))
    assert [each.status for each in refused] == [400] * 4, (shape, [each.body for each in refused])
    assert await in_database_thread(PromptTemplate.objects.filter(owner=author.user).count) == 0
    return [each.body for each in refused]


@pytest.mark.parametrize("shape", ODD, ids=str)
async def test_t12_what_is_no_document_is_refused_at_every_door(author: Person, browser_of: BrowserOf, shape: Any):
    for body in await refusals(author, shape):
        assert body["errors"][0]["message"]
    browser = await in_database_thread(browser_of, author)
    page = await browser.post("/templates/import", form={"document": json.dumps(shape)})
    assert page.status == 400, shape


@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize(
    "place", ["templates", "templates.0", "templates.0.versions", "templates.0.versions.0", "templates.0.labels"]
)
async def test_t12_an_odd_value_in_a_document_is_named(author: Person, place: str, odd: Any):
    shape: Any = document(json.loads(json.dumps(ENTRY)))
    *way, last = [int(part) if part.isdecimal() else part for part in place.split(".")]
    around = shape
    for part in way:
        around = around[part]
    around[last] = odd
    for body in await refusals(author, shape):
        fields = [error["field"] for error in body["errors"]]
        assert all(field.startswith(place) for field in fields), fields


@pytest.mark.parametrize("shape", ["x", 1, None, [None], [[]], {"": None}, {"prompt": [None]}], ids=str)
async def test_t12_a_body_that_is_no_object_is_refused(make_template: MakeTemplate, author: Person, shape: Any):
    made = await make_template()
    at = f"/api/templates/{made['id']}"
    doors = [
        ("POST", "/api/templates"),
        ("PUT", at),
        ("PATCH", at),
        ("POST", f"{at}/render"),
        ("POST", f"{at}/restore"),
        ("PUT", f"{at}/labels/production"),
        ("POST", f"{at}/rate"),
        ("PUT", f"{at}/share"),
        ("POST", "/api/templates/lint"),
    ]
    for method, path in doors:
        for headers in ({}, {"Idempotency-Key": "once"}):
            refused = await author.call(method, path, shape, data=json.dumps(shape).encode(), headers=headers)
            assert refused.status == 400, (method, path, refused.status)
    assert (await author.get(at)).body["version"] == 1


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_t12_no_bytes_bring_the_reader_down(body: bytes):
    with suppress(Problem):  # anything else fails the test
        parsing.read(body)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
SIMPLE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(SIMPLE)
@settings(max_examples=100, deadline=None)
def test_json_and_yaml_read_as_the_same_values(value: Any):
    shape = {"a": value}
    assert parsing.read(json.dumps(shape).encode()) == shape
    assert parsing.read(as_yaml(shape)) == shape
