"""Which of the calls that come in a rule scores: always the same, whoever asks and however often."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db import transaction

from accounts.models import User
from evaluation_app.models import CallScore, ScoringRule
from foundation.tasks import send_task
from playground.models import PromptExecution, Status


def is_drawn(trace_id: str, share: float) -> bool:
    """Whether a trace is among `share` percent of all; what a smaller share draws, a larger one draws too."""
    place = int.from_bytes(hashlib.sha256(trace_id.encode()).digest()[:8]) / 2**64
    return place * 100 < share


def hear(user: User, execution_ids: list[UUID]) -> None:
    """Puts new calls down for every rule that wants them, in the transaction that writes them."""
    rules = list(ScoringRule.objects.filter(user=user, is_active=True, share__gt=0))
    if not rules:
        return
    rows = PromptExecution.objects.filter(id__in=execution_ids, status=Status.COMPLETED)
    told = list(rows.values_list("id", "model_id", "session__project_id", "metadata__otel_trace"))
    for rule in rules:
        wanted = [
            CallScore(rule=rule, execution_id=execution_id)
            for execution_id, model_id, project_id, trace in told
            if rule.model_id in ("", model_id)
            and rule.project_id in ("", project_id)
            and rule.service in ("", trace["service"])
            and is_drawn(trace["trace_id"], rule.share)
        ]
        CallScore.objects.bulk_create(wanted, ignore_conflicts=True)
        if wanted:
            transaction.on_commit(lambda rule_id=rule.id: ring(rule_id))  # type: ignore[misc]


def ring(rule_id: UUID) -> None:
    """Has a worker score what waits; where none hears, the sweeper rings again."""
    send_task("evaluation_app.tasks.score_calls", rule_id=str(rule_id))
