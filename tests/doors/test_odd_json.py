"""JSON that is no object where one is expected, at every door and at each of its fields: a 4xx with a reason, never
a 5xx."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.conftest import BrowserOf
from tests.doors.routes import http_routes
from tests.doors.test_permissions import BODIES, ROLES, Row, filled, rows
from tests.doors.world import World, cast_of
from tests.servers.service import Service

NO_OBJECT: tuple[Any, ...] = ("x", 1, True, None, [], [{}])
ODD: tuple[Any, ...] = ("x", [{}], {"x": [1]})
TAKES_LISTS = {"POST /api/datasets/import", "POST /api/datasets/{}/import"}


def odd_bodies(row: Row) -> Iterator[Any]:
    """Values that are no object, then the door's own body with something else in each of its places."""
    yield from NO_OBJECT
    right = BODIES.get(row.shape)
    if isinstance(right, dict):
        for name in right:
            yield from ({**right, name: odd} for odd in ODD)


async def test_json_of_another_shape_is_refused_with_a_reason_at_every_door(service: Service):
    people = await in_database_thread(cast_of, ROLES[1:])
    world, places, owner = World(people), asyncio.Semaphore(6), Person(service.url, people["owner"])
    wrong: list[str] = []

    async with aiohttp.ClientSession() as client:

        async def one(row: Row) -> None:
            ids: dict[str, str] = {}
            for number, body in enumerate(odd_bodies(row)):
                keyed = {"Idempotency-Key": f"{row.shape} {number}"} if number % 2 else {}
                async with places:
                    wanted = set(re.findall(r"\{(\w+)\}", f"{row.path} {json.dumps(body)}"))
                    ids = ids or await in_database_thread(world.make, wanted)
                    async with client.request(
                        row.method,
                        service.url + filled(row.path, ids),
                        data=json.dumps(filled(body, ids)),
                        headers={**owner.headers, **keyed, "Content-Type": "application/json"},
                    ) as response:
                        told = await response.read()
                        reads_it = row.shape in BODIES
                        is_wrong = response.status >= 500 or (
                            reads_it
                            and not isinstance(body, dict)
                            and row.shape not in TAKES_LISTS
                            and not 400 <= response.status < 500
                        )
                        if is_wrong:
                            sent = json.dumps(body)[:120]
                            wrong.append(f"{row.method} {row.path} {sent}: {response.status} {told[:160]!r}")
                        if response.status < 300:
                            ids = {}  # it may have gone with what was done

        await asyncio.gather(*(one(row) for row in rows() if row.method != "GET"))
    assert not wrong, "\n".join(wrong)


async def test_a_page_that_is_sent_json_never_breaks(author: Person, browser_of: BrowserOf):
    browser = await in_database_thread(browser_of, author)
    pages = [path for path in http_routes() if not path.startswith("/api/") and path != "/logout"]
    wrong = []
    for path in pages:
        for body in NO_OBJECT[:1] + NO_OBJECT[-1:]:
            answer = await browser.post(path, body=body)
            if answer.status >= 500:
                wrong.append((path, body, answer.status))
    assert wrong == []


@pytest.mark.parametrize("odd", [*NO_OBJECT, [{"x": [1]}], {"x": 1}, {"executions": [[]]}], ids=repr)
@pytest.mark.parametrize(("page", "field"), [("/sessions/import", "bundle"), ("/datasets/import", "file")])
async def test_a_file_of_another_shape_is_refused_on_its_page(
    author: Person, browser_of: BrowserOf, page: str, field: str, odd: Any
):
    browser = await in_database_thread(browser_of, author)
    form: Any = aiohttp.FormData()
    form.add_field(field, json.dumps(odd).encode(), filename="file.json", content_type="application/json")
    answer = await browser.post(page, form=form)
    assert answer.status < 500, answer.text[:500]
    assert answer.headers["Content-Type"].startswith("text/html")
