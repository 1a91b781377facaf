"""How an answered sample is judged, and its end written down."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from evaluation_app.running.material import Case
from evaluation_app.running.store import Claimed, Ended, Scored
from evaluation_app.scorers.judging import Checked, State, Verdict, judge, judge_anyhow
from evaluation_app.scorers.sample import Sample, ToolCall
from evaluation_app.scorers.scorer import Scorer
from playground.models import PromptExecution


async def scored(claimed: Claimed, answer: PromptExecution, case: Case, *, test_id: UUID) -> Ended:
    """The end of a sample whose execution has completed: what its case's scorers say of the answer."""
    sample = _sample(answer, case)
    verdict = await _verdict(case, sample)
    error = next((each.error for each in verdict.checked if each.error), None)
    return Ended(
        claimed.id,
        verdict.state,
        datetime.now(UTC),
        execution_id=answer.id,
        # Scored anew, it was paid before.
        cost=Decimal(0) if claimed.is_answered else answer.estimated_cost,
        passed=verdict.passed,
        score=verdict.score,
        error_code=error.code if error else "",
        error_message=error.sentence if error else "",
        latency=float(answer.execution_time or 0),
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        digest=_digest(test_id, answer),
        scores=[_scored(position, each) for position, each in enumerate(verdict.checked)],
    )


async def _verdict(case: Case, sample: Sample) -> Verdict:
    if not case.checks:
        return Verdict(State.UNSCORED, None, None, ())
    if all(isinstance(check.scorer, Scorer) and check.scorer.is_cheap(sample) for check in case.checks):
        # A few microseconds each: a thread would cost more than they do.
        return judge(case.checks, sample)
    return await judge_anyhow(case.checks, sample)


def _sample(answer: PromptExecution, case: Case) -> Sample:
    told: dict[str, Any] = answer.answer or {}
    calls = told.get("tool_executions", ())
    return Sample(
        told.get("response", ""),
        expected=case.expected,
        tool_calls=tuple(ToolCall(call["tool_name"], call.get("arguments")) for call in calls),
        latency=None if answer.execution_time is None else float(answer.execution_time),
        cost=answer.estimated_cost if answer.metadata.get("price_known") else None,
        schema_valid=answer.metadata.get("schema_valid"),
        variables=case.input,
    )


def _scored(position: int, checked: Checked) -> Scored:
    score, error = checked.score, checked.error
    return Scored(
        position=position,
        scorer=checked.check.scorer.name,
        scorer_hash=checked.check.scorer.scorer_hash,
        value=score.value if score else None,
        passed=score.passed if score and score.value is not None else None,
        reason=score.reason if score else error.sentence if error else "",
        error_code=error.code if error else "",
    )


def _digest(test_id: UUID, answer: PromptExecution) -> str:
    """Equal for equal answers of one test; keyed, so that it tells nothing of an answer that could be guessed."""
    told = answer.answer or {}
    said = [
        told.get("response", ""),
        *(f"{call['tool_name']}{call.get('arguments')}" for call in told.get("tool_executions", ())),
    ]
    return hashlib.blake2b("\0".join(said).encode(errors="replace"), key=test_id.bytes, digest_size=8).hexdigest()
