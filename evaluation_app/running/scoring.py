"""How an answered sample is judged, and its end written down."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from evaluation_app.running.judges import Judges, JudgesDesk, ask_outside
from evaluation_app.running.material import Case
from evaluation_app.running.store import Claimed, Ended, Scored
from evaluation_app.scorers.judging import Checked, State, Verdict, judge, judge_anyhow
from evaluation_app.scorers.sample import Sample, ToolCall
from evaluation_app.scorers.scorer import Scorer
from playground.models import PromptExecution
from providers.parts.shapes import text_of


async def scored(claimed: Claimed, answer: PromptExecution, case: Case, judges: Judges) -> Ended:
    """The end of a sample whose execution has completed: what its case's scorers say of the answer. Raises PutOff."""
    sample = _sample(answer, case)
    desks = judges.desks(claimed, answer, case.checks) if ask_outside(case.checks) else []
    verdict = await _verdict(case, sample, desks)
    error = next((each.error for each in verdict.checked if each.error), None)
    verdict_ids = [desk.verdict_id for desk in desks] or [None] * len(verdict.checked)
    return Ended(
        claimed.id,
        verdict.state,
        datetime.now(UTC),
        execution_id=answer.id,
        # Scored anew, it was paid before.
        cost=Decimal(0) if claimed.is_answered else answer.estimated_cost,
        judge_cost=sum((desk.cost for desk in desks), Decimal(0)) if desks else None,
        passed=verdict.passed,
        score=verdict.score,
        error_code=error.code if error else "",
        error_message=error.sentence if error else "",
        latency=None if "batch_id" in answer.metadata else _latency(answer) or 0.0,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        digest=_digest(judges.material.test.id, answer),
        scores=[
            _scored(position, each, verdict_id)
            for position, (each, verdict_id) in enumerate(zip(verdict.checked, verdict_ids, strict=True))
        ],
        judge_calls=[reply for desk in desks for reply in desk.replies],
    )


async def _verdict(case: Case, sample: Sample, desks: Sequence[JudgesDesk]) -> Verdict:
    if not case.checks:
        return Verdict(State.UNSCORED, None, None, ())
    if desks:
        return await judge_anyhow(case.checks, sample, desks)
    if all(isinstance(check.scorer, Scorer) and check.scorer.is_cheap(sample) for check in case.checks):
        # A few microseconds each: a thread would cost more than they do.
        return judge(case.checks, sample)
    return await asyncio.to_thread(judge, case.checks, sample)


def _sample(answer: PromptExecution, case: Case) -> Sample:
    told: dict[str, Any] = answer.answer or {}
    calls = told.get("tool_executions", ())
    return Sample(
        told.get("response", ""),
        expected=case.expected,
        tool_calls=tuple(ToolCall(call["tool_name"], call.get("arguments")) for call in calls),
        latency=_latency(answer),
        cost=answer.estimated_cost if answer.metadata.get("price_known") else None,
        schema_valid=answer.metadata.get("schema_valid"),
        variables=case.input,
        asked=what_was_asked(answer) if ask_outside(case.checks) else None,
    )


def _latency(answer: PromptExecution) -> float | None:
    """Seconds that the model took: how long this service, or a provider's limit, kept it waiting says nothing of it."""
    time: Any = answer.metadata.get("answer_time", answer.execution_time)
    return None if time is None else float(time)


def what_was_asked(answer: PromptExecution) -> str:
    """What the model was asked, in words."""
    asked: dict[str, Any] = answer.request
    turns = [{"role": "system", "content": asked.get("system_prompt") or ""}, *asked.get("messages", ())]
    told = [f"{turn['role']}: {text_of(turn.get('content') or '')}" for turn in turns if turn.get("content")]
    return "\n\n".join([*told, asked.get("prompt") or ""]).strip()


def _scored(position: int, checked: Checked, verdict_id: UUID | None) -> Scored:
    score, error = checked.score, checked.error
    return Scored(
        position=position,
        scorer=checked.check.scorer.name,
        scorer_hash=checked.check.scorer.scorer_hash,
        value=score.value if score else None,
        passed=score.passed if score and score.value is not None else None,
        reason=score.reason if score else error.sentence if error else "",
        error_code=error.code if error else "",
        execution_id=verdict_id,
    )


def _digest(test_id: UUID, answer: PromptExecution) -> str:
    """Equal for equal answers of one test; keyed, so that it tells nothing of an answer that could be guessed."""
    told = answer.answer or {}
    said = [
        told.get("response", ""),
        *(f"{call['tool_name']}{call.get('arguments')}" for call in told.get("tool_executions", ())),
    ]
    return hashlib.blake2b("\0".join(said).encode(errors="replace"), key=test_id.bytes, digest_size=8).hexdigest()
