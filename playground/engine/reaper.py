"""The reaper: ends executions whose process died, with the text that their log has.

An answer that was complete in the log, and only not stored, is stored: it was paid for.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from redis.asyncio import Redis
from redis.exceptions import RedisError

from foundation.sealing.encryption import keyring
from playground.engine import lifecycle, statements
from playground.engine.lifecycle import Ending
from playground.models import PromptExecution, Status
from playground.representation import execution_json
from playground.stream.events import Event
from playground.stream.log import Append, StreamLog
from providers.errors import SENTENCE, Code
from providers.line.fitting import count_characters, estimated_tokens


def reap(redis_url: str) -> int:
    """Ends every orphan; their number. Harmless when two do it at once: an execution ends once."""
    with connection.cursor() as cursor:
        cursor.execute(statements.ORPHANS)
        orphans = [row[0] for row in cursor.fetchall()]
        cursor.execute(statements.DROP_DEAD_LEASES)
    if not orphans:
        return 0
    logs = asyncio.run(_read_logs(redis_url, orphans))
    ended = []
    for execution in PromptExecution.objects.filter(id__in=orphans):
        events, outcome = logs.get(execution.id, ([], None))
        last = (events[-1].sequence if events else 3) + 1
        if lifecycle.end(_ending(execution, events, outcome, last)):
            ended.append((execution.id, last))
    asyncio.run(_say_the_end(redis_url, ended))
    return len(ended)


async def _read_logs(redis_url: str, orphans: list[UUID]) -> dict[UUID, tuple[list[Event], dict[str, Any] | None]]:
    logs = {}
    async with Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=2) as redis:
        log = StreamLog(redis)
        for execution_id in orphans:
            try:
                events = await log.read(execution_id, count=1_000_000)
                outcome = await log.outcome(execution_id)
            except RedisError:
                # Without its log an execution ends without its text, but it ends.
                continue
            logs[execution_id] = (events, orjson.loads(outcome) if outcome else None)
    return logs


def _ending(execution: PromptExecution, events: list[Event], outcome: dict[str, Any] | None, last: int) -> Ending:
    answer = _answer(events)
    now = datetime.now(UTC)
    if outcome is None:
        outcome = _interrupted(execution, answer, now)
    return Ending(
        id=execution.id,
        model_id=outcome.get("model_id", execution.model_id),
        status=Status(outcome["status"]),
        answer=keyring().seal_json(answer, place=lifecycle.answer_place(execution.id)),
        error_code=outcome["error_code"],
        error_message=outcome["error_message"],
        prompt_tokens=outcome["prompt_tokens"],
        completion_tokens=outcome["completion_tokens"],
        estimated_cost=Decimal(outcome["estimated_cost"]),
        execution_time=Decimal(outcome["execution_time"]),
        metadata=outcome["metadata"],
        ended_at=now,
        last_event=last,
    )


def _interrupted(execution: PromptExecution, answer: dict[str, Any], now: datetime) -> dict[str, Any]:
    text = answer["response"] + answer.get("reasoning", "")
    asked = execution.request.get("messages") or [{"content": execution.request.get("prompt", "")}]
    return {
        "status": Status.FAILED.value,
        "error_code": Code.INTERRUPTED.value,
        "error_message": SENTENCE[Code.INTERRUPTED],
        "prompt_tokens": estimated_tokens(count_characters(asked)) if text else 0,
        "completion_tokens": estimated_tokens(len(text)),
        "estimated_cost": "0",
        "execution_time": str(round((now - execution.created_at).total_seconds(), 3)),
        "metadata": {**execution.metadata, "usage_source": "estimated"},
    }


def _answer(events: list[Event]) -> dict[str, Any]:
    """The answer's texts, put together from its events."""
    texts: dict[str, list[str]] = {"token": [], "reasoning": []}
    calls = []
    for event in events:
        if event.kind in texts:
            texts[event.kind].append(orjson.loads(event.data)["text"])
        elif event.kind == "tool_call":
            calls.append({**orjson.loads(event.data), "status": "requested"})
    answer: dict[str, Any] = {"response": "".join(texts["token"])}
    if texts["reasoning"]:
        answer["reasoning"] = "".join(texts["reasoning"])
    if calls:
        answer["tool_executions"] = calls
    return answer


async def _say_the_end(redis_url: str, ended: list[tuple[UUID, int]]) -> None:
    """Readers that wait in other processes hear the end at once; ones that come later read the row."""
    rows = {row.id: row async for row in PromptExecution.objects.filter(id__in=[identifier for identifier, _ in ended])}
    appends = [
        Append(identifier, [Event.of(last, rows[identifier].status, execution_json(rows[identifier]))])
        for identifier, last in ended
        if identifier in rows
    ]
    if not appends:
        return
    async with Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=2) as redis:
        try:
            await StreamLog(redis).append(appends)
        except RedisError:
            return
