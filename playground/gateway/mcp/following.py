"""How far the runs of a call are, told while they are waited for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

import orjson

from playground import executing
from playground.api.streams import readers
from playground.gateway.mcp.calls import Call
from playground.models import PromptExecution
from playground.stream.events import Event

logger = logging.getLogger(__name__)


async def ended(execution_id: UUID, call: Call) -> PromptExecution:
    """The execution once it has ended; its progress is the characters that it has written, and its calls of tools."""
    if not call.is_followed:
        return await executing.record_of(execution_id)
    following = asyncio.create_task(_follow(execution_id, call))
    try:
        return await executing.record_of(execution_id)
    finally:
        following.cancel()


async def all_ended(execution_ids: Sequence[UUID], call: Call) -> None:
    """Returns when each has ended; progress is how many have."""
    for count, waiting in enumerate(asyncio.as_completed(map(executing.record_of, execution_ids)), start=1):
        await waiting
        call.tell(count, total=len(execution_ids), message=f"{count} of {len(execution_ids)} have ended")


async def _follow(execution_id: UUID, call: Call) -> None:
    done = 0
    try:
        reading: Any = (await readers()).read(execution_id)
        async with aclosing(reading) as batches:
            async for batch in batches:
                for event in batch or ():
                    done += _size(event)
                if batch:
                    call.tell(done, message=_word(batch[-1]))
    except Exception:
        # Whoever waits for the answer gets it all the same.
        logger.exception("mcp_progress_broke", extra={"execution_id": str(execution_id)})


def _size(event: Event) -> int:
    is_text = event.kind in ("token", "reasoning")
    return len(orjson.loads(event.data)["text"]) if is_text else 1


def _word(event: Event) -> str:
    match event.kind:
        case "token":
            return "The model is answering"
        case "reasoning":
            return "The model is thinking"
        case "tool_call" | "tool_call_part" | "tool_progress":
            return f"Tool {orjson.loads(event.data)['tool_name']}"
        case kind:
            return kind.replace("_", " ").capitalize()
