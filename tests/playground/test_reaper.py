"""What a process that died has left: the reaper ends it once, with the words that the log has."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.db import connection
from redis.asyncio import Redis

from foundation.database.threads import in_database_thread
from foundation.sealing.encryption import keyring
from playground.engine import reaper
from playground.models import PromptExecution, RunnerLease, Status
from playground.stream.events import Event
from playground.stream.log import Append, StreamLog, key_of
from sessions_app.models import PlaygroundSession
from tests.cast import new_user
from tests.servers.service import Service

OUTCOME: dict[str, Any] = {
    "status": "completed",
    "error_code": "",
    "error_message": "",
    "prompt_tokens": 5,
    "completion_tokens": 2,
    "estimated_cost": "0.00012345",
    "execution_time": "1.250",
    "metadata": {"finish_reason": "stop", "usage_source": "provider"},
}


@pytest.fixture
def redis_url(service: Service) -> str:
    """The service's Valkey."""
    return service.environment["REDIS_URL"]


def left_behind(
    *, seconds: int = 60, runner: uuid.UUID | None = None, parameters: dict[str, Any] | None = None
) -> PromptExecution:
    """A running execution of a process that is gone."""
    user = new_user()
    return PromptExecution.objects.create(
        session=PlaygroundSession.objects.default_of(user),
        user=user,
        model_id="openai/echo",
        request={"prompt": "a question of some length"},
        parameters=parameters or {},
        status=Status.RUNNING,
        runner_id=runner or uuid.uuid4(),
        created_at=datetime.now(UTC) - timedelta(seconds=seconds),
    )


async def write(redis_url: str, execution: PromptExecution, kinds: list[tuple[str, Any]], outcome: Any = None) -> None:
    """Writes a log as a run does."""
    events = [Event.of(number, kind, data) for number, (kind, data) in enumerate(kinds, start=1)]
    async with Redis.from_url(redis_url) as redis:
        await StreamLog(redis).append([Append(execution.id, events, outcome and orjson.dumps(outcome))])


STARTED: tuple[str, Any] = ("started", {})
WORDS: list[tuple[str, Any]] = [("token", {"text": "two "}), ("token", {"text": "words"})]


async def end_of(redis_url: str, execution: PromptExecution) -> PromptExecution:
    """The row after the reaper was there (the service's own may have been quicker)."""
    await asyncio.to_thread(in_thread, redis_url)
    return await in_database_thread(PromptExecution.objects.select_related("session").get, id=execution.id)


def in_thread(redis_url: str) -> None:
    """The reaper as a worker runs it."""
    from django.db import connections

    try:
        reaper.reap(redis_url)
    finally:
        connections.close_all()


async def test_f15_an_interrupted_run_keeps_its_words(redis_url: str):
    execution = await in_database_thread(left_behind)
    await write(redis_url, execution, [STARTED, *WORDS])
    row = await end_of(redis_url, execution)
    assert (row.status, row.error_code) == ("failed", "interrupted")
    assert row.answer["response"] == "two words"
    assert row.completion_tokens > 0
    assert row.metadata["usage_source"] == "estimated"
    async with Redis.from_url(redis_url) as redis:
        (last,) = await StreamLog(redis).read(execution.id, after=3)
    assert (last.sequence, last.kind) == (4, "failed")
    assert row.last_event == 4


async def test_f15_what_was_thought_and_what_the_provider_ran_is_kept(redis_url: str):
    execution = await in_database_thread(left_behind)
    use = {"id": "s", "tool_name": "web_search", "arguments": {"q": "x"}}
    kinds = [STARTED, ("token", {"text": "plan\n"}), ("recast", {"from": "token", "to": "reasoning"})]
    kinds += [("provider_tool", use), ("provider_tool", use | {"result": ["found"]}), ("token", {"text": "ans"})]
    await write(redis_url, execution, kinds)
    row = await end_of(redis_url, execution)
    assert row.answer == {"response": "ans", "reasoning": "plan", "provider_tools": [use | {"result": ["found"]}]}


async def test_f15_a_call_that_was_being_written_is_kept_as_incomplete(redis_url: str):
    execution = await in_database_thread(left_behind)
    call = {"id": "a", "tool_name": "f", "arguments": {"q": "x"}}
    grown = [
        {"position": 0, "id": "", "tool_name": "", "arguments": '{"q":'},
        {"position": 1, "id": "b", "tool_name": "g", "arguments": '{"q":'},
        {"position": 0, "id": "a", "tool_name": "f", "arguments": '"x"}'},
        {"position": 1, "id": "b", "tool_name": "g", "arguments": '"ha'},
    ]
    kinds = [STARTED, *(("tool_call_part", part) for part in grown), ("tool_call", call)]
    await write(redis_url, execution, kinds)
    row = await end_of(redis_url, execution)
    assert row.answer["tool_executions"] == [
        {**call, "status": "requested"},
        {"id": "b", "tool_name": "g", "arguments": '{"q":"ha', "status": "incomplete"},
    ]
    assert row.completion_tokens > 0


async def test_f15_a_call_of_a_later_round_is_kept_once_where_ids_come_again(redis_url: str):
    execution = await in_database_thread(left_behind)
    part = {"position": 0, "id": "call_0", "tool_name": "f", "arguments": "{}"}
    first = {"id": "call_0", "tool_name": "f", "arguments": {}}
    second = {**first, "id": "call_0_2"}
    result = {**first, "status": "completed", "result": 1, "execution_time": 0.1}
    kinds: list[tuple[str, Any]] = [
        STARTED,
        ("tool_call_part", part),
        ("tool_call", first),
        ("tool_result", result),
        ("round", {"number": 1}),
        ("tool_call_part", part),
        ("tool_call", second),
    ]
    await write(redis_url, execution, kinds)
    row = await end_of(redis_url, execution)
    assert row.answer["tool_executions"] == [{**result, "round": 1}, {**second, "status": "requested"}]


async def test_f15_an_answer_that_was_only_not_stored_is_stored(redis_url: str):
    execution = await in_database_thread(left_behind)
    await write(redis_url, execution, [STARTED, *WORDS, ("usage", {})], OUTCOME)
    row = await end_of(redis_url, execution)
    assert row.status == "completed"
    assert row.answer["response"] == "two words"
    assert row.estimated_cost == Decimal("0.00012345")
    assert row.session.total_cost == Decimal("0.00012345")
    assert row.session.execution_count == 1


SCHEMA = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object", "required": ["price"]}}}


@pytest.mark.parametrize(
    ("words", "is_valid", "keyword"),
    [('{"cost": 1}', False, "required"), ('{"price": 1}', True, ""), ("no", False, "json")],
)
async def test_f15_an_answer_that_was_only_not_stored_is_judged(
    redis_url: str, words: str, is_valid: bool, keyword: str
):
    execution = await in_database_thread(left_behind, parameters={"response_format": SCHEMA})
    metadata = {**OUTCOME["metadata"], "schema_valid": is_valid}
    late = {"code": "provider_error", "message": "it broke"}
    outcome = {**OUTCOME, "metadata": metadata, "late_error": late}
    await write(redis_url, execution, [STARTED, ("token", {"text": words}), ("usage", {})], outcome)
    row = await end_of(redis_url, execution)
    assert row.whole_metadata["schema_valid"] == is_valid
    assert row.whole_metadata.get("schema_error", {}).get("keyword", "") == keyword
    assert "schema_error" not in row.metadata
    assert row.whole_metadata["late_error"] == late


async def test_f15_an_interrupted_answer_is_not_judged(redis_url: str):
    execution = await in_database_thread(left_behind, parameters={"response_format": SCHEMA})
    await write(redis_url, execution, [STARTED, ("token", {"text": '{"price"'})])
    row = await end_of(redis_url, execution)
    assert (row.error_code, row.whole_metadata["schema_valid"]) == ("interrupted", None)
    assert "schema_error" not in row.whole_metadata


async def test_f17_two_reapers_end_it_once(redis_url: str):
    execution = await in_database_thread(left_behind)
    await write(redis_url, execution, [STARTED, *WORDS, ("usage", {})], OUTCOME)
    await asyncio.gather(*(asyncio.to_thread(in_thread, redis_url) for _ in range(4)))
    row = await end_of(redis_url, execution)
    assert row.session.execution_count == 1
    assert row.session.total_cost == Decimal("0.00012345")


async def test_f19_without_its_log_a_run_is_ended_all_the_same(redis_url: str):
    execution = await in_database_thread(left_behind)
    row = await end_of(redis_url, execution)
    assert (row.status, row.answer["response"]) == ("failed", "")


async def test_a_run_of_a_living_process_is_left_alone(redis_url: str):
    lease = await in_database_thread(
        RunnerLease.objects.create, id=uuid.uuid4(), expires_at=datetime.now(UTC) + timedelta(seconds=60)
    )
    execution = await in_database_thread(left_behind, runner=lease.id)
    young = await in_database_thread(left_behind, seconds=0)
    assert (await end_of(redis_url, execution)).status == "running"
    assert (await in_database_thread(PromptExecution.objects.get, id=young.id)).status == "running"
    await in_database_thread(lease.delete)


async def test_a_row_that_cannot_be_opened_ends_and_keeps_no_other_from_its_end(redis_url: str):
    broken, sound = [await in_database_thread(left_behind) for _ in range(2)]
    unreadable, senseless = [await in_database_thread(left_behind) for _ in range(2)]
    for execution in (sound, unreadable, senseless):
        await write(redis_url, execution, [STARTED, *WORDS])
    await in_database_thread(_seal_for_another_place, broken)
    async with Redis.from_url(redis_url) as redis:
        await redis.xadd(key_of(unreadable.id), {"k": "token", "d": b"not sealed"}, id="4-0")
    await write(redis_url, senseless, [STARTED, *WORDS, ("usage", {})], {**OUTCOME, "status": "no status"})
    await end_of(redis_url, sound)
    rows = {row.id: row for row in await in_database_thread(_rows, [broken, sound, unreadable, senseless])}
    assert {(row.status, row.error_code) for row in rows.values()} == {("failed", "interrupted")}
    assert rows[sound.id].answer["response"] == "two words"


def _seal_for_another_place(execution: PromptExecution) -> None:
    sealed = keyring().seal_json({"prompt": "moved"}, place="somewhere else")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE prompt_executions SET request = %s WHERE id = %s", [sealed, execution.id])


def _rows(executions: list[PromptExecution]) -> list[PromptExecution]:
    return list(PromptExecution.objects.filter(id__in=[execution.id for execution in executions]))
