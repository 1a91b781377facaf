"""Sessions over REST: their life, their counters, their history."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Person


async def made(person: Person, **fields: Any) -> dict[str, Any]:
    """A new session."""
    answer = await person.post("/api/sessions", {"name": "Trials", **fields})
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def test_a_session_has_the_shape_of_the_contract(author: Person):
    session = await made(author, purpose="tone", project_id="p-1", tags=["a", "a", "b"], metadata={"k": 1})
    assert session["tags"] == ["a", "b"]
    assert (session["role"], session["archived"], session["members_count"]) == ("owner", False, 0)
    assert (session["execution_count"], session["total_cost"], session["last_executed"]) == (0, 0, None)
    assert (session["project_id"], session["purpose"], session["metadata"]) == ("p-1", "tone", {"k": 1})
    assert session["owner"]["name"] == "Author"


async def test_sessions_are_found_by_project_purpose_tag_words_and_archive(author: Person, stranger: Person):
    one = await made(author, name="Tone of voice", project_id="p-1", purpose="tone", tags=["x"])
    two = await made(author, name="Extraction", description="of dates", archived=True)
    await made(stranger, name="Tone of a stranger", project_id="p-1")
    for query, expected in {
        "project_id=p-1": {one["id"]},
        "purpose=tone": {one["id"]},
        "tag=x": {one["id"]},
        "search=dates": {two["id"]},
        "archived=true": {two["id"]},
        "role=owner&archived=false": {one["id"]},
        "role=viewer": set(),
    }.items():
        assert {each["id"] for each in (await author.get(f"/api/sessions?{query}")).body["results"]} == expected, query
    wrong = await author.get("/api/sessions?colour=red&ordering=size")
    assert {error["field"] for error in wrong.body["errors"]} == {"colour"}
    assert (await author.get("/api/sessions?ordering=size")).body["errors"][0]["field"] == "ordering"


async def test_put_replaces_patch_changes_and_a_stale_one_is_a_412(author: Person):
    session = await made(author, description="old", tags=["a"])
    address = f"/api/sessions/{session['id']}"
    tag = (await author.get(address)).headers["ETag"]
    patched = await author.call("PATCH", address, {"name": "New"}, headers={"If-Match": tag})
    assert (patched.body["name"], patched.body["description"]) == ("New", "old")
    stale = await author.call("PATCH", address, {"name": "Newer"}, headers={"If-Match": tag})
    assert (stale.status, stale.body["current"]["name"]) == (412, "New")
    replaced = await author.call("PUT", address, {"name": "Whole"})
    assert (replaced.body["description"], replaced.body["tags"]) == ("", [])
    for field in ("user_id", "total_cost", "execution_count", "is_default", "role"):
        refused = await author.call("PATCH", address, {field: 1})
        assert (refused.status, refused.body["errors"][0]["field"]) == (400, field)


async def test_a_deleted_session_can_be_brought_back(author: Person, provider: str):
    session = await made(author)
    run = (await author.execute(f"{provider}/echo", session_id=session["id"])).body
    gone = await author.call("DELETE", f"/api/sessions/{session['id']}")
    assert (gone.status, "undelete" in gone.headers["Link"]) == (204, True)
    assert (await author.get(f"/api/sessions/{session['id']}")).status == 404
    assert (await author.get(f"/api/executions/{run['id']}")).status == 404
    back = await author.post(f"/api/sessions/{session['id']}/undelete")
    assert (back.status, back.body["execution_count"]) == (200, 1)
    assert (await author.get(f"/api/executions/{run['id']}")).status == 200


async def test_the_default_session_may_go_and_comes_anew(author: Person, provider: str):
    first = (await author.execute(f"{provider}/echo")).body["session_id"]
    assert (await author.call("DELETE", f"/api/sessions/{first}")).status == 204

    async def run() -> Any:
        return (await author.execute(f"{provider}/echo")).body

    for _ in range(60):  # a right is believed for five seconds
        if (told := await run()).get("session_id") not in (None, first):
            break
        await asyncio.sleep(0.1)
    assert told["session_id"] != first


async def test_nobody_runs_in_an_archived_session(author: Person, provider: str):
    session = await made(author, archived=True)
    refused = await author.execute(f"{provider}/echo", session_id=session["id"])
    assert (refused.status, refused.body["code"]) == (409, "session_archived")


async def test_counters_are_right_under_a_hundred_runs_at_once(author: Person, provider: str):
    session = await made(author)
    models = ["echo", "echo", "tokens-32", "fault-400"]
    runs = [author.execute(f"{provider}/{models[n % 4]}", session_id=session["id"]) for n in range(100)]
    answers = await asyncio.gather(*runs)
    assert {answer.status for answer in answers} == {200, 502}
    told = (await author.get(f"/api/sessions/{session['id']}")).body

    def counted() -> tuple[int, float, Any]:
        rows = list(PromptExecution.objects.filter(session_id=session["id"]).order_by("-ended_at"))
        return len(rows), float(sum(row.estimated_cost for row in rows)), rows[0].ended_at

    count, cost, latest = await in_database_thread(counted)
    assert told["execution_count"] == count == 100
    assert told["total_cost"] == pytest.approx(cost)
    row = await in_database_thread(PlaygroundSession.objects.get, id=session["id"])
    assert row.last_executed == latest


async def test_history_is_filtered_and_paged_both_ways(author: Person, provider: str):
    session = await made(author)
    for number in range(7):
        model = "fault-400" if number == 3 else "echo"
        note = {"tags": ["odd"]} if number % 2 else {}
        await author.execute(f"{provider}/{model}", f"prompt {number}", session_id=session["id"], metadata=note)
    address = f"/api/sessions/{session['id']}/history"
    first = (await author.get(f"{address}?page_size=3")).body
    assert [each["prompt"] for each in first["results"]] == ["prompt 6", "prompt 5", "prompt 4"]
    assert first["previous"] is None
    second = (await author.get(first["next"].removeprefix(author.url))).body
    assert [each["prompt"] for each in second["results"]] == ["prompt 3", "prompt 2", "prompt 1"]
    third = (await author.get(second["next"].removeprefix(author.url))).body
    assert ([each["prompt"] for each in third["results"]], third["next"]) == (["prompt 0"], None)
    back = (await author.get(third["previous"].removeprefix(author.url))).body
    assert [each["prompt"] for each in back["results"]] == ["prompt 3", "prompt 2", "prompt 1"]

    async def found(query: str) -> list[str]:
        return [each["prompt"][-1] for each in (await author.get(f"{address}?{query}")).body["results"]]

    assert await found("status=failed") == ["3"]
    assert await found(f"model_id={provider}/fault-400") == ["3"]
    assert await found("tag=odd") == ["5", "3", "1"]
    assert await found("search=PROMPT+2") == ["2"]
    assert await found("min_cost=0.5") == []
    assert await found("from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z") == []
    assert await found(f"template_id={uuid.uuid4()}") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("cursor=abc", "cursor"),
        ("cursor=PjIwMjB8eA", "cursor"),
        ("status=odd", "status"),
        ("page_size=1000", "page_size"),
        ("from=yesterday", "from"),
        ("min_cost=-1", "min_cost"),
        ("template_id=1", "template_id"),
        ("colour=red", "colour"),
    ],
)
async def test_odd_queries_of_the_history_are_named(author: Person, query: str, field: str):
    session = await made(author)
    refused = await author.get(f"/api/sessions/{session['id']}/history?{query}")
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, field)


async def test_a_fork_copies_the_history_up_to_a_run(author: Person, provider: str):
    session = await made(author)
    runs = [(await author.execute(f"{provider}/echo", "0", session_id=session["id"])).body]
    for number in (1, 2):
        runs.append((await author.execute(f"{provider}/echo", str(number), parent_id=runs[-1]["id"])).body)
    asked = {"up_to_execution_id": runs[1]["id"]}
    forked = (await author.post(f"/api/sessions/{session['id']}/fork", asked)).body
    assert (forked["execution_count"], forked["metadata"]["forked_from"]) == (2, session["id"])
    copies = (await author.get(f"/api/sessions/{forked['id']}/history")).body["results"]
    assert [each["prompt"] for each in copies] == ["1", "0"]
    assert copies[0]["response"] == runs[1]["response"]
    assert copies[0]["parent_id"] == copies[1]["id"]
    assert {each["metadata"]["forked_from"] for each in copies} == {runs[0]["id"], runs[1]["id"]}
    wrong = await author.post(f"/api/sessions/{session['id']}/fork", {"up_to_execution_id": str(uuid.uuid4())})
    assert wrong.body["errors"][0]["field"] == "up_to_execution_id"
