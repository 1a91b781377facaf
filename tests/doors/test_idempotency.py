"""F14: unsafe calls with an Idempotency-Key are made once, whoever sends them twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from accounts.models import IdempotentCall
from foundation.database.threads import in_database_thread
from templates_app.models import PromptTemplate
from tests.cast import Person

TEMPLATE = {"name": "Once", "category": "C", "prompt": "Say {{x}}"}
KEY = {"Idempotency-Key": "the-same"}


async def test_f14_equal_calls_at_once_are_one(author: Person, stranger: Person):
    calls = [author.post("/api/templates", TEMPLATE, headers=KEY) for _ in range(6)]
    answers = await asyncio.gather(*calls)
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert answers[0].body == answers[5].body
    assert await in_database_thread(PromptTemplate.objects.filter(owner=author.user).count) == 1
    # Another's equal key is another key.
    assert (await stranger.post("/api/templates", TEMPLATE, headers=KEY)).body["id"] != answers[0].body["id"]


async def test_f14_another_body_with_the_key_is_refused(author: Person):
    await author.post("/api/sessions", {"name": "One"}, headers=KEY)
    other = await author.post("/api/sessions", {"name": "Two"}, headers=KEY)
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    # At another door it is another key.
    assert (await author.post("/api/templates", TEMPLATE, headers=KEY)).status == 201


async def test_a_call_that_failed_may_be_tried_again_with_its_key(author: Person):
    made = (await author.post("/api/templates", TEMPLATE)).body
    address = f"/api/templates/{made['id']}/restore"
    assert (await author.post(address, {"version": 2}, headers=KEY)).status == 404
    await author.call("PATCH", f"/api/templates/{made['id']}", {"prompt": "Sing {{x}}"})
    first = await author.post(address, {"version": 2}, headers=KEY)
    assert (first.status, first.body["version"]) == (200, 2)
    assert await in_database_thread(IdempotentCall.objects.count) == 1


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_what_is_no_key_is_refused(author: Person, key: str):
    refused = await author.post("/api/sessions", {"name": "S"}, headers={"Idempotency-Key": key})
    assert (refused.status, refused.body["code"]) == (400, "idempotency_key_invalid")


async def test_every_door_that_makes_something_takes_a_key(author: Person, provider: str):
    template = (await author.post("/api/templates", TEMPLATE)).body
    session = (await author.post("/api/sessions", {"name": "S"})).body
    run = (await author.execute(f"{provider}/echo", session_id=session["id"])).body
    document = (await author.get(f"/api/templates/{template['id']}/export")).body
    document["templates"][0] |= {"id": None, "name": "Imported"}
    bundle = (await author.get(f"/api/sessions/{session['id']}/export")).body
    doors: dict[str, Any] = {
        f"/api/templates/{template['id']}/fork": {},
        "/api/templates/import": document,
        f"/api/sessions/{session['id']}/fork": {},
        "/api/sessions/import": bundle,
        f"/api/executions/{run['id']}/comments": {"text": "Once"},
    }
    for path, body in doors.items():
        first, second = [await author.post(path, body, headers=KEY) for _ in range(2)]
        assert first.status in (200, 201), (path, first.body)
        assert second.body == first.body, path
