"""Rounds of tools: the model's calls are run, it reads what they came to, and answers again.

Only tools that the run offers are run (T18), each call at most once, and at most `MOST_ROUNDS` rounds of them (T37).
A call of the caller's own tool, and one that a person has to allow, end the run: it is gone on with by `resuming`, so
that nothing waits in a process.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from foundation.metrics.elsewhere import waiting
from playground.engine.attempts import Attempts, Target
from playground.engine.run import Run
from playground.tools.calling import APPROVED, AWAITING_APPROVAL, REQUESTED, called, failed
from playground.tools.tool import Caller
from providers.errors import Code, ProviderFailure

MOST_ROUNDS: Final = 8
MOST_AT_ONCE: Final = 8
"""Calls of one round that are run beside each other."""
CALLING: Final = frozenset({"tool_calls", "stop"})
"""Why an answer ends whose calls are whole: some name none but `stop`."""
NOBODY_THERE: Final = "A person has to allow this call, and nobody is there: it was not run."


async def answered(run: Run, attempts: Attempts, targets: list[Target], *, deadline: float) -> None:
    """Feeds the run from the first target that works, until its model calls no tool that is run here; raises
    ProviderFailure."""
    if allowed := run.record.request.get("allowed"):
        run.take_round(allowed)
        await _run_calls(run, deadline=deadline)
        targets = attempts.next_round(targets)
    await attempts.answer(targets)
    while _calls_on(run):
        if run.rounds == MOST_ROUNDS:
            raise ProviderFailure(Code.TOOL_ROUNDS_EXCEEDED, f"After {MOST_ROUNDS} rounds it was stopped.")
        await _run_calls(run, deadline=deadline)
        if any(call["status"] in (REQUESTED, AWAITING_APPROVAL) for call in run.calls):
            return
        targets = attempts.next_round(targets)
        await attempts.answer(targets)


def _calls_on(run: Run) -> bool:
    return bool(run.tools) and run.finish is not None and run.finish.reason in CALLING and bool(run.calls)


async def _run_calls(run: Run, *, deadline: float) -> None:
    """Whatever can be run of this round's calls."""
    places = asyncio.Semaphore(MOST_AT_ONCE)
    offered = {tool["name"] for tool in run.record.request.get("tools", ())}

    async def one(call: dict[str, Any]) -> None:
        async with places:
            if outcome := await _outcome(run, call, offered, deadline=deadline):
                run.take_outcome(call, outcome)

    async with asyncio.TaskGroup() as group:
        for call in run.calls:
            if call["status"] in (REQUESTED, APPROVED):
                group.create_task(one(call))


async def _outcome(run: Run, call: dict[str, Any], offered: set[str], *, deadline: float) -> dict[str, Any] | None:
    """What the call came to; None where it is its caller's to run."""
    name, tool = call["tool_name"], run.tools.get(call["tool_name"])
    if tool is None:
        return None if name in offered else failed(f"There is no tool {name!r}: {', '.join(sorted(offered))}.")
    if tool.needs_approval and call["status"] != APPROVED:
        return failed(NOBODY_THERE) if run.origin.is_batch else {"status": AWAITING_APPROVAL}
    seconds = max(deadline - time.monotonic(), 0.001)
    caller = Caller(run.record.user_id, on_progress=lambda progress: run.tell_progress(call, progress))
    with waiting():
        return await called(tool, call["arguments"], caller, seconds=seconds)
