"""One call of a tool, from the model's arguments to a result that it can read: checked, timed, bounded, recorded.

Whatever goes wrong is told to the model as the call's error, so that it can mend it; a call never breaks its run.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from foundation.json_schema.reach import InvalidSchema
from foundation.json_schema.validators import TooMuch, validator_of
from foundation.words import number
from playground.tools.tool import Caller, Progress, Tool, ToolFailed

logger = logging.getLogger(__name__)

MOST_ARGUMENTS: Final = 64 * 1024
"""Bytes of JSON."""
MOST_RESULT: Final = 64 * 1024
"""Characters of a result as JSON or text; what is beyond is cut, and that is said."""
LONGEST: Final = 600.0
"""Seconds of a call whose tool tells how far it is; others have their patience."""
BETWEEN_WORDS: Final = 0.5
"""Seconds between two words on a call's progress that are handed on."""
LONGEST_ERROR: Final = 1_000
REQUESTED: Final = "requested"
INCOMPLETE: Final = "incomplete"
"""The status of a call that nobody may run: its arguments are the text that had come, even where that is JSON."""
AWAITING_APPROVAL: Final = "awaiting_approval"
APPROVED: Final = "approved"
"""A person has allowed it, and it is about to be run."""
COMPLETED: Final = "completed"
FAILED: Final = "failed"
ANSWERED: Final = frozenset({COMPLETED, FAILED})
"""What has a result or an error, which a model can read."""


async def called(tool: Tool, arguments: Any, caller: Caller, *, seconds: float) -> dict[str, Any]:
    """What the call came to: `{status, result | error, execution_time}`, the time in seconds; it raises nothing but
    CancelledError. A result that was cut is a text, and has `truncated`."""
    started = time.monotonic()
    try:
        check(tool, arguments)
        result = await _timed(tool, arguments, caller, seconds=min(seconds, LONGEST))
        outcome = _bounded(result)
    except ToolFailed as failure:
        outcome = failed(str(failure))
    except Exception:
        logger.exception("tool_broke", extra={"tool": tool.name})
        outcome = failed("The tool made a mistake; it is logged.")
    return {**outcome, "execution_time": round(time.monotonic() - started, 3)}


async def _timed(tool: Tool, arguments: Mapping[str, Any], caller: Caller, *, seconds: float) -> Any:
    """What it gives. Each word on its progress has its patience begin anew, `seconds` in all; raises ToolFailed."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    patience = min(tool.patience, seconds)
    words: list[float] = []
    """When one was handed on."""

    def heard(progress: Progress) -> None:
        now = loop.time()
        if clock.expired():
            return
        clock.reschedule(min(now + patience, end))
        if not words or now - words[-1] >= BETWEEN_WORDS:
            words.append(now)
            caller.on_progress(progress)

    clock = asyncio.timeout(patience)
    try:
        async with clock:
            return await tool.run(arguments, replace(caller, on_progress=heard))
    except TimeoutError:
        if not clock.expired():
            raise
    if not words:
        raise ToolFailed(f"{tool.name} did not answer within {patience:.0f} seconds.")
    if loop.time() >= end:
        raise ToolFailed(f"{tool.name} told of its progress, and did not end within {seconds:.0f} seconds.")
    raise ToolFailed(f"{tool.name} told of its progress, and then nothing for {patience:.0f} seconds.")


def failed(message: str) -> dict[str, Any]:
    """The outcome of a call that came to nothing."""
    return {"status": FAILED, "error": message[:LONGEST_ERROR]}


def check(tool: Tool, arguments: Any) -> None:
    """Raises ToolFailed where the arguments are not what the tool's schema wants, and names the place."""
    if tool.unavailable_reason:
        raise ToolFailed(tool.unavailable_reason)
    if not isinstance(arguments, Mapping):
        raise ToolFailed("The arguments are not a JSON object.")
    if len(orjson.dumps(arguments)) > MOST_ARGUMENTS:
        raise ToolFailed(f"The arguments have more than {number(MOST_ARGUMENTS)} bytes.")
    try:
        misfit = validator_of(dict(tool.parameters)).misfit(dict(arguments))
    except (TooMuch, InvalidSchema) as error:
        raise ToolFailed(str(error)) from None
    if misfit is not None:
        raise ToolFailed(f"The arguments do not fit at {misfit.pointer or 'the top'}: {misfit.message}")


def _bounded(result: Any) -> dict[str, Any]:
    try:
        written = result if isinstance(result, str) else orjson.dumps(result).decode()
    except (TypeError, orjson.JSONEncodeError):
        return failed("The tool gave what is no JSON.")
    if len(written) <= MOST_RESULT:
        return {"status": COMPLETED, "result": result}
    note = f"\n[cut: {len(written)} characters, the first {MOST_RESULT} are shown]"
    return {"status": COMPLETED, "result": written[:MOST_RESULT] + note, "truncated": True}
