"""`/api/docs`: every operation of the OpenAPI document, with what it takes, and calls that work as they stand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

from config.urls import described
from foundation.database.threads import in_database_thread
from foundation.rest.reference.operations import parts_of
from foundation.rest.reference.shapes import Shapes
from tests.cast import Person
from tests.doors.conftest import BrowserOf, browser_of

__all__ = ["browser_of"]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator(patterns=described).get_schema(public=True)  # type: ignore[no-untyped-call]
    return made


async def test_every_operation_stands_in_the_page_of_its_part(
    author: Person, browser_of: BrowserOf, document: dict[str, Any]
):
    browser = await in_database_thread(browser_of, author)
    index = (await browser.get("/api/docs")).text
    told = 0
    for part in parts_of(document).values():
        page = await browser.get(f"/api/docs/{part.slug}")
        assert page.status == 200, part.slug
        for operation in part.operations:
            assert f'id="{operation.id}"' in page.text
            assert f'href="/api/docs/{part.slug}#{operation.id}"' in index
            for field in operation.fields:
                assert f"<code>{field.name}</code>" in unescape(page.text), (operation.id, field.name)
            told += 1
    assert told == sum(len(methods) for methods in document["paths"].values())
    assert (await browser.get("/api/docs/nothing")).status == 404


def test_what_a_field_may_be_is_told_in_words():
    shapes = Shapes(
        {"Node": {"properties": {"name": {"type": "string", "maxLength": 2000}, "next": {"$ref": "#/Node"}}}}
    )
    schema = {
        "required": ["node"],
        "properties": {
            "node": {"$ref": "#/Node", "description": "Where it begins."},
            "share": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
            "kind": {"enum": ["a", None], "description": "* `a` - A"},
            "values": {"anyOf": [{"type": "integer", "minimum": 2}, {"type": "array", "items": {"type": "boolean"}}]},
        },
    }
    told = [(each.name, each.kind, each.about, each.is_required) for each in shapes.fields(schema)]
    assert told == [
        ("node", "object", "Where it begins.", True),
        ("node.name", "text of at most 2\u202f000 characters", "", False),
        ("node.next", "object", "", False),
        ("share", "number from 0 to 1 or null", "", False),
        ("kind", "one of a, null", "", False),
        ("values", "integer of 2 or more or list of true or false", "", False),
    ]
    assert shapes.example(schema) == {"node": {}}


async def test_a_call_in_a_shell_works_as_it_stands(author: Person, browser_of: BrowserOf):
    browser = await in_database_thread(browser_of, author)
    page = await browser.get("/api/docs/auth")
    (call,) = (
        unescape(each)
        for each in re.findall(r"<pre[^>]*><code>(.*?)</code>", page.text, re.DOTALL)
        if "request GET" in each and each.split("\\")[1].strip().endswith("/api/auth/me")
    )
    environment = {"PATH": "/usr/bin:/bin", "PLAYGROUND_TOKEN": author.token or ""}
    done = await in_database_thread(
        lambda: subprocess.run(
            ["sh", "-c", call], capture_output=True, text=True, timeout=60, env=environment, check=True
        )
    )
    assert json.loads(done.stdout)["name"]


AT_ONCE = """
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from config import reference
with ThreadPoolExecutor(4) as pool:
    made = list(pool.map(lambda _: reference.parts(), range(4)))
print(len({id(each) for each in made}), len(made[0]) > 20)
"""


def test_who_asks_first_at_once_gets_the_same() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", AT_ONCE]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=environment, cwd=settings.BASE_DIR, check=False
    )
    assert done.stdout.split() == ["1", "True"], done.stderr[-2000:]
