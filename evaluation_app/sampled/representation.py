"""Rules and scored calls in JSON."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from evaluation_app.models import CallScore, ScoringRule
from evaluation_app.sampled.working import spent_today


def rule_json(rule: ScoringRule) -> dict[str, Any]:
    """A rule, with what it has spent today."""
    now = timezone.now()
    spent = spent_today(rule, now=now)
    return {
        "id": rule.id,
        "name": rule.name,
        "service": rule.service,
        "model_id": rule.model_id,
        "project_id": rule.project_id,
        "share": rule.share,
        "scorers": rule.scorers,
        "suite_id": rule.suite_id,
        "budget_per_day": float(rule.budget_per_day),
        "is_active": rule.is_active,
        "spent_today": float(spent),
        "is_budget_reached": rule.reached_on == now.date(),
        "created_at": rule.created_at,
    }


def call_json(row: CallScore) -> dict[str, Any]:
    """A call as a rule found it."""
    return {
        "execution_id": row.execution_id,
        "rule_id": row.rule_id,
        "rule_name": row.rule.name,
        "state": row.state,
        "score": row.score,
        "scores": row.scores or [],
        "cost": float(row.cost),
        "scored_at": row.scored_at,
    }
