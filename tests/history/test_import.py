"""What was exported comes back as it was; what is wrong is named, and then nothing is written."""

from __future__ import annotations

import copy
import json
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from history.importing.checking import read
from playground.models import Comparison, PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Answer, Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.history.stored import a_session, an_execution, download

__all__ = ["browser_of"]

IMPORT = "/api/sessions/import"
OWN = {"id", "session_id", "user_id", "parent_id", "comparison_id"}


def a_bundle(**execution: Any) -> dict[str, Any]:
    """The smallest bundle with one execution."""
    return {
        "format": "llm-playground-session",
        "version": 1,
        "session": {"name": "From elsewhere"},
        "executions": [
            {
                "model_id": "openai/echo",
                "prompt": "Hello",
                "response": "Hi",
                "usage": {"prompt_tokens": 1, "completion_tokens": 2, "estimated_cost": 0.5},
                "timestamp": "2026-03-01T12:00:00Z",
                "status": "completed",
                **execution,
            }
        ],
    }


def a_linked_session(author: Person) -> PlaygroundSession:
    """Turns, a comparison and a replay; an error; texts of every kind."""
    session = a_session(author, name="Origin", description="Long\ntext", tags=["a"], purpose="work", project_id="p-1")
    first = an_execution(
        session,
        0,
        request={
            "prompt": " spaces stay \n",
            "system_prompt": "=1+1",
            "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
            "context": {"deep": [1, {"a": None}]},
            "tools": [{"name": "t", "parameters": {"type": "object"}}],
            "variables": {"tone": ["warm", 1.5]},
        },
        answer={
            "response": "y",
            "reasoning": "r",
            "tool_executions": [{"tool_name": "t", "arguments": {}}],
            "provider_tools": [{"id": "s", "tool_name": "web_search", "arguments": {"q": "x"}, "result": ["found"]}],
        },
        parameters={"temperature": 0.5, "stop_sequences": [" "], "fallback_models": ["openai/b"]},
        metadata={"time_to_first_token": 0.25, "attempts": 1, "cached": False, "mine": {"x": 1}},
    )
    comparison = Comparison.objects.create(session=session, user_id=session.user_id)
    for position in range(2):
        an_execution(session, 1 + position, parent=first, comparison=comparison, comparison_position=position)
    an_execution(session, 3, status="failed", error_code="timeout", error_message="Slow", answer={})
    an_execution(session, 4, metadata={"replay_of": str(first.id)}, execution_time=None)
    return session


def nothing_written() -> bool:
    """No session and no execution is there."""
    return not PlaygroundSession.objects.exists() and not PromptExecution.objects.exists()


async def bundle_of(person: Person, session_id: Any) -> dict[str, Any]:
    """The exported session."""
    file = await download(person, f"/api/sessions/{session_id}/export?format=json")
    assert file.status == 200
    return dict(json.loads(file.content))


def places(rows: list[dict[str, Any]], column: str) -> list[Any]:
    """Links as positions: which row, or which group, is meant."""
    ids = [row["id"] for row in rows]
    if column != "comparison_id":
        return [ids.index(row[column]) if row[column] else None for row in rows]
    groups = list(dict.fromkeys(row[column] for row in rows if row[column]))
    return [groups.index(row[column]) if row[column] else None for row in rows]


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """What must come back as it was."""
    metadata = {name: value for name, value in row["metadata"].items() if name not in ("imported_from", "replay_of")}
    return {**{name: value for name, value in row.items() if name not in OWN}, "metadata": metadata}


async def test_a_round_trip_gives_the_same_session_to_another_owner(author: Person, stranger: Person):
    origin = await in_database_thread(a_linked_session, author)
    given_bundle = await bundle_of(author, origin.id)
    answer = await stranger.post(IMPORT, given_bundle)
    assert answer.status == 201, answer.body
    assert (answer.body["executions"], answer.body["dropped_links"]) == (5, 0)
    session = await in_database_thread(PlaygroundSession.objects.get, id=answer.body["session"]["id"])
    assert stranger.user is not None
    assert (session.user_id, session.is_default) == (stranger.user.id, False)
    assert session.metadata["imported_from"] == str(origin.id)
    assert (session.execution_count, session.total_cost) == (5, Decimal("0.00625"))
    assert session.last_executed == datetime(2026, 3, 1, 12, 4, tzinfo=UTC)
    back = await bundle_of(stranger, session.id)
    for name in ("name", "description", "tags", "purpose", "project_id"):
        assert back["session"][name] == given_bundle["session"][name]
    old, new = given_bundle["executions"], back["executions"]
    assert [plain(row) for row in new] == [plain(row) for row in old]
    assert not {row["id"] for row in new} & {row["id"] for row in old}
    assert [row["metadata"]["imported_from"] for row in new] == [row["id"] for row in old]
    for column in ("parent_id", "comparison_id"):
        assert places(new, column) == places(old, column)
    assert new[4]["metadata"]["replay_of"] == new[0]["id"]
    # The origin is as it was, and its owner does not see the copy.
    assert await bundle_of(author, origin.id) == given_bundle
    assert (await author.get(f"/api/sessions/{session.id}/export")).status == 404


async def test_texts_of_an_import_are_sealed(author: Person):
    answer = await author.post(IMPORT, a_bundle(prompt="canary-prompt", response="canary-response"))
    assert answer.status == 201

    def raw() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(e::text, '') FROM prompt_executions e")
            return str(cursor.fetchone()[0])

    text = await in_database_thread(raw)
    assert "canary" not in text
    assert b"canary".hex() not in text


async def test_a_dry_run_says_what_it_would_do_and_writes_nothing(author: Person):
    bundle = a_bundle(parent_id=str(uuid.uuid4()), template={"id": str(uuid.uuid4()), "version": 1})
    answer = await author.post(f"{IMPORT}?dry_run=true", bundle)
    assert answer.status == 200
    assert "id" not in answer.body["session"]
    assert (answer.body["executions"], answer.body["dropped_links"], answer.body["dry_run"]) == (1, 2, True)
    assert (answer.body["session"]["name"], answer.body["session"]["total_cost"]) == ("From elsewhere", 0.5)
    assert await in_database_thread(nothing_written)


async def test_links_out_of_the_bundle_are_dropped(author: Person, stranger: Person):
    theirs = await in_database_thread(lambda: an_execution(a_session(stranger)))
    bundle = a_bundle(
        parent_id=str(theirs.id),
        metadata={"replay_of": str(theirs.id)},
        template={"id": str(uuid.uuid4()), "version": 1},
    )
    answer = await author.post(IMPORT, bundle)
    assert (answer.status, answer.body["dropped_links"]) == (201, 3)
    (row,) = (await bundle_of(author, answer.body["session"]["id"]))["executions"]
    assert (row["parent_id"], row["template"], "replay_of" in row["metadata"]) == (None, None, False)


def without(bundle: dict[str, Any], *path: Any) -> dict[str, Any]:
    """The bundle without one place."""
    made = copy.deepcopy(bundle)
    inner: Any = made
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return made


USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "estimated_cost": 0.5}
SAME = "00000000-0000-4000-8000-000000000001"
REFUSED: dict[str, tuple[Any, str]] = {
    "another format": ({**a_bundle(), "format": "promptfoo"}, "format"),
    "no format": (without(a_bundle(), "format"), "format"),
    "a later version": ({**a_bundle(), "version": 2}, "version"),
    "true as version": ({**a_bundle(), "version": True}, "version"),
    "an unknown member": ({**a_bundle(), "owner": "me"}, "owner"),
    "no session": (without(a_bundle(), "session"), "session"),
    "a session without name": ({**a_bundle(), "session": {}}, "session.name"),
    "an owner in the session": ({**a_bundle(), "session": {"name": "x", "user": "me"}}, "session.user"),
    "executions as an object": ({**a_bundle(), "executions": {}}, "executions"),
    "an execution that is a number": ({**a_bundle(), "executions": [1]}, "executions.0"),
    "a running execution": (a_bundle(status="running"), "executions.0.status"),
    "an unknown field": (a_bundle(runner_id="x"), "executions.0.runner_id"),
    "an unknown parameter": (a_bundle(parameters={"api_base": "http://x"}), "executions.0.parameters.api_base"),
    "a wrong parameter": (a_bundle(parameters={"temperature": 9}), "executions.0.parameters.temperature"),
    "negative tokens": (a_bundle(usage={**USAGE, "prompt_tokens": -1}), "executions.0.usage.prompt_tokens"),
    "too many tokens": (a_bundle(usage={**USAGE, "prompt_tokens": 2**53}), "executions.0.usage.prompt_tokens"),
    "a cost of NaN": (a_bundle(usage={**USAGE, "estimated_cost": "NaN"}), "executions.0.usage.estimated_cost"),
    "a cost beyond all": (a_bundle(usage={**USAGE, "estimated_cost": 1e12}), "executions.0.usage.estimated_cost"),
    "no usage": (without(a_bundle(), "executions", 0, "usage"), "executions.0.usage"),
    "a time of NaN": (a_bundle(execution_time="nan"), "executions.0.execution_time"),
    "a future": (a_bundle(timestamp=(datetime.now(UTC) + timedelta(days=3)).isoformat()), "executions.0.timestamp"),
    "the year 1": (a_bundle(timestamp="0001-01-01T00:00:00+14:00"), "executions.0.timestamp"),
    "an odd role": (a_bundle(messages=[{"role": "root", "content": "x"}]), "executions.0.messages.0.role"),
    "an odd content": (a_bundle(messages=[{"role": "user", "content": [1]}]), "executions.0.messages.0.content"),
    "a first token of text": (
        a_bundle(metadata={"time_to_first_token": "fast"}),
        "executions.0.metadata.time_to_first_token",
    ),
    "attempts of true": (a_bundle(metadata={"attempts": True}), "executions.0.metadata.attempts"),
    "an error code with spaces": (a_bundle(error={"code": "a b", "message": ""}), "executions.0.error.code"),
    "one id twice": (
        {**a_bundle(), "executions": a_bundle(id=SAME)["executions"] * 2},
        "executions.1.id",
    ),
    "a list": ([], ""),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_wrong_bundle_is_refused_whole_with_the_place_named(author: Person, name: str):
    bundle, field = REFUSED[name]
    if isinstance(bundle, dict) and field.startswith("executions.0."):
        bundle = {**bundle, "executions": [*bundle["executions"], *a_bundle()["executions"]]}
    answer = await author.post(IMPORT, bundle)
    assert answer.status == 400, answer.body
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert await in_database_thread(nothing_written)


async def test_every_wrong_execution_is_named_up_to_a_hundred(author: Person):
    bundle = a_bundle()
    bundle["executions"] = bundle["executions"] + a_bundle(status="pending")["executions"] * 300
    answer = await author.post(IMPORT, bundle)
    fields = [error["field"] for error in answer.body["errors"]]
    assert fields == [f"executions.{position}.status" for position in range(1, 101)]


async def test_unknown_query_parameters_are_named(author: Person):
    answer = await author.post(f"{IMPORT}?dryrun=true", a_bundle())
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "dryrun")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
FULL = a_bundle(
    id=SAME,
    messages=[{"role": "user", "content": "x"}],
    parameters={"temperature": 1},
    error={"code": "x", "message": ""},
    template={"id": SAME, "version": 1},
    metadata={"time_to_first_token": 0.1, "tags": ["a"]},
    execution_time=1.5,
    tools=[{"name": "t"}],
    tool_executions=[{}],
    provider_tools=[{}],
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, below in inner for found in paths(below, (*path, key)))]


def mutated(path: tuple[Any, ...], put: Any) -> Any:
    """The full bundle with another value at one place."""
    made: Any = {"": copy.deepcopy(FULL)}
    inner, last = made, ""
    for key in path:
        inner, last = inner[last], key
    inner[last] = put
    return made[""]


@given(st.sampled_from(paths(FULL)), JSON)
@hypothesis_settings(max_examples=300, deadline=None)
def test_t12_any_bundle_is_read_or_refused_by_name(path: tuple[Any, ...], put: Any):
    # Whatever is neither read nor refused by a problem is an error that nobody would catch.
    with suppress(Problem):
        read(mutated(path, put))


@given(path=st.sampled_from(paths(FULL)), put=JSON)
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_t12_a_mutated_bundle_is_imported_whole_or_not_at_all(author: Person, path: tuple[Any, ...], put: Any):
    before = await in_database_thread(PlaygroundSession.objects.count)
    rows_before = await in_database_thread(PromptExecution.objects.count)
    answer: Answer = await author.post(IMPORT, mutated(path, put))
    assert answer.status in (201, 400), answer.body
    grown = await in_database_thread(PlaygroundSession.objects.count) - before
    rows = await in_database_thread(PromptExecution.objects.count) - rows_before
    if answer.status == 400:
        assert (grown, rows) == (0, 0)
    else:
        assert (grown, rows) == (1, answer.body["executions"])
        session_id = answer.body["session"]["id"]
        assert (await author.get(f"/api/sessions/{session_id}/analytics")).status == 200
        for name in ("json", "csv", "parquet", "markdown", "openai-jsonl"):
            assert (await download(author, f"/api/sessions/{session_id}/export?format={name}")).status == 200


@pytest.mark.parametrize("shape", ["x", "", 1, 1.5, True, None, [], [None], [[]], {"executions": [None]}], ids=str)
async def test_what_is_no_bundle_is_refused_at_every_door(author: Person, browser_of: BrowserOf, shape: Any):
    for query in ("", "?dry_run=true"):
        refused = await author.post(IMPORT + query, shape)
        assert (refused.status, bool(refused.body["errors"])) == (400, True), refused.body
    keyed = await author.post(IMPORT, shape, headers={"Idempotency-Key": "once"})
    assert keyed.status == 400
    browser = await in_database_thread(browser_of, author)
    form = aiohttp.FormData({"act": "import"})
    form.add_field("bundle", json.dumps(shape).encode(), filename="bundle.json")
    page = await browser.post("/sessions/import", form=form)
    assert page.status == 400


@pytest.mark.parametrize("odd", [None, "x", 1, [], [None], {}], ids=str)
@pytest.mark.parametrize("place", ["session", "executions", "executions.0", "executions.0.usage"])
async def test_an_odd_value_in_a_bundle_is_named(author: Person, place: str, odd: Any):
    if (place, odd) == ("executions", []):
        return  # a session without executions is one
    shape: Any = a_bundle()
    *way, last = [int(part) if part.isdecimal() else part for part in place.split(".")]
    around = shape
    for part in way:
        around = around[part]
    around[last] = odd
    refused = await author.post(IMPORT, shape)
    assert refused.status == 400
    assert all(error["field"].startswith(place) for error in refused.body["errors"]), refused.body["errors"]
