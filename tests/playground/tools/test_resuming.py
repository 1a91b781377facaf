"""What goes on after calls of tools: allowed or refused by a person, run by the caller, or with a result changed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.playground.tools.test_rounds import MINE, compute, script


async def stopped(author: Person, provider: str, *rounds: Any) -> dict[str, Any]:
    """A run that has called the caller's own tool."""
    body: dict[str, Any] = (
        await author.execute(f"{provider}/tool-script", script(*rounds), tools=["calculator", MINE])
    ).body
    return body


async def test_the_caller_gives_what_its_tool_came_to(author: Person, provider: str):
    old = await stopped(author, provider, [compute("1+1"), ["weather", {"city": "Graz"}]])
    call = old["tool_executions"][1]
    answer = await author.post(
        f"/api/executions/{old['id']}/resume", {"results": [{"id": call["id"], "result": {"sky": "blue"}}]}
    )
    assert answer.status == 201, answer.body
    new = answer.body
    assert new["response"] == 'The tool said: {"sky":"blue"}'
    assert new["metadata"]["resumes"] == old["id"]
    assert new["parent_id"] == old["id"]
    assert new["session_id"] == old["session_id"]
    assert [message["role"] for message in new["messages"]] == ["user", "assistant", "tool", "tool"]
    assert new["messages"][2]["content"] == '{"result":2}'


async def test_a_changed_result_goes_on_from_its_round(author: Person, provider: str):
    old = (
        await author.execute(
            f"{provider}/tool-script", script([compute("1+1")], [compute("2+2")]), tools=["calculator"]
        )
    ).body
    first = old["tool_executions"][0]
    new = (
        await author.post(
            f"/api/executions/{old['id']}/resume", {"results": [{"id": first["id"], "result": {"result": 3}}]}
        )
    ).body
    # The second round is called anew, after the changed first.
    assert [message["role"] for message in new["messages"]] == ["user", "assistant", "tool"]
    assert new["messages"][2]["content"] == '{"result":3}'
    assert [each["result"] for each in new["tool_executions"]] == [{"result": 4}]


async def test_an_error_can_be_given(author: Person, provider: str):
    old = await stopped(author, provider, [["weather", {}]])
    call = old["tool_executions"][0]
    new = (
        await author.post(f"/api/executions/{old['id']}/resume", {"results": [{"id": call["id"], "error": "No net."}]})
    ).body
    assert new["response"] == 'The tool said: {"error":"No net."}'


async def test_an_interrupted_run_goes_on_after_its_last_round(author: Person, provider: str):
    old = (await author.execute(f"{provider}/tool-script", script([compute("6*7")]), tools=["calculator"])).body
    # As the reaper leaves it whose process died when the model was reading the result.
    await in_database_thread(PromptExecution.objects.filter(id=old["id"]).update, status="failed")
    new = (await author.post(f"/api/executions/{old['id']}/resume", {})).body
    assert new["response"] == 'The tool said: {"result":42}'
    assert new["tool_executions"] == []


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "results", "missing"),
        ({"results": [{"id": "nope", "result": 1}]}, "results.0.id", "unknown"),
        ({"approve": ["{id}"]}, "approve.0", "not_awaiting"),
        ({"refuse": ["{id}"]}, "refuse.0", "not_awaiting"),
        ({"results": [{"id": "{id}"}]}, "results.0.result", "contradiction"),
        ({"results": [{"id": "{id}", "result": 1, "error": "x"}]}, "results.0.result", "contradiction"),
        ({"more": 1}, "more", "unknown"),
    ],
)
async def test_what_does_not_hold_is_named(author: Person, provider: str, body: dict[str, Any], field: str, code: str):
    old = await stopped(author, provider, [["weather", {}]])
    id = old["tool_executions"][0]["id"]
    filled = {
        name: [{**each, "id": each["id"].replace("{id}", id)} if isinstance(each, dict) else id for each in value]
        if isinstance(value, list)
        else value
        for name, value in body.items()
    }
    answer = await author.post(f"/api/executions/{old['id']}/resume", filled)
    assert answer.status == 400, answer.body
    assert (answer.body["errors"][0]["field"], answer.body["errors"][0]["code"]) == (field, code)


async def test_a_run_without_calls_has_nothing_to_go_on_after(author: Person, provider: str):
    old = (await author.execute(f"{provider}/echo", "hello")).body
    answer = await author.post(f"/api/executions/{old['id']}/resume", {})
    assert (answer.status, answer.body["code"]) == (409, "nothing_to_resume")


async def test_t03_a_stranger_cannot_go_on_with_it(author: Person, stranger: Person, provider: str):
    old = await stopped(author, provider, [["weather", {}]])
    assert (await stranger.post(f"/api/executions/{old['id']}/resume", {})).status == 404


async def test_one_key_goes_on_once(author: Person, provider: str):
    old = await stopped(author, provider, [["weather", {}]])
    body = {"results": [{"id": old["tool_executions"][0]["id"], "result": 1}]}
    answers = await asyncio.gather(
        *(
            author.post(f"/api/executions/{old['id']}/resume", body, headers={"Idempotency-Key": "once"})
            for _ in range(5)
        )
    )
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1
