"""The reaper: ends executions whose process died, with the text that their log has.

An answer that was complete in the log, and only not stored, is stored: it was paid for.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import InterfaceError, OperationalError, connection
from redis.exceptions import RedisError

from foundation.cache.client import client_of
from foundation.sealing.encryption import CannotDecrypt
from playground.engine import lifecycle, measuring, statements, structure
from playground.engine.lifecycle import Ending
from playground.engine.tally import Tally
from playground.engine.tool_calls import ToolCalls
from playground.models import Origin, PromptExecution, Status
from playground.representation import execution_json
from playground.stream.events import Event
from playground.stream.log import Append, StreamLog
from playground.tools.calling import REQUESTED
from providers.base import ToolCallPart
from providers.catalogue import bill
from providers.catalogue.listing import info_of
from providers.errors import SENTENCE, Code
from providers.models import CatalogueModel
from providers.parts import counting

logger = logging.getLogger(__name__)


def reap(redis_url: str) -> int:
    """Ends every orphan; their number. Harmless when two do it at once: an execution ends once.

    One that cannot be opened or told ends all the same, without its text, and keeps no other from its end.
    """
    with connection.cursor() as cursor:
        cursor.execute(statements.ORPHANS)
        orphans = [row[0] for row in cursor.fetchall()]
        cursor.execute(statements.DROP_DEAD_LEASES)
    if not orphans:
        return 0
    logs = asyncio.run(_read_logs(redis_url, orphans))
    ended = []
    for execution_id in orphans:
        log = logs.get(execution_id, Log([], None, []))
        if _ends(execution_id, log):
            ended.append((execution_id, log.next_event))
    asyncio.run(_say_the_end(redis_url, ended))
    return len(ended)


class Log(NamedTuple):
    """What the log has of a run; `outcome` where its end was known and only not stored.

    `tally` is what the provider had counted by then.
    """

    events: list[Event]
    outcome: dict[str, Any] | None
    tally: list[dict[str, Any]]

    @property
    def next_event(self) -> int:
        """The number of the event that ends it."""
        return (self.events[-1].sequence if self.events else 3) + 1


async def _read_logs(redis_url: str, orphans: list[UUID]) -> dict[UUID, Log]:
    logs = {}
    async with client_of(redis_url, seconds=5, seconds_to_connect=2) as redis:
        log = StreamLog(redis)
        for execution_id in orphans:
            try:
                events = await log.read(execution_id, count=1_000_000)
                outcome = await log.outcome(execution_id)
                tally = None if outcome else await log.tally(execution_id)
                told = orjson.loads(outcome) if outcome else None
                logs[execution_id] = Log(events, told, orjson.loads(tally) if tally else [])
            except (RedisError, CannotDecrypt, ValueError, KeyError) as error:
                # Without its log an execution ends without its text, but it ends.
                logger.warning("orphan_without_log", extra=_about(execution_id, error))
    return logs


def _ends(execution_id: UUID, log: Log) -> bool:
    """Whether it was ended now, by this."""
    execution = PromptExecution.objects.filter(id=execution_id).first()
    if execution is None:
        return False
    for ending in (_ending, _bare_ending):
        try:
            end = ending(execution, log)
            is_known = CatalogueModel.objects.filter(id=end.model_id).exists()
            is_ours = lifecycle.end(end)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.exception("orphan_unread", extra=_about(execution_id, error))
        else:
            if is_ours:
                measuring.count(end, origin=Origin(execution.origin), is_known=is_known)
            return is_ours
    return False


def _about(execution_id: UUID, error: Exception) -> dict[str, str]:
    return {"execution_id": str(execution_id), "reason": type(error).__name__}


def _ending(execution: PromptExecution, log: Log) -> Ending:
    answer, outcome = _answer(log.events), log.outcome
    if outcome is None:
        request = execution.request
        said = [
            {"content": request.get(name)} for name in ("system_prompt", "parts" if "parts" in request else "prompt")
        ]
        asked = counting.about([*request.get("messages", ()), *said])
        outcome = _interrupted(execution, answer, asked, log.tally)
        outcome["metadata"] = {**execution.metadata, **outcome["metadata"]}
    is_whole = outcome["status"] == Status.COMPLETED
    reason = outcome["metadata"].get("finish_reason") if is_whole else None
    structure.judge(execution.parameters, answer, outcome["metadata"], finish_reason=reason)
    if error := outcome.get("late_error"):
        answer["late_error"] = error
    return _as_ending(execution, answer, outcome, log.next_event)


def _bare_ending(execution: PromptExecution, log: Log) -> Ending:
    """Without anything that must be opened."""
    answer = {"response": ""}
    return _as_ending(execution, answer, _interrupted(execution, answer, 0, []), log.next_event)


def _as_ending(execution: PromptExecution, answer: dict[str, Any], outcome: dict[str, Any], last_event: int) -> Ending:
    return Ending(
        id=execution.id,
        model_id=outcome.get("model_id", execution.model_id),
        status=Status(outcome["status"]),
        answer=lifecycle.sealed(execution.id, "answer", answer),
        error_code=outcome["error_code"],
        error_message=lifecycle.sealed(execution.id, "error_message", outcome["error_message"]),
        prompt_tokens=outcome["prompt_tokens"],
        completion_tokens=outcome["completion_tokens"],
        estimated_cost=Decimal(outcome["estimated_cost"]),
        billing=outcome.get("billing"),
        execution_time=Decimal(outcome["execution_time"]),
        metadata=outcome["metadata"],
        ended_at=datetime.now(UTC),
        last_event=last_event,
    )


def _interrupted(
    execution: PromptExecution, answer: dict[str, Any], asked: int, told: list[dict[str, Any]]
) -> dict[str, Any]:
    """The outcome of a run that was cut off: what the provider said it used, and an estimate of the rest."""
    now = datetime.now(UTC)
    # What was called in the rounds before is on their bills.
    called = [call for call in answer.get("tool_executions", ()) if "round" not in call]
    calls = sum(len(orjson.dumps(call.get("arguments"))) for call in called)
    written = len(answer["response"]) + len(answer.get("reasoning", "")) + calls
    tally = Tally.from_json(told, info_of)
    if tally.model is None and written:
        tally.begin(info_of(execution.model_id))
    counted = tally.counted(asked=asked if written else 0, written=written, is_whole=False, at=now)
    price_known = {} if tally.model is None else {"price_known": tally.model.price_known}
    return {
        "status": Status.FAILED.value,
        "error_code": Code.INTERRUPTED.value,
        "error_message": SENTENCE[Code.INTERRUPTED],
        "prompt_tokens": counted.usage.prompt_tokens or 0,
        "completion_tokens": counted.usage.completion_tokens or 0,
        "estimated_cost": str(bill.total_of(counted.parts)),
        "billing": counted.billing(),
        "execution_time": str(round((now - execution.created_at).total_seconds(), 3)),
        "metadata": {**counted.notes(), **price_known} if tally.model else {"usage_source": "estimated"},
    }


def _answer(events: list[Event]) -> dict[str, Any]:
    """The answer's texts, put together from its events."""
    texts: dict[str, list[str]] = {"token": [], "reasoning": []}
    calls = ToolCalls()
    rounds: list[dict[str, str]] = []
    provider_tools: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.kind in texts:
            texts[event.kind].append(orjson.loads(event.data)["text"])
        elif event.kind == "tool_call":
            calls.keep({**orjson.loads(event.data), "status": REQUESTED})
        elif event.kind == "tool_result":
            calls.take_outcome(orjson.loads(event.data))
        elif event.kind == "round":
            rounds.append(_said(texts))
            texts = {"token": [], "reasoning": []}
            calls.begin_round(number=len(rounds))
        elif event.kind == "tool_call_part":
            part = orjson.loads(event.data)
            calls.grow(ToolCallPart(part["position"], part["id"], part["tool_name"], part["arguments"]))
        elif event.kind == "provider_tool":
            use = orjson.loads(event.data)
            provider_tools[use["id"]] = use
        elif event.kind == "recast":
            texts["reasoning"].append("".join(texts["token"]).strip("\n"))
            texts["token"] = []
    answer: dict[str, Any] = {"response": "".join(texts["token"])}
    if texts["reasoning"]:
        answer["reasoning"] = "".join(texts["reasoning"])
    if entries := calls.as_json():
        answer["tool_executions"] = entries
    if provider_tools:
        answer["provider_tools"] = list(provider_tools.values())
    if rounds:
        answer["rounds"] = rounds
    return answer


def _said(texts: dict[str, list[str]]) -> dict[str, str]:
    """What was said in a round that is over."""
    said = {"response": "".join(texts["token"]), "reasoning": "".join(texts["reasoning"])}
    return {name: text for name, text in said.items() if text}


async def _say_the_end(redis_url: str, ended: list[tuple[UUID, int]]) -> None:
    """Readers that wait in other processes hear the end at once; ones that come later read the row."""
    appends = []
    async for row in PromptExecution.objects.filter(id__in=[execution_id for execution_id, _ in ended]):
        try:
            event = Event.of(dict(ended)[row.id], row.status, execution_json(row))
        except CannotDecrypt as error:
            logger.warning("end_untold", extra=_about(row.id, error))
            continue
        appends.append(Append(row.id, [event]))
    if not appends:
        return
    async with client_of(redis_url, seconds=5, seconds_to_connect=2) as redis:
        try:
            await StreamLog(redis).append(appends)
        except RedisError as error:
            logger.warning("ends_untold", extra={"reason": type(error).__name__})
